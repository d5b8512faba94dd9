import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "./events.ts";

/** The log of one operation. */
export interface RunLog {
  readonly file: string;
  readonly event: (event: EngineEvent) => void;
  readonly line: (text: string) => void;
  readonly close: () => void;
}

/** How many logs of a folder are kept. */
const KEPT = 40;

/** Begins a log, `<folder>/<time>-<what>.log`, readable by its owner alone, and clears the oldest ones away. */
export function runLog(folder: string, what: string, now: () => Date = () => new Date()): RunLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const old = readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .sort();
  for (const name of old.slice(0, Math.max(0, old.length - KEPT + 1))) rmSync(join(folder, name), { force: true });
  // Sorts by time; two runs in the same millisecond are told apart by their process.
  const time = now().toISOString().replace(/[-:]/g, "").replace("T", "-").replace("Z", "");
  const file = join(folder, `${time}-${process.pid}-${what}.log`);
  const handle = openSync(file, "w", 0o600);
  const line = (text: string) => void writeSync(handle, `${now().toISOString()} ${text}\n`);
  return { file, line, event: (event) => line(eventText(event)), close: () => closeSync(handle) };
}

function eventText(event: EngineEvent): string {
  if (event.kind === "diagnostic") {
    return `${event.severity}${event.about === "" ? "" : ` ${event.about}`}: ${event.message}`;
  }
  const { op, type, name, properties } = event.step;
  return `${event.kind} ${op} ${type} ${name}${properties.length === 0 ? "" : ` [${properties.join(", ")}]`}`;
}
