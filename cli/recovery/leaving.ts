import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterReader } from "../cluster-reader.ts";
import { Failure } from "../failure.ts";
import type { Resource } from "../state.ts";
import { identityOf, objectsOfKind } from "./live.ts";

/** How long something may take to go once it was told to, in milliseconds: a namespace goes with everything in it. */
const PATIENCE = 180_000;
const PAUSE = 500;

/**
 * Waits until everything is gone that a killed run had told to go: it still stands there, and nothing can be made in its
 * place.
 * @throws Failure with what does not go.
 */
export async function awaitLeaving(
  read: ClusterReader,
  resources: readonly Resource[],
  patience = PATIENCE,
): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const leaving = await leavingAmong(read, resources);
    if (leaving.length === 0) return;
    if (Date.now() >= end) {
      const names = leaving.map(({ kind = "", metadata }) => `${kind} ${metadata?.name ?? ""}`).join(", ");
      throw new Failure(
        `a killed run was deleting ${names}, and ${leaving.length === 1 ? "it does" : "they do"} not go: somebody's finalizer holds on (kubectl get, metadata.finalizers)`,
      );
    }
    await sleep(PAUSE);
  }
}

async function leavingAmong(
  read: ClusterReader,
  resources: readonly Resource[],
): Promise<readonly NonNullable<Resource["inputs"]>[]> {
  const objects = resources.flatMap(({ type, inputs }) =>
    type.startsWith("kubernetes:") && inputs !== undefined ? [inputs] : [],
  );
  const found: NonNullable<Resource["inputs"]>[] = [];
  for (const ofKind of Map.groupBy(objects, ({ apiVersion, kind }) => `${apiVersion} ${kind}`).values()) {
    const [inputs] = ofKind;
    const served = await objectsOfKind(read, inputs);
    const going = new Set(
      served?.objects.flatMap(({ metadata }) =>
        metadata?.deletionTimestamp === undefined ? [] : [identityOf({ ...inputs, metadata })],
      ),
    );
    found.push(...ofKind.filter((one) => going.has(identityOf(one, served?.namespaced))));
  }
  return found;
}
