import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { FAKE_NODE_ANNOTATION, type NodeKind } from "./cluster-nodes.ts";
import { stages } from "./cluster-stages.ts";
import type { ResolvedPart } from "./ensure.ts";
import { lastLines, ToolchainError } from "./failure.ts";
import { realControlPlane } from "./node/control-plane.ts";
import { nodeFiles } from "./node/layout.ts";
import type { Environment } from "./places.ts";
import { freePorts } from "./ports.ts";
import { type Outcome, processesUnder, run } from "./process.ts";
import type { PartName } from "./source.ts";

/** kwokctl's name for the cluster; it also names the context. */
const NAME = "fairlead";

/** The context in the cluster's kubeconfig. */
export const CONTEXT = `kwok-${NAME}`;

/** The programs of a running cluster, by kwokctl's names for them. */
export const COMPONENTS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
] as const;

/** Doors of a cluster, by kwokctl's names. */
const PORTS = [
  "etcdPort",
  "etcdPeerPort",
  "kubeApiserverPort",
  "kubeControllerManagerPort",
  "kubeSchedulerPort",
  "kwokControllerPort",
] as const;

/** Longest that kwokctl may take, in milliseconds; it waits for the API server by itself. */
const PATIENCE = { create: 90_000, start: 30_000 };

/** The files of a cluster. */
export interface ClusterFiles {
  /** The folder that the caller gave. */
  readonly folder: string;
  /** kwokctl's own state. */
  readonly work: string;
  /** What kwokctl is told. Every call names it, so that a call which outlived us can be found. */
  readonly settings: string;
  /** kwokctl's description of the cluster; absent when there is none. */
  readonly description: string;
  /** What kwokctl calls the programs by: every process of the cluster has its program in here. */
  readonly programs: string;
  readonly logs: string;
  readonly pids: string;
  /** The authority, and the keys of whom it signed. */
  readonly keys: string;
  /** kwokctl's kubeconfig, which names its keys by path. */
  readonly innerKubeconfig: string;
  /** Ours, which holds its keys. */
  readonly kubeconfig: string;
  /** Our note that the cluster once was ready. */
  readonly note: string;
  readonly lock: string;
}

/** Where a cluster keeps what, under its folder. */
export function clusterFiles(folder: string): ClusterFiles {
  const work = join(folder, "kwok");
  const cluster = join(work, "clusters", NAME);
  return {
    folder,
    work,
    settings: join(work, "create.yaml"),
    description: join(cluster, "kwok.yaml"),
    programs: join(cluster, "bin"),
    logs: join(cluster, "logs"),
    pids: join(cluster, "pids"),
    keys: join(cluster, "pki"),
    innerKubeconfig: join(cluster, "kubeconfig.yaml"),
    kubeconfig: join(folder, "kubeconfig"),
    note: join(folder, "cluster.json"),
    // Beside the folder, so that deleting the cluster does not delete the lock that guards it.
    lock: `${folder}.lock`,
  };
}

/** Programs of the cluster, by part. */
export type ClusterParts = ReadonlyMap<PartName, ResolvedPart>;

/** Makes a cluster and starts it. Throws a ToolchainError with kwokctl's complaints. */
export async function kwokctlCreate(
  files: ClusterFiles,
  parts: ClusterParts,
  env: Environment,
  nodes: NodeKind,
): Promise<void> {
  await mkdir(files.work, { recursive: true });
  const volumes = nodes === "real" ? nodeFiles(files.folder).volumes : undefined;
  const configured = configuration(files, parts, await freePorts(PORTS.length), nodes);
  const documents = [configured, ...stages(volumes)].map((one) => stringify(one));
  await writeFile(files.settings, documents.join("---\n"));
  const outcome = await kwokctl(["create", "cluster", "--kubeconfig", ""], files, parts, env);
  if (outcome.status !== 0) throw failed("create", outcome);
}

/** Starts a cluster that exists, with the data that it has. Throws a ToolchainError with kwokctl's complaints. */
export async function kwokctlStart(files: ClusterFiles, parts: ClusterParts, env: Environment): Promise<void> {
  const etcdEnded = new AbortController();
  const done = new AbortController();
  const watch = watchEtcd(files, etcdEnded, done.signal);
  const outcome = await kwokctl(["start", "cluster"], files, parts, env, etcdEnded.signal);
  done.abort();
  await watch;
  if (etcdEnded.signal.aborted) throw new ToolchainError("etcd ends at once, its data are damaged");
  if (outcome.status !== 0) throw failed("start", outcome);
}

/** kwokctl would wait for minutes for an API server whose etcd is gone: three looks without etcd, and it is stopped. */
async function watchEtcd(files: ClusterFiles, ended: AbortController, done: AbortSignal): Promise<void> {
  const etcd = join(files.programs, "etcd");
  for (let without = 0; !done.aborted && without < 3; ) {
    await sleep(1_000, undefined, { signal: done }).catch(() => undefined);
    const lives = (await processesUnder(files.programs)).some((one) => one.program === etcd);
    without = lives ? 0 : without + 1;
  }
  if (!done.aborted) ended.abort();
}

function configuration(files: ClusterFiles, parts: ClusterParts, ports: readonly number[], nodes: NodeKind) {
  const real = nodes === "real" ? realControlPlane(files.keys) : undefined;
  return {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      // kwokctl's default is every address of the machine, and etcd asks nobody for a password.
      bindAddress: "127.0.0.1",
      kubeVersion: `v${parts.get("kube-apiserver")?.version}`,
      disableQPSLimits: true,
      quietPull: true,
      ...Object.fromEntries(PORTS.map((name, index) => [name, ports[index]])),
      etcdBinary: fileOf("etcd", parts),
      kubeApiserverBinary: fileOf("kube-apiserver", parts),
      kubeControllerManagerBinary: fileOf("kube-controller-manager", parts),
      kubeSchedulerBinary: fileOf("kube-scheduler", parts),
      kubectlBinary: fileOf("kubectl", parts),
      kwokControllerBinary: fileOf("kwok", parts),
      ...real?.options,
    },
    componentsPatches: [
      {
        name: "kwok-controller",
        extraArgs: [
          { key: "manage-all-nodes", value: "false", override: true },
          { key: "manage-nodes-with-annotation-selector", value: `${FAKE_NODE_ANNOTATION}=fake` },
        ],
      },
      ...(real?.patches ?? []),
    ],
  };
}

function fileOf(name: PartName, parts: ClusterParts): string {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`${name} was not asked for`);
  return part.file;
}

async function kwokctl(
  args: readonly [command: keyof typeof PATIENCE, ...rest: readonly string[]],
  files: ClusterFiles,
  parts: ClusterParts,
  env: Environment,
  signal?: AbortSignal,
): Promise<Outcome> {
  return run(fileOf("kwokctl", parts), ["--name", NAME, "--config", files.settings, ...args], {
    cwd: files.folder,
    env: childEnvironment(files, dirname(fileOf("kubectl", parts)), env),
    timeout: PATIENCE[args[0]],
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The user's environment without his settings for kwok, and with our folders. */
function childEnvironment(files: ClusterFiles, kubectlFolder: string, env: Environment): Environment {
  const kept = Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("KWOK_") && name !== "KUBECONFIG"),
  );
  return {
    ...kept,
    KWOK_WORKDIR: files.work,
    // kwokctl takes the first kubectl on PATH, and would download one if there were none.
    PATH: [kubectlFolder, env["PATH"] ?? ""].join(delimiter),
    KUBECACHEDIR: join(files.work, "kubectl-cache"),
  };
}

/** The last lines of each log, for a message about a cluster that does not start. */
export async function logTails(files: ClusterFiles): Promise<string> {
  const tails: string[] = [];
  for (const component of COMPONENTS) {
    const log = join(files.logs, `${component}.log`);
    if (!existsSync(log)) continue;
    tails.push(`${component}:`, lastLines(await readFile(log, "utf8"), 4).replaceAll(/^/gm, "  "));
  }
  return tails.join("\n");
}

function failed(what: keyof typeof PATIENCE, outcome: Outcome): ToolchainError {
  if (outcome.status === undefined) return new ToolchainError(`no API server within ${PATIENCE[what] / 1000} s`);
  return new ToolchainError(`kwokctl could not ${what} the cluster:\n${lastLines(outcome.stderr + outcome.stdout, 5)}`);
}
