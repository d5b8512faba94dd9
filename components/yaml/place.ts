import { isCollection, isMap, isNode, type Node } from "yaml";
import type { Fault } from "../core/fault.ts";

/** File, line and column of an offset. */
export type At = (offset: number) => string;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object lacks to be one that Kubernetes could know, each at its own line. */
export function objectFaults(
  object: Readonly<Record<string, unknown>>,
  node: Node | null,
  path: string,
  at: At,
): readonly Fault[] {
  const metadata = isRecord(object["metadata"]) ? object["metadata"] : {};
  const fault = (keys: readonly string[], value: unknown, problem: string, remedy: string): Fault => ({
    component: at(offsetOf(node, keys)),
    path: [...(path === "" ? [] : [path]), ...keys].join("."),
    value,
    problem,
    remedy,
  });
  const required = [
    { keys: ["apiVersion"], value: object["apiVersion"], example: 'write for example "apiVersion: apps/v1"' },
    { keys: ["kind"], value: object["kind"], example: 'write for example "kind: Deployment"' },
    { keys: ["metadata", "name"], value: metadata["name"], example: 'write for example "name: order" under metadata' },
  ].flatMap(({ keys, value, example }) => {
    if (value === undefined || value === null || value === "") {
      return [fault(keys, undefined, "but every Kubernetes object has one", example)];
    }
    return typeof value === "string" ? [] : [fault(keys, value, "but it is text", "put it in quotes")];
  });
  const unquoted = [
    { keys: ["metadata", "namespace"], value: metadata["namespace"] ?? "" },
    ...["labels", "annotations"].flatMap((group) =>
      Object.entries(isRecord(metadata[group]) ? metadata[group] : {}).map(([key, value]) => ({
        keys: ["metadata", group, key],
        value,
      })),
    ),
  ].flatMap(({ keys, value }) =>
    typeof value === "string" ? [] : [fault(keys, value, "but it is text", "put it in quotes")],
  );
  return [...required, ...unquoted];
}

/** Where a value stands; where it is missing, where the nearest map around it begins. */
function offsetOf(node: Node | null, keys: readonly string[]): number {
  for (let depth = keys.length; depth > 0; depth--) {
    const found: unknown = isCollection(node) ? node.getIn(keys.slice(0, depth), true) : undefined;
    if (isNode(found) && (depth === keys.length || isMap(found))) return found.range?.[0] ?? 0;
  }
  return node?.range?.[0] ?? 0;
}
