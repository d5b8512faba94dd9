import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Usage } from "./usage.ts";

/** A program that writes an environment as YAML. */
export interface Contender {
  readonly name: string;
  /** Program of this folder. */
  readonly program: string;
  /** Whether it is given the finished objects, or makes them of the description. */
  readonly given: "objects" | "description";
  /** Most services it is asked for, where more would take minutes. */
  readonly most: number;
}

export const CONTENDERS: readonly Contender[] = [
  { name: "Fairlead", program: "render-fairlead.js", given: "description", most: Number.POSITIVE_INFINITY },
  { name: "yaml", program: "render-yaml.js", given: "objects", most: Number.POSITIVE_INFINITY },
  { name: "cdk8s", program: "render-cdk8s.js", given: "objects", most: 1000 },
];

/** One whole process. */
export interface Run extends Usage {
  /** Seconds from its start to its end. */
  readonly wall: number;
}

/** What a contender works with. */
export interface Task {
  readonly count: number;
  /** Its objects as JSON. */
  readonly objects: string;
  /** Where the built programs stand. */
  readonly programs: string;
  /** A folder for what is made. */
  readonly temporary: string;
}

/**
 * Runs a contender in a process of its own. What it wrote is gone afterwards, unless `look` looks at it first.
 * @throws Error with what the process said when it failed.
 */
export function runContender(contender: Contender, task: Task, look?: (folder: string) => void): Run {
  const folder = mkdtempSync(join(task.temporary, "out-"));
  const input = contender.given === "objects" ? task.objects : String(task.count);
  const start = performance.now();
  const done = spawnSync(process.execPath, [join(task.programs, contender.program), input, folder], {
    encoding: "utf8",
  });
  const wall = (performance.now() - start) / 1000;
  if (done.status !== 0) throw new Error(`${contender.name} failed: ${done.stderr}`);
  look?.(folder);
  rmSync(folder, { recursive: true });
  return { wall, ...(JSON.parse(done.stdout) as Usage) };
}
