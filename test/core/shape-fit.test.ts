import fc from "fast-check";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import type * as Fit from "../../components/core/shape-fit.ts";

/** What was asked of the quick check and what it said, with zod's own answer. */
const asked: { answers: { quick: boolean; zod: boolean; value: unknown }[] } = { answers: [] };
const FIT = "../../components/core/shape-fit.ts";

// Modules that other files have loaded already would not ask the one that listens.
vi.resetModules();
vi.doMock(FIT, async (original) => {
  const actual = await original<typeof Fit>();
  const surelyFits: typeof Fit.surelyFits = (schema, value) => {
    const quick = actual.surelyFits(schema, value);
    asked.answers.push({ quick, zod: z.safeParse(schema, value).success, value });
    return quick;
  };
  return { ...actual, surelyFits };
});
afterAll(() => {
  vi.doUnmock(FIT);
  vi.resetModules();
});

const { Faults } = await import("../../components/core/fault.ts");
const { checked, checkShape, filled, leafText, maybe, port, recordOf, strict, whole } = await import(
  "../../components/core/shape.ts"
);
const { surelyFits } = await import("../../components/core/shape-fit.ts");
const { concealed } = await import("../../components/core/shape-issue.ts");
const { written } = await import("../integration/mutation/mutate.ts");
const { outcome, sound } = await import("../integration/mutation/subject.ts");

afterEach(() => {
  asked.answers = [];
});

const wronglyTrusted = () => asked.answers.filter(({ quick, zod }) => quick && !zod);
const neverTrusted = () => asked.answers.filter(({ quick, zod }) => !quick && zod);

describe("the quick check", () => {
  test("trusts every component of an environment that is sound, so that zod is not asked", () => {
    expect(outcome(sound)).toHaveProperty("environments");
    const isComponent = ({ value }: { value: unknown }) => Object.hasOwn(Object(value), "calls");
    expect(asked.answers.filter(isComponent).length).toBeGreaterThan(10);
    expect(neverTrusted().filter(isComponent)).toEqual([]);
  });

  test("trusts nothing that zod refuses, whatever is done to an environment", () => {
    fc.assert(
      fc.property(written, (subject) => {
        asked.answers = [];
        outcome(subject);
        expect(wronglyTrusted()).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

const shape = strict<Record<string, unknown>>({
  text: z.string(),
  number: z.number(),
  truth: maybe(z.boolean()),
  nothing: z.null(),
  word: z.enum(["a", "b"]),
  literal: maybe(z.literal([1, false])),
  list: z.array(port),
  map: recordOf(
    filled,
    checked(z.string(), (key) => (key === "bad" ? ["but bad", "use another"] : undefined)),
  ),
  either: z.union([strict<{ a: number }>({ a: whole(1) }), z.string()]),
  json: z.json(),
  leaf: concealed(leafText),
  address: maybe(z.url()),
  short: maybe(z.string().max(3)),
  some: maybe(z.array(z.string()).min(2)),
  long: maybe(z.string().min(1).min(3)),
  loose: maybe(z.looseObject({ a: z.string() })),
  anything: maybe(z.unknown()),
});
const right = {
  text: "",
  number: 1,
  nothing: null,
  word: "a",
  list: [80],
  map: { a: "b" },
  either: { a: 1 },
  json: { a: [1, null] },
  leaf: "x",
};

/** The same value as a shape of one's own would see it. */
const both = (value: unknown) => {
  checkShape(new Faults("test"), shape, value);
  const [answer] = asked.answers.splice(0);
  return answer;
};

test("what is right is trusted", () => {
  expect(both(right)).toMatchObject({ quick: true, zod: true });
  expect(
    both({ ...right, truth: undefined, literal: false, loose: { a: "b", c: 1 }, anything: Symbol("a") }),
  ).toMatchObject({ quick: true, zod: true });
});

test.each([
  ["a URL", { address: "https://example.com" }],
  ["a length", { short: "abc" }],
])("%s is left to zod", (_, more) => {
  expect(both({ ...right, ...more })).toMatchObject({ quick: false, zod: true });
});

test("a least length is a rule that is known", () => {
  expect(both({ ...right, some: ["a", "b"], long: "abc" })).toMatchObject({ quick: true, zod: true });
  for (const more of [{ some: ["a"] }, { some: "ab" }, { long: "ab" }, { long: ["a", "b", "c"] }]) {
    expect(both({ ...right, ...more })).toMatchObject({ quick: false, zod: false });
  }
});

class Instance {
  a = 1;
}
const ODD: readonly unknown[] = [
  undefined,
  null,
  "",
  " ",
  "bad",
  0,
  -1,
  2.5,
  70000,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  10n,
  [],
  new Array(2),
  [80, undefined],
  {},
  { a: 0 },
  { a: 1, b: 2 },
  { a: undefined },
  { bad: "x" },
  { a: "" },
  JSON.parse('{"__proto__": "x"}'),
  JSON.parse('{"a": 1, "__proto__": { "b": 2 }}'),
  Object.create({ a: 1 }),
  Object.assign(Object.create(null), { a: 1 }),
  Object.defineProperty({}, "a", { value: "x", enumerable: false }),
  { [Symbol("s")]: 1 },
  { a: 1, [Symbol("s")]: 1 },
  new Instance(),
  new Map(),
  new Date(0),
  () => 1,
];

test.each(Object.keys(right))("nothing odd is trusted as %s that zod refuses", (key) => {
  for (const odd of ODD)
    expect(both({ ...right, [key]: odd }), String(key)).not.toMatchObject({ quick: true, zod: false });
  const { [key]: _, ...without } = right as Record<string, unknown>;
  expect(both(without)).not.toMatchObject({ quick: true, zod: false });
});

test("a whole that is odd is not trusted", () => {
  for (const odd of [...ODD, Object.create(right), Object.assign(new Instance(), right), { ...right, more: 1 }]) {
    expect(both(odd)).toMatchObject({ quick: false, zod: z.safeParse(shape, odd).success });
  }
  const hidden = Object.defineProperty({ ...right }, "text", { value: 1, enumerable: false });
  expect(both(hidden)).toMatchObject({ quick: false, zod: false });
});

test.each<[string, z.ZodType, unknown]>([
  ["a map that must have each of some keys", z.record(z.enum(["a", "b"]), z.string()), { a: "x" }],
  ["what fits one of two and no more", z.xor([z.string(), z.union([z.string(), z.number()])]), "x"],
  ["what may be left out but not undefined", z.strictObject({ a: z.string().exactOptional() }), { a: undefined }],
])("%s is left to zod, which refuses it", (_, schema, value) => {
  expect(surelyFits(schema, value)).toBe(false);
  expect(schema.safeParse(value).success).toBe(false);
});

test("a shape that holds itself is looked into as deep as the value is", () => {
  const tree: z.ZodType = z.lazy(() => strict<{ inner: unknown }>({ inner: maybe(tree) }));
  expect(surelyFits(tree, { inner: { inner: {} } })).toBe(true);
  expect(surelyFits(tree, { inner: { inner: { other: 1 } } })).toBe(false);
});
