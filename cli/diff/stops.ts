import type { KubernetesObject } from "../../components/core/object.ts";
import { shownValue } from "./changed-value.ts";
import { pathText } from "./fields.ts";
import { refusedChanges, takesAlong } from "./immutable.ts";
import { isNamedByContent, type ObjectChange, objectName } from "./objects.ts";

/** A change that is to be looked at before it is merged. */
export interface Stop {
  readonly component: string;
  readonly object: string;
  /** What about it, and what would happen. */
  readonly problem: string;
  /** Where that is written. */
  readonly source?: string;
}

/** Stop signs: objects that would be replaced, and those that take others along when they go. */
export function stops(changes: readonly ObjectChange[]): readonly Stop[] {
  return changes.flatMap((change) => {
    if (change.what === "removed" && change.before !== undefined) return removal(change.component, change.before);
    if (change.what !== "changed" || change.before === undefined || change.after === undefined) return [];
    return change.renamed ? renaming(change, change.before, change.after) : refusals(change, change.before);
  });
}

function removal(component: string, before: KubernetesObject): readonly Stop[] {
  const lost = takesAlong(before);
  return lost === undefined ? [] : [{ component, object: objectName(before), problem: `would be deleted: ${lost}` }];
}

function renaming({ component }: ObjectChange, before: KubernetesObject, after: KubernetesObject): readonly Stop[] {
  // Pods name the ConfigMap that they read: they roll to the new one, and the old one goes after them.
  if (isNamedByContent(after) || /^(?:ConfigMap|Secret)$/.test(after.kind)) return [];
  const place = ({ metadata }: KubernetesObject) =>
    before.metadata.namespace === after.metadata.namespace ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  const [from, to] =
    before.kind === after.kind ? [place(before), place(after)] : [objectName(before), objectName(after)];
  const problem = `would be replaced: ${from} goes and ${to} comes`;
  return [{ component, object: objectName(before), problem: lossOf(before, problem) }];
}

function lossOf(before: KubernetesObject, problem: string): string {
  const lost = takesAlong(before);
  return lost === undefined ? problem : `${problem}; ${lost}`;
}

function refusals({ component, fields }: ObjectChange, before: KubernetesObject): readonly Stop[] {
  return refusedChanges(before, fields).map(({ change, source }) => ({
    component,
    object: objectName(before),
    problem: `would be replaced: ${pathText(change.path)} cannot change (${shownValue(before.kind, change)})`,
    source,
  }));
}
