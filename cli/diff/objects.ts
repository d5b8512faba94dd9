import type { KubernetesObject } from "../../components/core/object.ts";
import { at } from "../value.ts";
import { type FieldChange, fieldChanges } from "./fields.ts";
import { objectOf, type Row, type Snapshot } from "./snapshot.ts";

/** What happens to one object. */
export interface ObjectChange {
  readonly what: "added" | "changed" | "removed";
  readonly component: string;
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
  /** Of a changed object. */
  readonly fields: readonly FieldChange[];
  /** It bears another name: a new object takes the place of the old one. */
  readonly renamed: boolean;
}

/**
 * What differs between two environments. An object that bears its content in its name is the same as the one whose place
 * it takes, and so is one whose role stayed while its name did not.
 */
export function objectChanges(before: Snapshot | undefined, after: Snapshot | undefined): readonly ObjectChange[] {
  const [olds, news] = [before, after].map((one) => new Map((one?.rows ?? []).map((row) => [row.key, row]))) as [
    Map<string, Row>,
    Map<string, Row>,
  ];
  const gone = new Map<string, Row>();
  for (const row of olds.values()) if (!news.has(row.key)) for (const place of placesOf(row)) gone.set(place, row);
  const changes: ObjectChange[] = [];
  const taken = new Set<string>();
  for (const row of news.values()) {
    const same = olds.get(row.key);
    const left = placesOf(row).flatMap((place) => gone.get(place) ?? []);
    const old = same ?? left.find(({ key }) => !taken.has(key));
    if (old === undefined) {
      changes.push({ what: "added", component: row.component, after: objectOf(row), fields: [], renamed: false });
    } else if (old.json !== row.json) {
      taken.add(old.key);
      const [from, to] = [objectOf(old), objectOf(row)];
      const fields = fieldChanges(from, to);
      // The same values in another order of keys are the same object.
      if (fields.length === 0) continue;
      const renamed = same === undefined;
      changes.push({ what: "changed", component: row.component, before: from, after: to, fields, renamed });
    }
  }
  for (const row of olds.values()) {
    if (news.has(row.key) || taken.has(row.key)) continue;
    changes.push({ what: "removed", component: row.component, before: objectOf(row), fields: [], renamed: false });
  }
  return changes;
}

/** What an object that left may be known by in the one that came: its role, and its name without the hash of its content. */
function placesOf({ component, role, key }: Row): readonly string[] {
  const hashless = /^((?:ConfigMap|Secret) .*)-[0-9a-f]{10}$/.exec(key)?.[1];
  return [
    ...(role === undefined ? [] : [`role ${component}\n${role}`]),
    ...(hashless === undefined ? [] : [`name ${hashless}`]),
  ];
}

/** Whether an object is named by its content, so that another name is no replacement. */
export function isNamedByContent(object: KubernetesObject): boolean {
  return at(object, "immutable") === true && /-[0-9a-f]{10}$/.test(object.metadata.name);
}

/** Kind and name, with the namespace where it does not go without saying. */
export function objectName({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}
