import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a whole process cost. */
export interface Usage {
  /** Seconds from its start to its end. */
  readonly wall: number;
  /** Processor time of all its threads, in seconds; to a hundredth. */
  readonly cpu: number;
  /** Most memory it held, in megabytes. */
  readonly memory: number;
}

/** Ticks of the clock that /proc counts in: USER_HZ, which Linux fixes for programs. */
const TICKS = 100;

/** Between two looks at a running process, in milliseconds. */
const LOOK = 5;

/**
 * Runs a program to its end and measures it from outside, so that all programs are measured alike. Linux only.
 * @throws Error with what the program said when it failed.
 */
export async function measured(
  command: readonly [string, ...string[]],
  printTo: number | "ignore",
  place: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Usage> {
  const [program, ...args] = command;
  const before = childrenSeconds();
  const start = performance.now();
  const child = spawn(program, args, { ...place, stdio: ["ignore", printTo, "pipe"] });
  let said = "";
  let memory = 0;
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const look = setInterval(() => {
    memory = Math.max(memory, peakMegabytes(child.pid));
  }, LOOK);
  const status = await new Promise<number | null>((fulfil, reject) => {
    child.on("error", reject).on("close", fulfil);
  }).finally(() => clearInterval(look));
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${said}`);
  return { wall, cpu: childrenSeconds() - before, memory };
}

/** What the children of this process have used that have ended. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function childrenSeconds(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  // The name before may hold spaces; cutime and cstime are the fields 16 and 17, and this begins at the third.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
}

function peakMegabytes(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
