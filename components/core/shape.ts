import * as z from "zod";
import { type Duration, seconds } from "./duration.ts";
import { Faults } from "./fault.ts";
import { isHostName, nameProblem } from "./name.ts";
import { isOutput, type Leaf } from "./object.ts";
import { type Quantity, quantityValue } from "./quantity.ts";
import { ruled, surelyFits } from "./shape-fit.ts";
import { noteIssues } from "./shape-issue.ts";

/** What is wrong with a value, and what to write instead; undefined when nothing is. */
export type Verdict = readonly [problem: string, remedy: string] | undefined;

/** Narrows a schema by a rule that can say what to do. */
export function checked<T extends z.ZodType>(schema: T, judge: (value: z.output<T>) => Verdict): T {
  const narrowed = schema.superRefine((value, context) => {
    const verdict = judge(value);
    if (verdict === undefined) return;
    const [problem, remedy] = verdict;
    // A rule that builds on this one would only say the same again.
    context.addIssue({ code: "custom", input: value, continue: false, params: { problem, remedy } });
  });
  return ruled(narrowed, schema, (value) => judge(value as z.output<T>) === undefined);
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

/** An object with values of one schema, and keys of another. */
export function recordOf<T>(
  schema: z.ZodType<T>,
  keys: z.ZodType<string> = z.string(),
): z.ZodType<Readonly<Record<string, T>>> {
  return z.record(keys as z.ZodString, schema);
}

/** A list that is left out where it would be empty: Kubernetes reads an empty one as "all". */
export function someOf<T>(schema: z.ZodType<T>): z.ZodType<readonly T[]> {
  return checked(z.array(schema), (list) =>
    list.length === 0
      ? ["but Kubernetes reads an empty list as all", "leave the property out for all, or name some"]
      : undefined,
  );
}

/** Text that may be an Output. */
export const leafText: z.ZodType<Leaf<string>> = z
  .custom<Leaf<string>>((value) => typeof value === "string" || isOutput(value), {
    params: { problem: "but it is neither text nor an Output", remedy: "write it in quotes" },
  })
  .describe("a text or an Output");

/** Text that says something. */
export const filled: z.ZodType<string> = checked(z.string(), (text) =>
  text.trim() === "" ? ["but it is empty", "give a text, or leave the property out"] : undefined,
);

/** A label's value. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
export const labelValue: z.ZodType<string> = checked(z.string(), (text) =>
  /^[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/.test(text)
    ? undefined
    : ["but a label's value has at most 63 letters, digits, dots, hyphens and underscores", `use ${asLabel(text)}`],
);

function asLabel(text: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^-._a-z0-9]+/g, "-")
    .replace(/^[-._]+/, "");
  return JSON.stringify(label.slice(0, 63).replace(/[-._]+$/, "") || "checkout");
}

/** A namespace's name: an RFC 1123 label, which unlike a component's name may begin with a digit. */
export const namespaceName: z.ZodType<string> = checked(z.string(), (text) =>
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
    ? undefined
    : ["but a namespace has at most 63 lower-case letters, digits and hyphens", 'use for example "shop-dev"'],
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

/** A duration that Kubernetes counts in seconds. */
export const wholeSeconds: z.ZodType<Duration> = checked(duration, (text) =>
  Number.isInteger(seconds(text)) ? undefined : ["but Kubernetes counts whole seconds here", 'use for example "5s"'],
);

/** The path of a folder in a container, fit to be mounted at. */
export const absolutePath: z.ZodType<string> = checked(z.string(), (path) =>
  /^(\/[^/:]+)+$/.test(path)
    ? undefined
    : ["but it is no absolute path of a folder, or has a slash or colon too many", 'use for example "/tmp"'],
);

/** A component's name. */
export const componentName: z.ZodType<string> = checked(z.string(), (text) => {
  const problem = nameProblem(text);
  return problem === undefined ? undefined : [problem, "use at most 52 characters of the form order-history"];
});

/** The name of an object: an RFC 1123 subdomain. */
export const objectName: z.ZodType<string> = checked(z.string(), (text) =>
  isHostName(text)
    ? undefined
    : ["but an object's name has lower-case letters, digits, hyphens and dots", 'use for example "order"'],
);

/** The name of a container or volume: an RFC 1123 label. */
export const partName: z.ZodType<string> = checked(z.string(), (text) =>
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
    ? undefined
    : ["but a name here has at most 63 lower-case letters, digits and hyphens", 'use for example "cache"'],
);

export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535;
}

/** A TCP port. */
export const port: z.ZodType<number> = checked(z.number(), (value) =>
  isPort(value) ? undefined : ["but a port is a whole number from 1 to 65535", "use for example 8080"],
);

/** A whole number of at least `least`. */
export function whole(least: number): z.ZodType<number> {
  return checked(z.number(), (value) =>
    Number.isInteger(value) && value >= least
      ? undefined
      : [`but a whole number of ${least} or more is expected`, `use ${least} or more`],
  );
}

/** Checks a value against a schema; every fault is noted with its path, value and remedy. */
export function checkShape<T>(faults: Faults, schema: z.ZodType<T>, value: unknown, prefix = ""): value is T {
  if (surelyFits(schema, value)) return true;
  const result = schema.safeParse(value);
  if (result.success) return true;
  noteIssues(faults, schema, value, result.error.issues, prefix);
  return false;
}

/** Gathers faults under the name that the props give, where they give one. */
export function faultsOf(props: { readonly name: string }, fallback: string): Faults {
  const given: unknown = props;
  if (typeof given !== "object" || given === null || !("name" in given)) return new Faults(fallback);
  return new Faults(typeof given.name === "string" && given.name !== "" ? given.name : fallback);
}

/**
 * Runs a check that reads these properties and no others, unless the shape of one of them is at fault: what follows from
 * a fault that is already told would only hide it.
 */
export function whereSound<T extends object, K extends keyof T & string>(
  faults: Faults,
  props: T,
  keys: readonly K[],
  check: (part: Pick<T, K>) => void,
): void {
  if (faults.found.length === 0 || !["", ...keys].some((key) => faults.touches(key))) check(props);
}
