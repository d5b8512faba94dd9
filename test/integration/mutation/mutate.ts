import fc from "fast-check";
import { sound, type Written } from "./subject.ts";

type Path = readonly (string | number)[];

/** One thing that a hand can do to a file. */
interface Mutation {
  /** Which of the subject's values, in the order of its lines. */
  readonly place: number;
  readonly deed: Deed;
}

type Deed =
  | { readonly does: "delete" | "wrap" | "list" | "number" | "text" }
  | { readonly does: "replace"; readonly value: unknown }
  | { readonly does: "rename"; readonly at: number; readonly letter: string }
  | { readonly does: "type"; readonly at: number; readonly letter: string }
  | { readonly does: "copy"; readonly from: number }
  | { readonly does: "scale"; readonly by: number }
  | { readonly does: "nudge"; readonly by: number };

const LETTERS = ["x", "-", ".", " ", "/", ":", "A", "0", "ü", "\n", '"', "{", "%", "é́", "", "__proto__"];

const ODD: readonly unknown[] = [
  null,
  undefined,
  true,
  false,
  "",
  " ",
  0,
  -1,
  1,
  2.5,
  1e21,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  [],
  {},
  [[]],
  [null],
  { "": 1 },
  "null",
  "8080",
  "1e3",
  "-5s",
  "0s",
  "99999h",
  "1.5m",
  "100%",
  "0",
  "64Mi",
  "128mi",
  "1e-9",
  "../..",
  "/",
  "//",
  "a b",
  "UPPER",
  "constructor",
  "toString",
  "x".repeat(300),
  "日本",
  "order",
  "user:latest",
  { value: "hunter2" },
  () => "function",
  new Date(0),
  10n,
  Symbol("s"),
];

const position = fc.nat({ max: 40 });
const letter = fc.constantFrom(...LETTERS);
const place = fc.nat({ max: 100_000 });

// Small changes come most often: what is absurd is refused by the first rule, and what nearly fits by the last.
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ does: "delete" as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Deed[]>({ does: "wrap" }, { does: "list" }, { does: "number" }, { does: "text" }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("replace" as const),
      value: fc.oneof(fc.constantFrom(...ODD), fc.jsonValue()),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("rename" as const), at: position, letter }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("type" as const), at: position, letter }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("copy" as const), from: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("scale" as const), by: fc.constantFrom(-1, 0, 0.1, 2, 10, 1000, 1e6) }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("nudge" as const), by: fc.constantFrom(-2, -1, 1, 2, 7) }) },
);

/** One to three mutations of what is sound. */
export const written: fc.Arbitrary<Written> = fc
  .array(fc.record<Mutation>({ place, deed }), { minLength: 1, maxLength: 3, size: "xsmall" })
  .map((mutations) => mutations.reduce<Written>(mutated, sound));

function mutated(subject: Written, mutation: Mutation): Written {
  const places = [...paths(subject, [])];
  const path = places[mutation.place % places.length] ?? [];
  const parent = path.slice(0, -1);
  const key = path.at(-1) ?? "";
  const { deed } = mutation;
  switch (deed.does) {
    case "delete":
      return put(subject, parent, without(at(subject, parent), key)) as Written;
    case "rename": {
      const { [key]: value, ...rest } = at(subject, parent) as Record<string, unknown>;
      const other = { ...rest, [spoilt(String(key), deed)]: value };
      return put(subject, parent, Array.isArray(at(subject, parent)) ? Object.values(other) : other) as Written;
    }
    case "copy":
      return put(subject, path, at(subject, places[deed.from % places.length] ?? [])) as Written;
    default:
      return put(subject, path, changed(at(subject, path), deed)) as Written;
  }
}

function changed(value: unknown, deed: Deed): unknown {
  switch (deed.does) {
    case "replace":
      return deed.value;
    case "wrap":
      return { value };
    case "list":
      return [value];
    case "number":
      return Number(value);
    case "text":
      return String(value);
    case "type":
      return typeof value === "string" ? spoilt(value, deed) : deed.letter;
    case "nudge":
      return nudged(value, deed.by);
    case "scale":
      return typeof value === "number" ? value * deed.by : deed.by;
    default:
      return value;
  }
}

/** The same, a little more or less: 8 becomes 9, "30s" becomes "31s". */
function nudged(value: unknown, by: number): unknown {
  if (typeof value === "number") return value + by;
  if (typeof value === "boolean") return !value;
  if (typeof value === "string" && /\d/.test(value))
    return value.replace(/\d+/, (digits) => String(Number(digits) + by));
  return typeof value === "string" ? `${value}-${by}` : value;
}

function spoilt(text: string, { at, letter }: { readonly at: number; readonly letter: string }): string {
  const from = Math.min(at, text.length);
  return text.slice(0, from) + letter + text.slice(from + (letter === "" ? 1 : 0));
}

/** Every value below the two roots, which stay what they are. */
function* paths(value: unknown, path: Path): Generator<Path> {
  if (path.length > 1) yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* paths(inner, [...path, key]);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}

function without(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value.filter((_, index) => String(index) !== String(key));
  return Object.fromEntries(Object.entries(value as object).filter(([name]) => name !== key));
}

function put(value: unknown, path: Path, inner: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return inner;
  if (Array.isArray(value)) {
    return value.map((old: unknown, index) => (String(index) === String(key) ? put(old, rest, inner) : old));
  }
  const own = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(own).map(([name, old]) => [name, name === key ? put(old, rest, inner) : old]),
  );
}
