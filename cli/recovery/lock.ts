import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../toolchain/index.ts";
import { isAlive, processesCalledWith } from "../../toolchain/process.ts";
import { Failure } from "../failure.ts";
import type { Pulumi } from "../pulumi.ts";

/**
 * Clears the engine's lock that a killed run left behind, and says so. Waits for an engine that is still at work: one
 * whose command line was killed goes on for a while.
 * @param folder The local backend's folder of locks.
 */
export async function clearDeadLock(pulumi: Pulumi, folder: string, report: Report): Promise<void> {
  for (let told = false; ; told = true) {
    const holders = lockHolders(folder, pulumi.stack);
    if (holders.length === 0) return;
    const alive = await livingHolders(holders, pulumi.stack);
    if (alive.length === 0) {
      endOrphans(holders);
      await cancel(pulumi);
      report.say("an earlier run was ended in the middle: its lock is cleared");
      return;
    }
    if (!told) report.say(`waiting for process ${alive.join(", ")}, which is still changing ${pulumi.stack}`);
    await sleep(500);
  }
}

/** No process has this id, and the kernel's own threads have no session. */
const NOBODY = -1;

/** Process ids that the stack's lock files name. A lock from another machine, in a folder that is shared, names none of ours. */
function lockHolders(folder: string, stack: string): readonly number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const [file = "", owner = ""] = name.split(/[\\/]/).reverse();
    if (owner !== stack || !file.endsWith(".json")) return [];
    return [readHolder(join(folder, name))];
  });
}

function readHolder(file: string): number {
  try {
    const lock: unknown = JSON.parse(readFileSync(file, "utf8"));
    const host: unknown = Reflect.get(Object(lock), "hostname");
    const pid: unknown = Reflect.get(Object(lock), "pid");
    if (typeof host === "string" && host !== hostname()) {
      throw new Failure(
        `another machine (${host}) is changing this environment; if it is not, remove ${file} and start again`,
      );
    }
    return typeof pid === "number" ? pid : NOBODY;
  } catch (error) {
    if (error instanceof Failure) throw error;
    // Half a lock: its writer was killed while writing.
    return NOBODY;
  }
}

/** An id may belong to somebody else by now: only an engine that was called for this stack counts. */
async function livingHolders(holders: readonly number[], stack: string): Promise<readonly number[]> {
  const engines = await processesCalledWith("pulumi", stack);
  return holders.filter((pid) => engines.some((engine) => engine.pid === pid));
}

/**
 * Ends what a killed engine left running: its provider may still be at work, and nobody will ever end it. The engine was
 * the leader of a session, so nobody else is in it; and where its id lives on, the session is somebody else's. Where the
 * system does not tell sessions, they stay.
 */
function endOrphans(holders: readonly number[]): void {
  if (process.platform !== "linux") return;
  const engines = holders.filter((pid) => pid !== NOBODY && !isAlive(pid));
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || !engines.includes(sessionOf(pid))) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself in between.
    }
  }
}

function sessionOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command stands in parentheses and may hold spaces; the session is the fourth field behind it.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
  } catch {
    return 0;
  }
}

async function cancel(pulumi: Pulumi): Promise<void> {
  const outcome = await pulumi.ask("cancel", "--stack", pulumi.stack, "--yes");
  if (outcome.status !== 0) throw new Failure(`the lock of a killed run cannot be cleared:\n${outcome.stderr.trim()}`);
}
