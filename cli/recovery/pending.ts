import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterReader } from "../cluster-reader.ts";
import type { Operation, State } from "../state.ts";
import { asMade, findObject, type LiveObject } from "./live.ts";

/** What a run that ended within its changes leaves in the state, once it was looked for. */
export interface Settled {
  readonly state: State;
  readonly begun: number;
  readonly made: number;
}

/**
 * Settles what the engine was told to leave in the middle, as by a second Ctrl-C, or left so when it wrote its state at each
 * step: what was made is taken into the state, what was not is struck out.
 * The engine's own way, `refresh --import-pending-creates`, loses them as of 3.255.
 */
export async function settlePending(read: ClusterReader, { deployment, ...state }: State): Promise<Settled> {
  const pending = deployment.pending_operations ?? [];
  const creates = pending.filter(isCreate);
  const made = await lookFor(creates, (missing) => lookOnce(read, missing));
  const known = new Set(deployment.resources?.flatMap((one) => (one.delete === true ? [] : [one.urn])));
  const taken = [...made].flatMap(([{ resource }, live]) => (known.has(resource.urn) ? [] : [asMade(resource, live)]));
  return {
    state: {
      ...state,
      deployment: {
        ...deployment,
        resources: [...(deployment.resources ?? []), ...taken],
        pending_operations: pending.filter((one) => !isCreate(one)),
      },
    },
    begun: creates.length,
    made: made.size,
  };
}

function isCreate({ type }: Operation): boolean {
  return type === "creating" || type === "importing";
}

async function lookOnce(
  read: ClusterReader,
  creates: readonly Operation[],
): Promise<ReadonlyMap<Operation, LiveObject>> {
  const made = new Map<Operation, LiveObject>();
  await Promise.all(
    creates.map(async (one) => {
      const found = await findObject(read, one.resource.inputs);
      if (found !== undefined) made.set(one, Object(found.object) as LiveObject);
    }),
  );
  return made;
}

/** How often it is looked for what is not there, a second apart: the API server may still be at work for the killed provider. */
const LOOKS = 3;

/** What is there of what is looked for. */
export async function lookFor<T>(
  wanted: readonly T[],
  look: (missing: readonly T[]) => Promise<ReadonlyMap<T, LiveObject>>,
): Promise<ReadonlyMap<T, LiveObject>> {
  const found = new Map<T, LiveObject>();
  for (let looks = 0; looks < LOOKS; looks++) {
    const missing = wanted.filter((one) => !found.has(one));
    if (missing.length === 0) break;
    if (looks > 0) await sleep(1000);
    for (const [one, live] of await look(missing)) found.set(one, live);
  }
  return found;
}
