import type { Fault } from "../fault.ts";
import { identity } from "../object.ts";
import type { View } from "./view.ts";

/** Nothing is declared twice: the second declaration would overwrite the first, or two owners undo each other for ever. */
export function* oneOwnerEach({ all, inRepository }: View): Generator<Fault> {
  const rendered = new Set(inRepository.map(({ component, role }) => `${component}.${role}`));
  const owners = new Map<string, string>();
  for (const { component, role, object } of all) {
    const key = identity(object);
    const place = `${component}.${role}`;
    const owner = owners.get(key);
    if (owner !== undefined) {
      const apart = rendered.has(owner) !== rendered.has(place);
      const both = apart
        ? "and the engine and the repository would undo each other's changes"
        : "and one would overwrite the other";
      yield {
        component,
        path: role,
        value: key.trim(),
        problem: `but ${owner} declares that object too, ${both}`,
        remedy: "rename or remove one of the two",
      };
    }
    owners.set(key, owner ?? place);
  }
}
