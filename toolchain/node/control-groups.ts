import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "../failure.ts";

/** A tree of control groups of this machine. */
export interface ControlGroups {
  readonly folder: string;
  /** Version 2 has one tree for all controllers. */
  readonly version: 1 | 2;
}

/** Controllers that the kubelet asks for. */
const WANTED = ["cpu", "cpuset", "memory", "pids", "io", "hugetlb"];

/** The trees that are mounted, as /proc/self/mounts tells. */
export function controlGroups(mounts = "/proc/self/mounts"): readonly ControlGroups[] {
  if (!existsSync(mounts)) return [];
  const found: ControlGroups[] = [];
  for (const line of readFileSync(mounts, "utf8").split("\n")) {
    const [, folder, type] = line.split(" ");
    if (folder === undefined || (type !== "cgroup" && type !== "cgroup2")) continue;
    found.push({ folder, version: type === "cgroup" ? 1 : 2 });
  }
  return found;
}

/** Makes a group in every tree. Returns the controllers that had to be switched on for it, by tree. */
export function makeGroup(name: string): Readonly<Record<string, readonly string[]>> {
  const switched: Record<string, readonly string[]> = {};
  const trees = controlGroups();
  for (const { folder, version } of trees) {
    // Beside trees of version 1, that of version 2 has no controllers for pods.
    if (version === 2 && trees.length === 1) {
      const words = (file: string) => readFileSync(join(folder, file), "utf8").trim().split(/\s+/);
      const on = words("cgroup.subtree_control");
      const off = words("cgroup.controllers").filter((one) => WANTED.includes(one) && !on.includes(one));
      for (const one of off) writeFileSync(join(folder, "cgroup.subtree_control"), `+${one}`);
      if (off.length > 0) switched[folder] = off;
    }
    mkdirSync(join(folder, name), { recursive: true });
  }
  return switched;
}

/** Processes in a group and below. */
export function processesIn(name: string): readonly number[] {
  const found = new Set<number>();
  for (const { folder } of controlGroups()) {
    for (const group of below(join(folder, name))) {
      for (const pid of linesOf(join(group, "cgroup.procs"))) found.add(Number(pid));
    }
  }
  return [...found];
}

/** Removes a group and all below it in every tree; those must have no processes, and the kernel may take a moment to agree. */
export async function removeGroup(name: string, patience = 5_000): Promise<void> {
  const deadline = Date.now() + patience;
  for (const { folder } of controlGroups()) {
    for (const group of below(join(folder, name))) {
      for (;;) {
        try {
          rmdirSync(group);
          break;
        } catch (error) {
          if (hasCode(error, "ENOENT")) break;
          if (Date.now() > deadline) throw error;
          await sleep(20);
        }
      }
    }
  }
}

/** Switches controllers off again that makeGroup switched on. */
export function switchOff(switched: Readonly<Record<string, readonly string[]>>): void {
  for (const [folder, controllers] of Object.entries(switched)) {
    for (const one of controllers) {
      try {
        writeFileSync(join(folder, "cgroup.subtree_control"), `-${one}`);
      } catch (error) {
        // Somebody else began to use it meanwhile.
        if (!hasCode(error, "EBUSY", "ENOENT", "EINVAL")) throw error;
      }
    }
  }
}

/** A group with all below it, the innermost first. */
function below(group: string): readonly string[] {
  if (!existsSync(group)) return [];
  const children = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((child) => below(join(group, child.name))), group];
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch (error) {
    // The group, or the process that was read about, has gone in between.
    if (hasCode(error, "ENOENT", "ENODEV", "EOPNOTSUPP")) return [];
    throw error;
  }
}
