import { groupOf, type KubernetesObject, type Objects } from "../core/object.ts";
import { syncWaves } from "./sync-waves.ts";

/** Kinds whose loss loses more than themselves: data, everything in a namespace, every object of a kind. */
const GUARDED: readonly string[] = [
  "/PersistentVolumeClaim",
  "/Namespace",
  "apiextensions.k8s.io/CustomResourceDefinition",
  "postgresql.cnpg.io/Cluster",
  "rabbitmq.com/RabbitmqCluster",
  "kafka.strimzi.io/Kafka",
];

const WAVE = "argocd.argoproj.io/sync-wave";
const OPTIONS = "argocd.argoproj.io/sync-options";

/**
 * Kept when it is gone from the repository, and deleted with its Application only once somebody has confirmed it.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
 */
const KEPT = ["Prune=false", "Delete=confirm"] as const;

/** A component's objects with the waves that follow from their references, and guards on what must not be lost. */
export function annotated(objects: Objects): Objects {
  const waves = syncWaves(Object.values(objects));
  return Object.fromEntries(
    Object.entries(objects).map(([role, object]) => [role, withNotes(object, waves.get(object) ?? 0)]),
  );
}

function withNotes(object: KubernetesObject, wave: number): KubernetesObject {
  const { metadata } = object;
  const own = metadata.annotations ?? {};
  const notes = {
    ...(wave === 0 ? {} : { [WAVE]: String(wave) }),
    ...(isGuarded(object) ? { [OPTIONS]: withGuards(own[OPTIONS]) } : {}),
  };
  if (Object.keys(notes).length === 0) return object;
  // What somebody wrote himself is meant.
  const annotations = { ...notes, ...own, ...(OPTIONS in notes ? { [OPTIONS]: notes[OPTIONS] } : {}) };
  return { ...object, metadata: { ...metadata, annotations } };
}

/** What somebody wrote of pruning or deleting wins over the guard of the same word. */
function withGuards(own: string | undefined): string {
  const said = (own ?? "").split(",").filter((option) => option !== "");
  const words = new Set(said.map((option) => option.split("=")[0]));
  return [...said, ...KEPT.filter((guard) => !words.has(guard.split("=")[0] ?? ""))].join(",");
}

function isGuarded({ apiVersion, kind }: KubernetesObject): boolean {
  const group = groupOf(apiVersion);
  return GUARDED.includes(`${group}/${kind}`);
}
