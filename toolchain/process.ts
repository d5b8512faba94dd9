import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Environment } from "./places.ts";

/** What a program said and how it ended. */
export interface Outcome {
  /** Its exit status; undefined when it was killed or could not be started. */
  readonly status: number | undefined;
  readonly stdout: string;
  /** Its complaints; the reason when it could not be started. */
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment. @default that of this process */
  readonly env?: Environment;
  /** Killed after so many milliseconds. @default never */
  readonly timeout?: number;
  /** Kills it. */
  readonly signal?: AbortSignal;
}

const KEPT = 1_000_000;

/** Runs a program to its end without a terminal. Never throws: a program that cannot start is an outcome too. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    let stdout = "";
    let stderr = "";
    const child = spawn(file, [...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...(options.env ?? process.env) },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      killSignal: "SIGKILL",
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout = (stdout + text).slice(-KEPT);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-KEPT);
    });
    child.on("error", (error) => resolve({ status: undefined, stdout, stderr: error.message }));
    child.on("close", (status, signal) => {
      const killed = signal === null ? "" : `\nended by ${signal}`;
      resolve({ status: status ?? undefined, stdout, stderr: stderr + killed });
    });
  });
}

/** A process of this machine. */
export interface RunningProcess {
  readonly pid: number;
  /** Its program as it was called. */
  readonly program: string;
}

interface ListedProcess extends RunningProcess {
  /** Program and arguments, between single spaces. */
  readonly command: string;
}

/** Whether a process lives. A zombie, which nobody has waited for yet, is dead. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but is somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const stat = linuxStat(pid);
  return stat === undefined || stat.state !== "Z";
}

/** A mark that tells a process from a later one with the same id; undefined where the system does not tell. */
export function startMark(pid: number): string | undefined {
  return linuxStat(pid)?.started;
}

/** The processes whose program lies under a folder. Reads /proc on Linux and asks `ps` elsewhere. */
export async function processesUnder(folder: string): Promise<readonly RunningProcess[]> {
  const prefix = folder.endsWith("/") ? folder : `${folder}/`;
  const found = (await listProcesses()).filter(({ pid, command }) => command.startsWith(prefix) && isAlive(pid));
  return found.map(({ pid, command }) => ({ pid, program: programUnder(prefix, command) }));
}

/** The processes of a program of that name which were called with the given argument. */
export async function processesCalledWith(name: string, argument: string): Promise<readonly RunningProcess[]> {
  const found = (await listProcesses()).filter(({ pid, program, command }) => {
    return basename(program) === name && command.includes(argument) && isAlive(pid);
  });
  return found.map(({ pid, program }) => ({ pid, program }));
}

/** `ps` does not tell where a program's name ends, and the folder's own name may hold spaces. */
function programUnder(prefix: string, command: string): string {
  return prefix + (command.slice(prefix.length).split(" ")[0] ?? "");
}

async function listProcesses(): Promise<readonly ListedProcess[]> {
  return process.platform === "linux" ? linuxProcesses() : psProcesses();
}

function linuxProcesses(): readonly ListedProcess[] {
  const found: ListedProcess[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const words = (read(`/proc/${entry}/cmdline`) ?? "").split("\0");
    const [program] = words;
    if (program !== undefined && program !== "") found.push({ pid: Number(entry), program, command: words.join(" ") });
  }
  return found;
}

async function psProcesses(): Promise<readonly ListedProcess[]> {
  const { stdout } = await run("ps", ["-axww", "-o", "pid=,command="]);
  return stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+((\S+).*)$/.exec(line);
    if (match === null) return [];
    return [{ pid: Number(match[1]), command: match[2] ?? "", program: match[3] ?? "" }];
  });
}

function linuxStat(pid: number): { readonly state: string; readonly started: string } | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The command stands in parentheses and may hold spaces: the fields are counted from its end.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === undefined || fields[19] === undefined ? undefined : { state: fields[0], started: fields[19] };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
