import type { Fault } from "../fault.ts";
import { identity } from "../object.ts";
import type { View } from "./view.ts";

/** Nothing is declared twice: the second declaration would overwrite the first. */
export function* oneOwnerEach({ all }: View): Generator<Fault> {
  const owners = new Map<string, string>();
  for (const { component, role, object } of all) {
    const key = identity(object);
    const owner = owners.get(key);
    if (owner !== undefined) {
      yield {
        component,
        path: role,
        value: key.trim(),
        problem: `but ${owner} declares that object too, and one would overwrite the other`,
        remedy: "rename or remove one of the two",
      };
    }
    owners.set(key, owner ?? `${component}.${role}`);
  }
}
