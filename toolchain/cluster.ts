import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterApi, clusterApi, readKubeconfig, writeKubeconfig } from "./cluster-api.ts";
import { countNodes, ensureNodes, type NodeKind } from "./cluster-nodes.ts";
import { endProcesses, linkPrograms, removeCluster, takenPorts } from "./cluster-processes.ts";
import { ensureParts, type ToolchainOptions } from "./ensure.ts";
import { NodeFailure, reasonOf, ToolchainError } from "./failure.ts";
import {
  type ClusterFiles,
  type ClusterParts,
  COMPONENTS,
  CONTEXT,
  clusterFiles,
  kwokctlCreate,
  kwokctlStart,
  logTails,
} from "./kwokctl.ts";
import { withLock } from "./lock.ts";
import { nodeRegistry } from "./node/host.ts";
import { nodeFiles } from "./node/layout.ts";
import { missingPrograms, requireNode, startNode } from "./node/node.ts";
import { CLUSTER_PARTS, IMAGE_PARTS, NODE_PARTS } from "./parts.ts";
import type { Environment } from "./places.ts";
import { processesUnder, type RunningProcess } from "./process.ts";
import { type Report, silentReport } from "./report.ts";

/** Which cluster, and how its parts are found. */
export interface ClusterOptions extends ToolchainOptions {
  /** Folder that holds everything of the cluster, such as <checkout>/.fairlead/cluster. */
  readonly folder: string;
  /** Who runs its pods. @default who did so before, or else kwok plays it */
  readonly nodes?: NodeKind;
}

/** A cluster that answers. */
export interface RunningCluster {
  /** Absolute path of its kubeconfig; the user's own is never touched. */
  readonly kubeconfig: string;
  readonly context: string;
  readonly server: string;
  /** What was done: nothing, started with its data, or made anew. */
  readonly began: "running" | "started" | "created";
  readonly nodes: NodeKind;
  /** Registry of the real node, as this machine reaches it, such as 127.0.0.1:24000; absent without one. */
  readonly registry?: string;
}

/** What is known of a cluster without changing it. */
export interface ClusterStatus {
  /** "broken": some processes live and others do not, or it does not answer. */
  readonly state: "none" | "stopped" | "broken" | "running";
  /** Present unless the state is "none". */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly server?: string;
  readonly processes: readonly RunningProcess[];
  /** Who runs its pods. Present unless the state is "none". */
  readonly kind?: NodeKind;
  /** Counted when it is running. */
  readonly nodes?: { readonly all: number; readonly ready: number };
}

/** Longest that a started API server may take until it is ready, and nodes until they are, in milliseconds. */
const READY_WITHIN = 60_000;

/**
 * Sees to it that the embedded cluster runs: leaves a running one alone, starts a stopped or dead one with its data,
 * and makes it anew when there is none or it no longer starts. Says what it did. Throws a ToolchainError.
 */
export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const files = clusterFiles(resolve(options.folder));
  const { report = silentReport, env = process.env } = options;
  const nodes = nodesOf(files, options.nodes);
  // What this machine can not be is said before anything is built for it.
  if (nodes === "real") await requireNode(files.folder, env);
  const wanted = nodes === "real" ? [...CLUSTER_PARTS, ...NODE_PARTS, ...IMAGE_PARTS] : CLUSTER_PARTS;
  const parts = await ensureParts(wanted, options);
  const run: Run = { files, parts, env, report, nodes };
  return withLock(files.lock, { guards: "the embedded cluster", report }, async () => {
    const status = await clusterStatus(options);
    if (status.state === "running" && noteOf(files)?.folder === files.folder) {
      await ensureNodes(apiOf(files), READY_WITHIN, nodes);
      return running(run, "running");
    }
    if (await canBegin(files, report)) {
      const again = await beginAgain(run);
      if (again !== undefined) return again;
    }
    await removeCluster(files);
    const activity = report.begin("starting the embedded cluster");
    try {
      await kwokctlCreate(files, parts, env, nodes);
      await becomeReady(run);
    } catch (error) {
      activity.end("failed");
      const logs = error instanceof NodeFailure ? "" : await logTails(files);
      await removeCluster(files);
      throw new ToolchainError(
        `the embedded cluster does not start: ${reasonOf(error)}${logs === "" ? "" : `\n${logs}`}`,
      );
    }
    activity.end("ready");
    return running(run, "created");
  });
}

/** What a start works with. */
interface Run {
  readonly files: ClusterFiles;
  readonly parts: ClusterParts;
  readonly env: Environment;
  readonly report: Report;
  readonly nodes: NodeKind;
}

/** A cluster's nodes are of one kind as long as it lives: what runs on the one kind would be lost on the other. */
function nodesOf(files: ClusterFiles, asked: NodeKind | undefined): NodeKind {
  const note = noteOf(files);
  const known = note?.folder === files.folder ? (note.nodes ?? "played") : undefined;
  if (asked !== undefined && known !== undefined && asked !== known) {
    throw new ToolchainError(
      `the embedded cluster has ${known} nodes, and keeps them; delete it before you start one with ${asked} nodes: fairlead cluster delete`,
    );
  }
  return asked ?? known ?? "played";
}

/** Stops the cluster; with `delete` nothing is left of it. Does nothing when there is none. */
export async function stopCluster(options: {
  readonly folder: string;
  readonly delete?: boolean;
  readonly report?: Report;
}): Promise<void> {
  const files = clusterFiles(resolve(options.folder));
  if (!existsSync(files.folder)) return;
  await withLock(
    files.lock,
    { guards: "the embedded cluster", ...(options.report === undefined ? {} : { report: options.report }) },
    () => (options.delete === true ? removeCluster(files) : endProcesses(files)),
  );
}

/** Looks at the cluster and changes nothing. */
export async function clusterStatus(options: { readonly folder: string }): Promise<ClusterStatus> {
  const files = clusterFiles(resolve(options.folder));
  const own = [files.programs, nodeFiles(files.folder).programs];
  const processes = (await Promise.all(own.map(processesUnder))).flat();
  const note = noteOf(files);
  if (!existsSync(files.kubeconfig) || note === undefined) {
    return { state: processes.length === 0 ? "none" : "broken", processes };
  }
  const { server } = readKubeconfig(files.kubeconfig);
  const kind = note.nodes ?? "played";
  const known = { kubeconfig: files.kubeconfig, context: CONTEXT, server, processes, kind };
  if (processes.length === 0) return { state: "stopped", ...known };
  try {
    const api = apiOf(files);
    await api("/readyz", { timeout: 3_000 });
    const all =
      COMPONENTS.every((name) => processes.some((one) => one.program === join(files.programs, name))) &&
      (kind === "played" || missingPrograms(processes).length === 0);
    return { state: all ? "running" : "broken", ...known, nodes: await countNodes(api) };
  } catch {
    return { state: "broken", ...known };
  }
}

interface Note {
  /** The folder's path when the cluster was made: kwokctl writes it into many files. */
  readonly folder: string;
  /** @default "played" */
  readonly nodes?: NodeKind;
  /** Versions of the parts that it last ran with, for the reader. */
  readonly versions: Readonly<Record<string, string>>;
}

function noteOf(files: ClusterFiles): Note | undefined {
  try {
    return JSON.parse(readFileSync(files.note, "utf8")) as Note;
  } catch {
    return undefined;
  }
}

function apiOf(files: ClusterFiles): ClusterApi {
  return clusterApi(readKubeconfig(files.kubeconfig));
}

function running({ files, nodes }: Run, began: RunningCluster["began"]): RunningCluster {
  const { server } = readKubeconfig(files.kubeconfig);
  const registry = nodes === "real" ? nodeRegistry(files.folder) : undefined;
  const known = { kubeconfig: files.kubeconfig, context: CONTEXT, server, began, nodes };
  return registry === undefined ? known : { ...known, registry };
}

/** Whether the cluster's data can be started again; says why when there is something that can not. */
async function canBegin(files: ClusterFiles, report: Report): Promise<boolean> {
  if (!existsSync(files.folder)) return false;
  const note = noteOf(files);
  if (note === undefined || !existsSync(files.description)) {
    if (readdirSync(files.folder).length > 0) report.say("the embedded cluster was not finished; making it anew");
    return false;
  }
  if (note.folder === files.folder) return true;
  report.say(`the embedded cluster was moved here from ${note.folder}; making it anew`);
  await endProcesses(clusterFiles(note.folder));
  return false;
}

async function beginAgain(run: Run): Promise<RunningCluster | undefined> {
  const { files, parts, env, report } = run;
  await endProcesses(files);
  const taken = await takenPorts(files);
  if (taken.length > 0) {
    report.say(
      `port ${taken.join(", ")} of the embedded cluster is used by another program now; making it anew, its objects are lost`,
    );
    return undefined;
  }
  const activity = report.begin("starting the embedded cluster again");
  try {
    await linkPrograms(files, parts);
    await kwokctlStart(files, parts, env);
    await becomeReady(run);
  } catch (error) {
    if (error instanceof NodeFailure) {
      activity.end("failed");
      await endProcesses(files);
      throw error;
    }
    activity.end(`failed, ${reasonOf(error).split("\n")[0]}; making it anew, its objects are lost`);
    return undefined;
  }
  activity.end("ready, with its objects");
  return running(run, "started");
}

async function becomeReady({ files, parts, env, report, nodes }: Run): Promise<void> {
  const inner = readKubeconfig(files.innerKubeconfig);
  const api = clusterApi(inner);
  await waitReady(api, Date.now() + READY_WITHIN);
  if (nodes === "real") {
    const ca = join(files.keys, "ca.crt");
    await startNode({ cluster: files.folder, parts, api, credentials: inner, ca, env, report });
  } else await ensureNodes(api, READY_WITHIN, nodes);
  await writeWhole(files.kubeconfig, writeKubeconfig(inner, CONTEXT), 0o600);
  const versions = Object.fromEntries([...parts.values()].map((part) => [part.name, part.version]));
  await writeWhole(files.note, `${JSON.stringify({ folder: files.folder, nodes, versions } satisfies Note)}\n`);
}

async function waitReady(api: ClusterApi, deadline: number): Promise<void> {
  for (;;) {
    try {
      // Service accounts and priority classes come a moment after the server; pods need both.
      await api("/readyz", { timeout: 3_000 });
      await api("/api/v1/namespaces/default/serviceaccounts/default");
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new ToolchainError(`the API server is not ready: ${reasonOf(error)}`);
      await sleep(50);
    }
  }
}

async function writeWhole(file: string, text: string, mode = 0o644): Promise<void> {
  await writeFile(`${file}.new`, text, { mode });
  await rename(`${file}.new`, file);
}
