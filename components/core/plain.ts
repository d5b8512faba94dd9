import type { Fault } from "./fault.ts";
import { isOutput } from "./object.ts";

/** Whether a value is an object literal: nothing that a file would lose when it writes the properties down. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isOutput(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * A copy for code that is not ours, which may write to what it gets or expect every map to have Object's prototype.
 * Undefined properties are left out; Outputs and everything else that is no plain value are kept as they are.
 */
export function plainCopy<T>(value: T): T;
export function plainCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => plainCopy(item));
  if (!isPlainObject(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(kept.map(([key, inner]) => [key, plainCopy(inner)]));
}

/** Every value inside a value that no file can hold, with its path. The values are not shown: one of them may be secret. */
export function unplainFaults(component: string, path: string, value: unknown): readonly Fault[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => unplainFaults(component, `${path}.${index}`, item));
  if (isPlainObject(value)) {
    return Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : unplainFaults(component, `${path}.${key}`, inner),
    );
  }
  if (isOutput(value)) {
    return [
      {
        component,
        path,
        problem: "is an Output, which only the engine can resolve",
        remedy: "give a plain value here, or deliver this environment with `pulumi up`",
      },
    ];
  }
  const noun = unplainNoun(value);
  if (noun === undefined) return [];
  return [
    {
      component,
      path,
      problem: `is ${noun}, and no file can hold one`,
      remedy: "give text, a number, a list or an object",
    },
  ];
}

/** What a single value is, where it is none that JSON has. */
function unplainNoun(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? undefined : "text with half a character (a lone surrogate)";
    case "number":
      return Number.isFinite(value) ? undefined : "a number without a value (NaN or infinite)";
    case "boolean":
      return undefined;
    case "object":
      return value === null ? undefined : `an instance of ${value.constructor?.name ?? "a class"}`;
    case "undefined":
      return "a gap in a list";
    default:
      return `a ${typeof value}`;
  }
}

/** What stands at a path of properties; undefined where one is missing, or where an Output hides the rest. */
export function inside(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || isOutput(found) || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

/** The items at a path of properties; none where no list stands there. */
export function itemsInside(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = inside(value, ...path);
  return Array.isArray(found) ? found : [];
}
