import fc from "fast-check";

/** Strings that one YAML or the other reads as something else, or that break naive writers. */
const NASTY = [
  ..."y n yes no on off true false null ~ Yes NO On OFF True NULL Null YES y: n:".split(" "),
  ..."0 00 007 0o17 0x1F 0b11 1_000 1e3 1E5 1.5e+3 .5 5. 1.10 1.0.0 -1 +1 - -- --- ... .inf -.INF .nan".split(" "),
  ..."190:20:30 1:2 12:30 2001-12-14 2001-12-14T21:59:43.10-05:00 = << ! !!str !tag & &a * *a ? : , [ ] { } # % @ ` | > ' \"".split(
    " ",
  ),
  ..."30s 250m 128Mi 1.5Gi 99.9% 1e 1E 0x 0xAm 1m30s e5 _1 _ -.5m NaN Infinity inf nan -inf".split(" "),
  "",
  " ",
  " a",
  "a ",
  "a: b",
  "a:",
  ":a",
  "a #b",
  "a#b",
  "- a",
  "? a",
  "a\\b",
  "a\tb",
  "\ta",
  "\n",
  "a\n",
  "a\nb",
  "a\n\n",
  "\na",
  " a\nb",
  "a\n b\n",
  "a \nb",
  "a\r\nb",
  "a\rb",
  "---\na",
  "a\n---\nb\n",
  "a\n...\n",
  "# not a comment\nkey: value\n",
  "%YAML 1.2\n",
  "a\u0085b",
  "a\u2028b\nc",
  "\ufeffa",
  "a\u0000b",
  "a\u007fb",
  "\u00a0",
  "a\u00a0\nb",
  "žluťoučký kůň",
  "日本語\nテキスト\n",
  "🐙",
  "🐙\n🐙",
  "__proto__",
  "constructor",
  "x".repeat(200),
  "word ".repeat(60),
  "registry.example.com:5000/shop/order:1.0.0@sha256:abc",
  "http://shop.example.com/a?b=c&d=e#f",
  "{{ .Values.name }}",
  "{}",
  "[]",
];

const text = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: "binary" }).filter((one) => one.isWellFormed()),
  fc.string({ unit: fc.constantFrom(..."ab01-: #\n\t'\"\\{}[],&*!|>%@`~?=._+eExoynNY") }),
  fc
    .tuple(fc.constantFrom(...NASTY), fc.constantFrom("\n", " ", ":", ": ", ""), fc.constantFrom(...NASTY))
    .map((parts) => parts.join("")),
);

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => (Object.is(one, -0) ? 0 : one)),
  fc.constantFrom(0, 1e21, 1e-7, 1.5e300, 5e-324, 0.1, 100, 1e100),
);

/** Whatever JSON can hold, nasty texts among keys and values. */
export const jsonValue = fc.letrec<{ value: unknown; list: unknown[]; map: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, text, number, fc.boolean(), fc.constant(null), tie("list"), tie("map")),
  list: fc.array(tie("value"), { maxLength: 4 }),
  map: fc.dictionary(text, tie("value"), { maxKeys: 5, noNullPrototype: true }),
})).value;

export const jsonText = text;
