import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, lastLines, ToolchainError } from "../failure.ts";
import type { Environment } from "../places.ts";
import { isAlive, processesCalledWith, processesUnder, run } from "../process.ts";
import { makeGroup, processesIn, removeGroup, switchOff } from "./control-groups.ts";
import { MACHINE, NETWORK, type NodeFiles, OWN_FOLDERS } from "./layout.ts";

/** Whose node runs on this machine, and what was made for it outside of its own folder. */
export interface MachineNote {
  /** Folder of the cluster. */
  readonly cluster: string;
  /** Folders that did not exist before. */
  readonly made: readonly string[];
  /** Controllers that were switched on, by tree. */
  readonly switched: Readonly<Record<string, readonly string[]>>;
  /** Port of the registry on the host's loopback. */
  readonly registry: number;
}

/** What the machine remembers of its node; undefined when there is none. */
export function machineNote(): MachineNote | undefined {
  try {
    return JSON.parse(readFileSync(MACHINE.note, "utf8")) as MachineNote;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR") || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Host and port of the node's registry, as seen from the host; undefined when the node does not run. */
export function nodeRegistry(cluster: string): string | undefined {
  const note = machineNote();
  return note?.cluster === cluster ? `127.0.0.1:${note.registry}` : undefined;
}

/** Makes on the machine what a node needs outside of its folder. It is written down before it is made, so that whoever comes later can take it back. */
export function prepareMachine(cluster: string, registry: number): void {
  mkdirSync(MACHINE.run, { recursive: true, mode: 0o711 });
  const made = Object.keys(OWN_FOLDERS).flatMap(missingFolders);
  const note: MachineNote = { cluster, made, switched: {}, registry };
  writeFileSync(MACHINE.note, JSON.stringify(note));
  for (const folder of Object.keys(OWN_FOLDERS)) mkdirSync(folder, { recursive: true });
  const switched = makeGroup(MACHINE.cgroup);
  writeFileSync(MACHINE.note, JSON.stringify({ ...note, switched }));
}

/** The folders on a path that are not there, the outermost first. */
function missingFolders(path: string): readonly string[] {
  return existsSync(path) ? [] : [...missingFolders(dirname(path)), path];
}

/** Ends all that runs of a node, whoever began it, and takes back what was made for it. Does nothing where nothing is. */
export async function clearMachine(files: NodeFiles): Promise<void> {
  const note = machineNote();
  // Who would start something again goes first.
  const pods = ["kubelet", "kube-proxy", "node-agent"];
  const programs = await processesUnder(files.programs);
  await end(
    programs.filter(({ program }) => pods.some((name) => program.endsWith(`/${name}`))).map(({ pid }) => pid),
    0,
  );
  await end(processesIn(MACHINE.cgroup), 3_000);
  // Between a process and its child there is a moment: what was begun in it goes too.
  while (processesIn(MACHINE.cgroup).length > 0) await end(processesIn(MACHINE.cgroup), 0);
  // A shim names its program by where it really lies, but is told which containerd it belongs to.
  const shims = await processesCalledWith("containerd-shim-runc-v2", MACHINE.socket);
  const rest = [...(await processesUnder(files.programs)), ...shims];
  await end(
    rest.map(({ pid }) => pid),
    2_000,
  );
  await removeGroup(MACHINE.cgroup);
  if (note !== undefined) switchOff(note.switched);
  for (const folder of [...(note?.made ?? [])].reverse()) {
    try {
      rmdirSync(folder);
    } catch (error) {
      // Somebody else put something there.
      if (!hasCode(error, "ENOENT", "ENOTEMPTY", "EBUSY")) throw error;
    }
  }
  await linkGone();
  rmSync(MACHINE.run, { recursive: true, force: true });
}

/** Asks processes to end, and makes them when they have not within `grace` ms. */
async function end(pids: readonly number[], grace: number): Promise<void> {
  const all = (signal: "SIGTERM" | "SIGKILL") => {
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if (!hasCode(error, "ESRCH")) throw error;
      }
    }
  };
  const over = async (deadline: number) => {
    while (pids.some(isAlive) && Date.now() < deadline) await sleep(20);
  };
  if (grace > 0) {
    all("SIGTERM");
    await over(Date.now() + grace);
  }
  all("SIGKILL");
  await over(Date.now() + 5_000);
}

/** The link ends with the namespace at its other end, which the kernel clears away in its own time. */
async function linkGone(): Promise<void> {
  const there = () => existsSync(join("/sys/class/net", NETWORK.link));
  const deadline = Date.now() + 5_000;
  while (there() && Date.now() < deadline) await sleep(20);
  if (there()) await run("ip", ["link", "delete", NETWORK.link]);
}

/** A program of the node, and where it runs. */
export interface NodeProgram {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly [file: string, ...args: readonly string[]];
  readonly env: Environment;
}

/** Starts a program that outlives us; what it says goes to its log. Returns the number of its process. */
export function begin(files: NodeFiles, { name, command: [file, ...args], env }: NodeProgram): number {
  const log = openSync(join(files.logs, `${name}.log`), "a");
  const child = spawn(file, args, { detached: true, stdio: ["ignore", log, log], env: { ...env }, cwd: "/" });
  closeSync(log);
  // One that cannot start at all is noticed by whoever waits for it.
  child.on("error", () => undefined);
  child.unref();
  return child.pid ?? 0;
}

/** Waits until something holds, asking again and again. Throws a ToolchainError with the end of a log when it does not. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  { within, log }: { readonly within: number; readonly log?: string },
): Promise<void> {
  const deadline = Date.now() + within;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      const said = log !== undefined && existsSync(log) ? `\n${lastLines(readFileSync(log, "utf8"), 6)}` : "";
      throw new ToolchainError(`${what} within ${within / 1000} s${said}`);
    }
    await sleep(50);
  }
}

/** Whether somebody listens at a socket of the file system. */
export function answers(socket: string): Promise<boolean> {
  return new Promise((fulfil) => {
    const client = connect(socket);
    const done = (answer: boolean) => () => {
      client.destroy();
      fulfil(answer);
    };
    client.on("connect", done(true)).on("error", done(false));
  });
}

/** The link between host and node, and what each reaches by it. It ends with the node's network. */
export async function linkNode(pid: number, env: Environment): Promise<void> {
  const { link, host, node, prefix, pods, services } = NETWORK;
  const inside = ["nsenter", "--target", String(pid), "--net"];
  const commands: readonly (readonly string[])[] = [
    ["ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(pid)],
    ["ip", "address", "add", `${host}/${prefix}`, "dev", link],
    ["ip", "link", "set", link, "up"],
    [...inside, "ip", "address", "add", `${node}/${prefix}`, "dev", "eth0"],
    [...inside, "ip", "link", "set", "eth0", "up"],
    ...[pods, services].map((range) => ["ip", "route", "add", range, "via", node, "dev", link]),
  ];
  for (const [program = "ip", ...args] of commands) {
    const { status, stderr } = await run(program, args, { env });
    if (status !== 0) throw new ToolchainError(`${[program, ...args].join(" ")} failed: ${stderr.trim()}`);
  }
}
