import type { KubernetesObject } from "../core/object.ts";
import { givesOf, needsOf, podLabels, serviceSelector } from "./needs.ts";

/**
 * The wave of each object: one after the last of those that it needs. What it needs is read from the object: its
 * namespace, the definition of its kind, the configuration, secrets and account of its pods, the target of an autoscaler,
 * the pods behind a route. What needs nothing of the others goes first, so network policies and Services are there before
 * pods that need them to become ready. Nothing waits for a Rollout: autoscaler and routes go with it.
 */
export function syncWaves(objects: Iterable<KubernetesObject>): ReadonlyMap<KubernetesObject, number> {
  const all = [...objects];
  const givers = new Map<string, KubernetesObject[]>();
  const give = (word: string, object: KubernetesObject) => {
    const known = givers.get(word);
    if (known === undefined) givers.set(word, [object]);
    else known.push(object);
  };
  for (const object of all) for (const word of givesOf(object)) give(word, object);
  for (const [word, object] of behindServices(all)) give(word, object);

  const waves = new Map<KubernetesObject, number>();
  const entered = new Set<KubernetesObject>();
  const waveOf = (object: KubernetesObject): number => {
    const known = waves.get(object);
    if (known !== undefined) return known;
    // Two that name each other go together.
    if (entered.has(object)) return -1;
    entered.add(object);
    let wave = 0;
    for (const need of needsOf(object)) {
      for (const giver of givers.get(need) ?? []) {
        if (giver !== object) wave = Math.max(wave, waveOf(giver) + (isRollout(giver) ? 0 : 1));
      }
    }
    waves.set(object, wave);
    return wave;
  };
  for (const object of all) waveOf(object);
  return waves;
}

/** It is well when its last step is over, hours later: whatever waited for that would come too late. */
function isRollout({ apiVersion, kind }: KubernetesObject): boolean {
  return kind === "Rollout" && apiVersion.startsWith("argoproj.io/");
}

/** Behind a Service are the Service itself and what runs the pods that it selects. */
function* behindServices(
  all: readonly KubernetesObject[],
): Generator<readonly [word: string, object: KubernetesObject]> {
  const workloads = all.flatMap((object) => {
    const labels = podLabels(object);
    return labels === undefined ? [] : [{ object, labels }];
  });
  for (const service of all) {
    const selector = serviceSelector(service);
    if (selector === undefined) continue;
    const { namespace, name } = service.metadata;
    const word = `pods behind ${namespace ?? ""}/${name}`;
    yield [word, service];
    const wanted = Object.entries(selector);
    for (const { object, labels } of workloads) {
      if (object.metadata.namespace !== namespace || wanted.length === 0) continue;
      if (wanted.every(([key, value]) => labels[key] === value)) yield [word, object];
    }
  }
}
