import type { Placed } from "../environment.ts";
import type { Fault } from "../fault.ts";
import { groupOf, identity } from "../object.ts";
import type { View } from "./view.ts";

/** Nothing is declared twice: the second declaration would overwrite the first, or two owners undo each other for ever. */
export function* oneOwnerEach({ all, inRepository }: View): Generator<Fault> {
  const owners = new Owners();
  let rendered: ReadonlySet<string> | undefined;
  for (const one of all) {
    const owner = owners.claim(one);
    if (owner === undefined) continue;
    rendered ??= new Set(inRepository.map(place));
    const apart = rendered.has(place(owner)) !== rendered.has(place(one));
    const both = apart
      ? "and the engine and the repository would undo each other's changes"
      : "and one would overwrite the other";
    yield {
      component: one.component,
      path: one.role,
      value: identity(one.object).trim(),
      problem: `but ${place(owner)} declares that object too, ${both}`,
      remedy: "rename or remove one of the two",
    };
  }
}

function place({ component, role }: Placed): string {
  return `${component}.${role}`;
}

/** Who declares an object first. Maps in maps: an identity put together for each object of a large environment is most of this check. */
class Owners {
  private readonly kinds = new Map<string, Map<string, Map<string, Map<string, Placed>>>>();

  /** The one who declared it before; nobody, and from now on this one, otherwise. */
  claim(one: Placed): Placed | undefined {
    const { apiVersion, kind, metadata } = one.object;
    const groups = within(this.kinds, kind);
    const names = within(within(groups, groupOf(apiVersion)), metadata.namespace ?? "");
    const owner = names.get(metadata.name);
    if (owner === undefined) names.set(metadata.name, one);
    return owner;
  }
}

function within<K, K2, V>(maps: Map<K, Map<K2, V>>, key: K): Map<K2, V> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = new Map<K2, V>();
  maps.set(key, made);
  return made;
}
