import { identity } from "../../components/core/object.ts";
import type { Link } from "../links.ts";
import { type ObjectChange, objectName } from "./objects.ts";

/** A shared part that changes, and who relies on it. */
export interface Touched {
  readonly component: string;
  /** Its objects that change and that others rely on. */
  readonly objects: readonly string[];
  /** How the others rely on it. */
  readonly by: string;
  readonly components: readonly string[];
}

/** Kinds that bound everything in their namespace. */
const OF_A_NAMESPACE = ["Namespace", "LimitRange", "ResourceQuota", "NetworkPolicy"];
/** Kinds that a caller sees of the called. */
const OF_A_SERVICE = ["Service", "NetworkPolicy"];

const WORDS: Readonly<Record<Link["kind"], string>> = {
  calls: "call it",
  host: "call it",
  route: "are reached through it",
  secrets: "take secrets from it",
  within: "stand in it",
};

/** Who relies on what changes or goes, by what kind of link. What is new, nobody relied on. */
export function touched(changes: readonly ObjectChange[], links: readonly Link[]): readonly Touched[] {
  const changed = changes.filter((change) => change.what !== "added" && !isLabelsOnly(change));
  const byComponent = Map.groupBy(changed, ({ component }) => component);
  const groups = Map.groupBy(
    links.filter(({ to }) => byComponent.has(to)),
    ({ to, kind }) => `${to}\n${kind}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [{ to, kind } = { to: "", kind: "calls" as const }] = group;
    const mine = byComponent.get(to) ?? [];
    const users = new Map<string, Set<string>>();
    for (const { from, object } of group) {
      for (const change of mine) {
        if (!isRelevant(kind, object, change)) continue;
        const name = objectName(change.before ?? change.after ?? { apiVersion: "", kind: "", metadata: { name: "" } });
        users.set(name, (users.get(name) ?? new Set()).add(from));
      }
    }
    if (users.size === 0) return [];
    const components = new Set([...users.values()].flatMap((all) => [...all]));
    return [{ component: to, objects: [...users.keys()], by: WORDS[kind], components: [...components] }];
  });
}

/** Nobody relies on an object's labels but selectors, which ask for those that never change. */
function isLabelsOnly({ what, fields }: ObjectChange): boolean {
  return what === "changed" && fields.every(({ path }) => path[0] === "metadata");
}

function isRelevant(kind: Link["kind"], object: string | undefined, { before, what }: ObjectChange): boolean {
  if (before === undefined) return false;
  switch (kind) {
    case "within":
      return OF_A_NAMESPACE.includes(before.kind) && namespaceOf(before) === object;
    case "calls":
      return OF_A_SERVICE.includes(before.kind) || (what === "removed" && before.kind === "Deployment");
    default:
      return object === identity(before);
  }
}

function namespaceOf({ kind, metadata }: NonNullable<ObjectChange["before"]>): string {
  return `Namespace /${kind === "Namespace" ? metadata.name : (metadata.namespace ?? "")}`;
}
