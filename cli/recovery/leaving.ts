import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterReader } from "../cluster-reader.ts";
import { Failure } from "../failure.ts";
import type { Resource } from "../state.ts";
import { byKind } from "./live.ts";

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
  const found: NonNullable<Resource["inputs"]>[] = [];
  for await (const { resources: ofKind, identity, live } of byKind(read, resources)) {
    for (const { inputs } of ofKind) {
      const object = live.get(identity(inputs) ?? "");
      if (inputs !== undefined && object?.metadata?.deletionTimestamp !== undefined) found.push(inputs);
    }
  }
  return found;
}
