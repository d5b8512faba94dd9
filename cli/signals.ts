import type { ChildProcess } from "node:child_process";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Exit status of a run that was asked to stop, as shells expect it. */
export const STATUS_OF: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Signals that we have on behalf of the engine. */
export interface Heeded {
  /** The first signal that came; undefined when none did. */
  readonly heard: () => NodeJS.Signals | undefined;
  readonly release: () => void;
}

/** Milliseconds in which a second signal is taken for an echo of the first: npm passes on what the terminal sent already. */
const ECHO = 500;

/**
 * Lets an engine in a process group of its own end in peace when we are asked to stop: once, and it finishes what it
 * began and writes its state; twice, and it ends at once; three times, and its group is killed.
 */
export function heedSignals(child: ChildProcess, now: () => number = Date.now): Heeded {
  let times = 0;
  let last = Number.NEGATIVE_INFINITY;
  let first: NodeJS.Signals | undefined;
  const heed = (signal: NodeJS.Signals) => {
    if (now() - last < ECHO) return;
    last = now();
    first ??= signal;
    times += 1;
    if (times === 1) process.stderr.write("stopping: the engine finishes what it began; once more to end it at once\n");
    if (times < 3) child.kill("SIGINT");
    else killGroup(child);
  };
  for (const signal of SIGNALS) process.on(signal, heed);
  return {
    heard: () => first,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, heed);
    },
  };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended by itself in between.
  }
}
