import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "./failure.ts";
import { isAlive, startMark } from "./process.ts";
import { type Report, silentReport } from "./report.ts";

/** How a lock is waited for. */
export interface LockOptions {
  /** What the lock guards, for messages, such as "the part cache". */
  readonly guards: string;
  readonly report?: Report;
  /** Milliseconds between two looks at a lock that another run holds. @default 200 */
  readonly interval?: number;
}

interface Holder {
  readonly pid: number;
  readonly started: string | undefined;
}

/**
 * Runs `work` while this process holds the lock file. Waits for another run's lock, and says so once;
 * takes over the lock of a process that is gone, and says so.
 */
export async function withLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, started: startMark(process.pid) } satisfies Holder);
  const { report = silentReport, interval = 200, guards } = options;
  let told = false;
  while (!(await create(file, mine))) {
    const text = await readIfThere(file);
    if (text === undefined) continue;
    const holder = holderOf(text);
    if (holder !== undefined && lives(holder)) {
      // Two parts of one run may wait for each other; that is nobody else's business.
      if (!told && holder.pid !== process.pid)
        report.say(`waiting for process ${holder.pid}, which is using ${guards}`);
      told = true;
      await sleep(interval);
    } else if (await takeAway(file, text)) {
      report.say(`took over ${guards} from ${holder === undefined ? "a run" : `process ${holder.pid}`} that was ended`);
    }
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** A lock with its content appears at once or not at all, so that nobody reads half a lock. */
async function create(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(draft, content);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes the dead lock that was read; gives a living one back that another run made in between. */
async function takeAway(file: string, read: string): Promise<boolean> {
  const aside = `${file}.${process.pid}.stale`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
  const same = (await readIfThere(aside)) === read;
  if (!same) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
  return same;
}

function holderOf(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("pid" in value) || typeof value.pid !== "number")
      return undefined;
    const started = "started" in value && typeof value.started === "string" ? value.started : undefined;
    return { pid: value.pid, started };
  } catch {
    return undefined;
  }
}

/** After a restart of the machine another process may have the same id: its start tells them apart. */
function lives(holder: Holder): boolean {
  return isAlive(holder.pid) && (holder.started === undefined || startMark(holder.pid) === holder.started);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
