import { existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../toolchain/index.ts";
import { type ClusterReader, clusterReader } from "./cluster-reader.ts";
import { Failure } from "./failure.ts";
import type { Session } from "./session.ts";
import { exportState, importState, type Operation, type Resource, type State } from "./state.ts";

/**
 * Settles what a killed run had begun, by looking at the cluster: what was made is taken into the state, what was not is
 * struck out, and the rest is compared. Says so in one line. Otherwise an object that the next description no longer
 * has would stay for ever, unknown to the engine.
 * @param stateFile The stack's state in the embedded backend.
 */
export async function settlePending(session: Session, stateFile: string, report: Report): Promise<void> {
  if (!isUnsettled(stateFile)) return;
  const { pulumi } = session;
  const state = await exportState(pulumi);
  const pending = state.deployment.pending_operations ?? [];
  const creates = pending.filter(isCreate);
  const made = await lookFor(await clusterReader(session), creates);
  await importState(pulumi, withMade(state, made));
  await refresh(session);
  report.say(
    `an earlier run was ended in the middle of ${pending.length} ${pending.length === 1 ? "change" : "changes"}: settled by looking at the cluster (${made.size} made, ${creates.length - made.size} not)`,
  );
}

/**
 * Strikes out of the state what a killed removal had taken away already. Otherwise the next `up` would find everything there.
 * @param file Stands where a removal was not finished.
 */
export async function settleRemoval(session: Session, file: string, report: Report): Promise<void> {
  if (!existsSync(file)) return;
  await refresh(session);
  rmSync(file);
  report.say("an earlier removal was ended in the middle: settled by looking at the cluster");
}

async function refresh({ pulumi }: Session): Promise<void> {
  const outcome = await pulumi.ask("refresh", "--stack", pulumi.stack, "--yes", "--skip-preview");
  if (outcome.status === 0) return;
  throw new Failure(
    `what a killed run had begun cannot be settled:\n${outcome.stderr.trim() || outcome.stdout.trim()}`,
  );
}

/** Without asking the engine, which takes a second, where there is nothing to settle. */
function isUnsettled(stateFile: string): boolean {
  if (!existsSync(stateFile)) return false;
  const state = JSON.parse(readFileSync(stateFile, "utf8")) as {
    readonly checkpoint?: { readonly latest?: State["deployment"] | null };
  };
  return (state.checkpoint?.latest?.pending_operations ?? []).length > 0;
}

function isCreate({ type }: Operation): boolean {
  return type === "creating" || type === "importing";
}

/** How often it is looked for what is not there, a second apart: the API server may still be at work for the killed provider. */
const LOOKS = 3;

/** What the creates made, as it stands in the cluster. */
async function lookFor(
  read: ClusterReader,
  creates: readonly Operation[],
): Promise<ReadonlyMap<Operation, ClusterObject>> {
  const made = new Map<Operation, ClusterObject>();
  for (let look = 0; look < LOOKS; look++) {
    const missing = creates.filter((one) => !made.has(one));
    if (missing.length === 0) break;
    if (look > 0) await sleep(1000);
    await Promise.all(
      missing.map(async (one) => {
        const found = await findObject(read, one.resource.inputs);
        if (found !== undefined) made.set(one, Object(found.object) as ClusterObject);
      }),
    );
  }
  return made;
}

/** The part that we read of an object. */
interface ClusterObject {
  readonly metadata?: { readonly managedFields?: readonly { readonly manager?: string }[] };
}

/**
 * The state with what was made among its resources, as the engine would have written it; a refresh then reads the rest.
 * The engine's own way, `refresh --import-pending-creates`, loses them as of 3.255.
 */
function withMade({ deployment, ...state }: State, made: ReadonlyMap<Operation, ClusterObject>): State {
  const known = new Set(deployment.resources?.flatMap((one) => (one.delete === true ? [] : [one.urn])));
  const taken = [...made].flatMap(([{ resource }, object]) =>
    known.has(resource.urn) ? [] : [asMade(resource, object)],
  );
  const rest = (deployment.pending_operations ?? []).filter((one) => !isCreate(one));
  return {
    ...state,
    deployment: { ...deployment, resources: [...(deployment.resources ?? []), ...taken], pending_operations: rest },
  };
}

function asMade(resource: Resource, { metadata }: ClusterObject): Resource {
  const { inputs = {} } = resource;
  const managers = metadata?.managedFields?.map(({ manager = "" }) => manager) ?? [];
  const manager = managers.find((one) => one.startsWith("pulumi-kubernetes"));
  return {
    ...resource,
    id: idOf(resource),
    // Under another name its next change would be in conflict with its first.
    outputs: {
      ...inputs,
      __inputs: inputs,
      __initialApiVersion: inputs.apiVersion,
      ...(manager === undefined ? {} : { __fieldManager: manager }),
    },
  };
}

/** As the Kubernetes provider spells it. */
function idOf({ inputs }: Resource): string {
  const { name = "", namespace } = inputs?.metadata ?? {};
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** An object of a cluster, and the API server's path of it. */
export interface FoundObject {
  readonly path: string;
  readonly object: unknown;
}

/** An object that is there; undefined when it is not, and for what is no object of a cluster. */
export async function findObject(read: ClusterReader, object: Resource["inputs"]): Promise<FoundObject | undefined> {
  const { apiVersion, kind, metadata } = object ?? {};
  if (apiVersion === undefined || kind === undefined || metadata?.name === undefined) return undefined;
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const list = (await read(root)) as
    | { readonly resources?: readonly { readonly name: string; readonly kind: string }[] }
    | undefined;
  const plural = list?.resources?.find((one) => one.kind === kind && !one.name.includes("/"))?.name;
  if (plural === undefined) return undefined;
  const namespace = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  const path = `${root}${namespace}/${plural}/${metadata.name}`;
  const live = await read(path);
  return live === undefined ? undefined : { path, object: live };
}
