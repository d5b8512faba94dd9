import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ClusterApi, type Credentials, writeKubeconfig } from "../cluster-api.ts";
import { ensureNodes } from "../cluster-nodes.ts";
import type { ResolvedPart } from "../ensure.ts";
import { NodeFailure, reasonOf, ToolchainError } from "../failure.ts";
import { withLock } from "../lock.ts";
import { NODE_PARTS } from "../parts.ts";
import type { Environment } from "../places.ts";
import { processesUnder, type RunningProcess } from "../process.ts";
import type { Report } from "../report.ts";
import { onPath } from "../search-path.ts";
import type { PartName } from "../source.ts";
import { applyObjects, available } from "./apply.ts";
import { answers, begin, clearMachine, linkNode, machineNote, prepareMachine, until } from "./host.ts";
import { mirror, nodeImages, registryPort } from "./images.ts";
import { MACHINE, NETWORK, NODE_PORTS, type NodeFiles, nodeFiles, OWN_FOLDERS } from "./layout.ts";
import { machineFacts, TOOLS, whyNoNode } from "./needs.ts";
import { nodeObjects } from "./objects.ts";
import { enterScript, programArguments, registrySettings, settingsFiles } from "./settings.ts";

/** Programs that a node which is well runs, beside those of pods. */
const RUNNING: readonly PartName[] = ["containerd", "kubelet", "kube-proxy", "node-agent", "registry"];

/** What a node is made of. */
export interface NodeOptions {
  /** Folder of its cluster. */
  readonly cluster: string;
  readonly parts: ReadonlyMap<PartName, ResolvedPart>;
  readonly api: ClusterApi;
  /** How the API server is reached, and by whom. */
  readonly credentials: Credentials;
  /** File of the authority that signs clients. */
  readonly ca: string;
  readonly env: Environment;
  readonly report: Report;
}

/** Throws a ToolchainError with every reason why this machine can not be a node of a cluster. */
export async function requireNode(folder: string, env: Environment): Promise<void> {
  await refuseTaken(folder);
  await mkdir(folder, { recursive: true });
  const reasons = whyNoNode(await machineFacts(folder, env));
  if (reasons.length > 0)
    throw new ToolchainError(`no real node here:\n${reasons.map((one) => `  - ${one}`).join("\n")}`);
}

/** Makes this machine a node of a cluster whose control plane answers, and waits until pods can run on it. */
export async function startNode(options: NodeOptions): Promise<void> {
  const { cluster, report } = options;
  const files = nodeFiles(cluster);
  await withLock(MACHINE.lock, { guards: "the real node of this machine", report }, async () => {
    await takeOver(cluster, report);
    await clearMachine(files);
    const registry = await registryPort(files);
    const activity = report.begin("starting the real node");
    try {
      await writeFiles(files, options, registry);
      prepareMachine(cluster, registry);
      await startPrograms(files, options, registry);
      await applyObjects(options.api, nodeObjects());
      await ensureNodes(options.api, 60_000, "real");
      await available(options.api, ["coredns", "metrics-server"]);
    } catch (error) {
      activity.end("failed");
      await clearMachine(files);
      throw new NodeFailure(`the real node does not start: ${reasonOf(error)}`);
    }
    activity.end("ready");
  });
}

/** Ends a node and leaves nothing of it outside of its folder. Does nothing where it is not the machine's. */
export async function stopNode(cluster: string): Promise<void> {
  const files = nodeFiles(cluster);
  const note = machineNote();
  if (note?.cluster !== cluster && (await processesUnder(files.programs)).length === 0) return;
  await withLock(MACHINE.lock, { guards: "the real node of this machine" }, () => clearMachine(files));
}

/** Programs of a node that are missing; none when it is well. */
export function missingPrograms(processes: readonly RunningProcess[]): readonly string[] {
  return RUNNING.filter((name) => !processes.some(({ program }) => program.endsWith(`/${name}`)));
}

/** A node of another cluster that lives is not touched. */
async function refuseTaken(cluster: string): Promise<void> {
  const note = machineNote();
  if (note === undefined || note.cluster === cluster) return;
  if ((await processesUnder(nodeFiles(note.cluster).programs)).length === 0) return;
  throw new NodeFailure(
    `this machine is the real node of ${note.cluster}, and can be one node only; stop that cluster first`,
  );
}

/** What another cluster left behind is cleared. */
async function takeOver(cluster: string, report: Report): Promise<void> {
  await refuseTaken(cluster);
  const note = machineNote();
  if (note === undefined || note.cluster === cluster) return;
  report.say(`cleared what the real node of ${note.cluster} left behind`);
  await clearMachine(nodeFiles(note.cluster));
}

async function writeFiles(files: NodeFiles, { parts, credentials, ca, env }: NodeOptions, registry: number) {
  for (const folder of [files.programs, files.tools]) await rm(folder, { recursive: true, force: true });
  const own = Object.values(OWN_FOLDERS).map((name) => join(files.own, name));
  for (const folder of [
    files.programs,
    files.tools,
    files.logs,
    files.volumes,
    files.mirrors,
    files.registry,
    ...own,
  ]) {
    await mkdir(folder, { recursive: true });
  }
  await mkdir(join(files.own, "log", "pods"), { recursive: true });
  for (const name of [...NODE_PARTS, "registry" as const]) {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`${name} was not asked for`);
    await symlink(part.file, join(files.programs, name));
  }
  for (const tool of Object.keys(TOOLS)) {
    const file = onPath(tool, env);
    if (file !== undefined) await symlink(file, join(files.tools, tool));
  }
  const port = new URL(credentials.server).port;
  const kubeconfig = writeKubeconfig({ ...credentials, server: `https://${NETWORK.node}:${port}` }, "node");
  const texts = [
    ...settingsFiles(files, ca),
    registrySettings(files, registry),
    { path: join(files.settings, "enter.sh"), text: enterScript(files) },
    { path: join(files.settings, "resolv.conf"), text: "" },
  ];
  for (const { path, text } of texts) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  await writeFile(files.kubeconfig, kubeconfig, { mode: 0o600 });
}

async function startPrograms(files: NodeFiles, { parts, credentials, env, report }: NodeOptions, registry: number) {
  const program = (name: PartName) => join(files.programs, name);
  const log = (name: string) => join(files.logs, `${name}.log`);
  // Only the tools that were named: with iptables on its PATH, a kubelet would write rules.
  const inside: Environment = { PATH: `${files.programs}:${files.tools}`, HOME: files.folder };
  const args = programArguments(files);

  const pid = begin(files, {
    name: "containerd",
    command: ["unshare", "--net", "--mount", "--propagation", "private", "sh", join(files.settings, "enter.sh")],
    env: inside,
  });
  await until("containerd does not answer", () => answers(MACHINE.socket), { within: 20_000, log: log("containerd") });
  await linkNode(pid, env);

  begin(files, {
    name: "registry",
    command: [program("registry"), "serve", join(files.settings, "registry.json")],
    env: { ...inside, OTEL_TRACES_EXPORTER: "none" },
  });
  const { host: server, port } = new URL(credentials.server);
  const relayed = [`${NETWORK.node}:${port}=${server}`, `127.0.0.1:${NODE_PORTS.registry}=127.0.0.1:${registry}`];
  const namespace = `/proc/${pid}/ns/net`;
  begin(files, {
    name: "relay",
    command: [program("node-agent"), "relay", "--netns", namespace, ...relayed],
    env: inside,
  });

  await until("the registry does not answer", () => served(registry), { within: 20_000, log: log("registry") });
  const address = `127.0.0.1:${registry}`;
  mirror(files, address, address);
  await nodeImages(files, address, parts, report);

  const enter = (name: string, ...command: readonly string[]) =>
    begin(files, { name, command: ["nsenter", "--target", String(pid), "--net", "--mount", ...command], env: inside });
  enter("kubelet", program("kubelet"), ...args.kubelet);
  enter("kube-proxy", program("kube-proxy"), ...args["kube-proxy"]);
  enter("policy", program("node-agent"), "policy", "--kubeconfig", files.kubeconfig, "--volumes", files.volumes);
}

async function served(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/v2/`)).ok;
  } catch {
    return false;
  }
}
