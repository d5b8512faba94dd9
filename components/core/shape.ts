import * as z from "zod";
import { type Duration, seconds } from "./duration.ts";
import { didYouMean, type Faults } from "./fault.ts";
import { nameProblem } from "./name.ts";
import { isOutput, type Leaf } from "./object.ts";
import { type Quantity, quantityValue } from "./quantity.ts";

/** What is wrong with a value, and what to write instead; undefined when nothing is. */
export type Verdict = readonly [problem: string, remedy: string] | undefined;

/** Narrows a schema by a rule that can say what to do. */
export function checked<T extends z.ZodType>(schema: T, judge: (value: z.output<T>) => Verdict): T {
  return schema.superRefine((value, context) => {
    const verdict = judge(value);
    if (verdict === undefined) return;
    context.addIssue({ code: "custom", input: value, params: { problem: verdict[0], remedy: verdict[1] } });
  });
}

/** A schema for each property of an interface: adding a property without a schema is a compile error. */
export type ShapeOf<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

/** An object with these properties and no others. */
export function strict<T extends object>(shape: ShapeOf<T>): z.ZodType<T> {
  return z.strictObject(shape as z.ZodRawShape) as unknown as z.ZodType<T>;
}

/** A property that may be absent. The type says so in the interface; the schema's own type need not repeat it. */
export function maybe<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return schema.optional() as z.ZodType<T>;
}

/** An object with any keys and values of one schema. */
export function recordOf<T>(schema: z.ZodType<T>): z.ZodType<Readonly<Record<string, T>>> {
  return z.record(z.string(), schema);
}

/** Text that may be an Output. */
export const leafText: z.ZodType<Leaf<string>> = z.custom<Leaf<string>>(
  (value) => typeof value === "string" || isOutput(value),
  { params: { problem: "but a text or an Output is expected", remedy: "write it in quotes" } },
);

/** "250m", "128Mi". */
export const quantity: z.ZodType<Quantity> = checked(z.string(), (text) =>
  quantityValue(text) === undefined
    ? ["but it is no Kubernetes quantity", 'write a number with a unit, such as "250m" for CPU or "128Mi" for memory']
    : undefined,
);

/** "30s", "1m30s". */
export const duration: z.ZodType<Duration> = checked(z.string(), (text) =>
  seconds(text) === undefined
    ? ["but it is no duration", 'write a number with a unit, such as "30s" or "1m30s"']
    : undefined,
);

/** A component's name. */
export const componentName: z.ZodType<string> = checked(z.string(), (text) => {
  const problem = nameProblem(text);
  return problem === undefined ? undefined : [problem, "use at most 52 characters of the form order-history"];
});

/** A TCP port. */
export const port: z.ZodType<number> = checked(z.number(), (value) =>
  Number.isInteger(value) && value >= 1 && value <= 65535
    ? undefined
    : ["but a port is a whole number from 1 to 65535", "use for example 8080"],
);

/** A whole number of at least `least`. */
export function whole(least: number): z.ZodType<number> {
  return checked(z.number(), (value) =>
    Number.isInteger(value) && value >= least
      ? undefined
      : [`but a whole number of ${least} or more is expected`, `use ${least} or more`],
  );
}

type Issue = z.core.$ZodIssue;

/** Checks a value against a schema; every fault is noted with its path, value and remedy. */
export function checkShape<T>(faults: Faults, schema: z.ZodType<T>, value: unknown, prefix = ""): value is T {
  const result = schema.safeParse(value);
  if (result.success) return true;
  for (const issue of result.error.issues) noteIssue(faults, schema, value, issue, [], prefix);
  return false;
}

function noteIssue(
  faults: Faults,
  schema: z.ZodType,
  root: unknown,
  issue: Issue,
  parents: readonly PropertyKey[],
  prefix: string,
): void {
  const path = [...parents, ...issue.path];
  const place = pathText(path, prefix);
  const value = valueAt(root, path);
  switch (issue.code) {
    case "unrecognized_keys":
      for (const key of issue.keys) {
        const keyPath = pathText([...path, key], prefix);
        faults.add(
          keyPath,
          valueAt(root, [...path, key]),
          "but no such property is known",
          didYouMean(key, knownKeys(schema, path)),
        );
      }
      return;
    case "invalid_union": {
      const branch = likelyBranch(issue.errors);
      if (branch === undefined || branch.every((inner) => inner.path.length === 0 && inner.code === "invalid_type")) {
        faults.add(place, value, "but it has none of the allowed forms", "see the documentation of this property");
        return;
      }
      for (const inner of branch) noteIssue(faults, schema, root, inner, path, prefix);
      return;
    }
    case "custom":
      faults.add(
        place,
        value,
        String(issue.params?.["problem"] ?? issue.message),
        String(issue.params?.["remedy"] ?? "correct it"),
      );
      return;
    case "invalid_type":
      faults.add(
        place,
        value,
        value === undefined ? "but it is required" : `but ${article(issue.expected)} is expected`,
        "give one",
      );
      return;
    case "invalid_value":
      faults.add(place, value, "but it is none of the allowed values", allowedValues(value, issue.values));
      return;
    default:
      faults.add(place, value, `but ${issue.message}`, "correct it");
  }
}

function allowedValues(value: unknown, allowed: readonly unknown[]): string {
  const words = allowed.map(String);
  return typeof value === "string" ? didYouMean(value, words) : `use one of ${words.join(", ")}`;
}

/** Of a union's branches the one that the user most likely meant: the deepest first fault, then the fewest faults. */
function likelyBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const score = (issues: readonly Issue[]) => {
    const missing = issues.filter((issue) => issue.code === "invalid_type" && issue.path.length > 0).length;
    const wrongForm = issues.some((issue) => issue.path.length === 0 && issue.code === "invalid_type");
    return issues.length + missing * 2 + (wrongForm ? 100 : 0);
  };
  return [...branches].sort((a, b) => score(a) - score(b))[0];
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function pathText(path: readonly PropertyKey[], prefix: string): string {
  return [...(prefix === "" ? [] : [prefix]), ...path.map(String)].join(".");
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

/** The property names that the schema knows at a path; empty where the schema is open or cannot be looked into. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let candidates: readonly z.core.$ZodType[] = [schema];
  for (const key of path) candidates = candidates.flatMap((candidate) => step(candidate, key));
  return candidates.flatMap((candidate) => {
    const open = unwrap(candidate);
    return open.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
  });
}

function step(schema: z.core.$ZodType, key: PropertyKey): readonly z.core.$ZodType[] {
  return unwrap(schema).flatMap((one) => {
    if (one instanceof z.ZodObject) return one.shape[String(key)] === undefined ? [] : [one.shape[String(key)]];
    if (one instanceof z.ZodArray) return [one.element];
    if (one instanceof z.ZodRecord) return [one.valueType];
    return [];
  });
}

function unwrap(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => unwrap(option));
  return [schema];
}
