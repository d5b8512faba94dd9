import { existsSync, readFileSync } from "node:fs";
import type { Report } from "../toolchain/index.ts";
import { type ClusterReader, clusterReader } from "./cluster-reader.ts";
import { Failure } from "./failure.ts";
import type { Session } from "./session.ts";

/** Something that the engine had begun when it was killed. */
interface Pending {
  readonly type: string;
  readonly resource: {
    readonly urn: string;
    readonly inputs?: {
      readonly apiVersion?: string;
      readonly kind?: string;
      readonly metadata?: { readonly name?: string; readonly namespace?: string };
    };
  };
}

/**
 * Settles what a killed run had begun, by looking at the cluster: what was made is taken into the state, what was not is
 * struck out, and the rest is compared. Says so in one line. Otherwise an object that the next description no longer
 * has would stay for ever, unknown to the engine.
 * @param stateFile The stack's state in the embedded backend.
 */
export async function settlePending(session: Session, stateFile: string, report: Report): Promise<void> {
  const pending = pendingIn(stateFile);
  if (pending.length === 0) return;
  const read = await clusterReader(session);
  const creates = pending.filter(({ type }) => type === "creating" || type === "importing");
  const found = await Promise.all(
    creates.map(async (one) => ({ one, path: await objectPath(read, one.resource.inputs) })),
  );
  const made = found.flatMap(({ one, path }) => (path === undefined ? [] : [one]));
  const { pulumi } = session;
  const outcome = await pulumi.ask(
    "refresh",
    "--stack",
    pulumi.stack,
    "--yes",
    "--skip-preview",
    "--clear-pending-creates",
    ...made.flatMap((one) => ["--import-pending-creates", one.resource.urn, "--import-pending-creates", idOf(one)]),
  );
  if (outcome.status !== 0) {
    throw new Failure(
      `what a killed run had begun cannot be settled:\n${outcome.stderr.trim() || outcome.stdout.trim()}`,
    );
  }
  report.say(
    `an earlier run was ended in the middle of ${pending.length} ${pending.length === 1 ? "change" : "changes"}: settled by looking at the cluster (${made.length} made, ${creates.length - made.length} not)`,
  );
}

function pendingIn(stateFile: string): readonly Pending[] {
  if (!existsSync(stateFile)) return [];
  const state = JSON.parse(readFileSync(stateFile, "utf8")) as {
    readonly checkpoint?: { readonly latest?: { readonly pending_operations?: readonly Pending[] } | null };
  };
  return state.checkpoint?.latest?.pending_operations ?? [];
}

/** As the Kubernetes provider spells it. */
function idOf({ resource }: Pending): string {
  const { name = "", namespace } = resource.inputs?.metadata ?? {};
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The API server's path of an object that is there; undefined when it is not, and for what is no object of a cluster. */
export async function objectPath(
  read: ClusterReader,
  object: Pending["resource"]["inputs"],
): Promise<string | undefined> {
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
  return (await read(path)) === undefined ? undefined : path;
}
