import type { Environment } from "../core/environment.ts";
import { FaultError } from "../core/fault.ts";
import { groupOf, type KubernetesObject, type Objects } from "../core/object.ts";

/** What must exist before an object can be made, and what an object brings into being, in the same words. */
interface Order {
  readonly needs: readonly string[];
  readonly gives: readonly string[];
}

/** Read from plain data: a namespace before what stands in it, a kind's definition before objects of that kind. */
function orderOf(object: KubernetesObject): Order {
  const { apiVersion, kind, metadata } = object;
  const group = groupOf(apiVersion);
  const needs = [
    ...(metadata.namespace === undefined ? [] : [`namespace ${metadata.namespace}`]),
    ...(group === "" ? [] : [`kind ${group}/${kind}`]),
  ];
  if (apiVersion === "v1" && kind === "Namespace") return { needs, gives: [`namespace ${metadata.name}`] };
  if (group === "apiextensions.k8s.io" && kind === "CustomResourceDefinition") {
    return { needs, gives: [`kind ${definedKind(object)}`] };
  }
  return { needs, gives: [] };
}

function definedKind(definition: KubernetesObject): string {
  const spec: unknown = Reflect.get(definition, "spec");
  if (typeof spec !== "object" || spec === null) return "";
  const names: unknown = Reflect.get(spec, "names");
  const kind: unknown = typeof names === "object" && names !== null ? Reflect.get(names, "kind") : "";
  return `${Reflect.get(spec, "group")}/${kind}`;
}

/** Role -> roles of the same component that must be made first. */
export function rolesBefore(objects: Objects): ReadonlyMap<string, readonly string[]> {
  return before(Object.entries(objects).map(([role, object]) => [role, [object]]));
}

/**
 * Member -> members that must be made first.
 * @throws FaultError when members wait for each other, so that none could be first.
 */
export function membersBefore(environment: Environment): ReadonlyMap<string, readonly string[]> {
  const order = before(
    Object.entries(environment.members).map(([name, { objects }]) => [name, Object.values(objects)]),
  );
  const ring = ringIn(order);
  if (ring !== undefined) {
    throw new FaultError([
      {
        component: ring[0] ?? "",
        path: "",
        problem: `cannot be made before itself: ${ring.join(" waits for ")}`,
        remedy: "move the namespace, or the definition of a kind, into a component of its own",
      },
    ]);
  }
  return order;
}

function before(
  parts: readonly (readonly [string, readonly KubernetesObject[]])[],
): ReadonlyMap<string, readonly string[]> {
  const givers = new Map<string, string>();
  for (const [name, objects] of parts) {
    for (const object of objects) for (const given of orderOf(object).gives) givers.set(given, name);
  }
  return new Map(
    parts.map(([name, objects]) => {
      const first = new Set<string>();
      if (givers.size > 0) {
        for (const object of objects) {
          for (const need of orderOf(object).needs) {
            const giver = givers.get(need);
            if (giver !== undefined && giver !== name) first.add(giver);
          }
        }
      }
      return [name, [...first]];
    }),
  );
}

/** Names that wait for each other in a ring, the first repeated at the end; undefined when there is none. */
function ringIn(order: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (name: string, way: readonly string[]): readonly string[] | undefined => {
    const start = way.indexOf(name);
    if (start >= 0) return [...way.slice(start), name];
    if (done.has(name)) return undefined;
    for (const next of order.get(name) ?? []) {
      const ring = walk(next, [...way, name]);
      if (ring !== undefined) return ring;
    }
    done.add(name);
    return undefined;
  };
  for (const name of order.keys()) {
    const ring = walk(name, []);
    if (ring !== undefined) return ring;
  }
  return undefined;
}

/** Names so that each stands behind those it waits for, and in the given order otherwise. */
export function inOrder(order: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const sorted = new Set<string>();
  const visit = (name: string) => {
    if (sorted.has(name)) return;
    for (const first of order.get(name) ?? []) visit(first);
    sorted.add(name);
  };
  for (const name of order.keys()) visit(name);
  return [...sorted];
}
