import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterFiles, type ClusterParts, COMPONENTS } from "./kwokctl.ts";
import { stopNode } from "./node/node.ts";
import { isTaken } from "./ports.ts";
import { isAlive, processesCalledWith, processesUnder, type RunningProcess } from "./process.ts";
import type { PartName } from "./source.ts";

/** The parts may have moved since the cluster was made, or be of a newer version. */
export async function linkPrograms(files: ClusterFiles, parts: ClusterParts): Promise<void> {
  await mkdir(files.programs, { recursive: true });
  for (const component of COMPONENTS) {
    const part = parts.get(component === "kwok-controller" ? "kwok" : (component as PartName));
    if (part === undefined) continue;
    await rm(join(files.programs, component), { force: true });
    await symlink(part.file, join(files.programs, component));
  }
}

/** Ends the cluster's own processes, found by the path of their program: an old process id may be somebody else's now. */
export async function endProcesses(files: ClusterFiles): Promise<void> {
  // A run that was killed leaves its kwokctl behind, which would go on starting programs.
  await end(await processesCalledWith("kwokctl", files.settings), "SIGKILL");
  await stopNode(files.folder);
  const living = await processesUnder(files.programs);
  const etcd = living.filter((one) => one.program.endsWith("/etcd"));
  // What talks to etcd goes first; etcd may then close its files in peace.
  await end(
    living.filter((one) => !etcd.includes(one)),
    "SIGKILL",
  );
  await end(etcd, "SIGTERM");
  await end(await processesUnder(files.programs), "SIGKILL");
  await rm(files.pids, { recursive: true, force: true });
  if (existsSync(files.description)) await mkdir(files.pids, { recursive: true });
}

async function end(processes: readonly RunningProcess[], signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself in between.
    }
  }
  const deadline = Date.now() + 5_000;
  while (processes.some(({ pid }) => isAlive(pid)) && Date.now() < deadline) await sleep(20);
}

/** Ends what runs of the cluster, and takes away its folder. */
export async function removeCluster(files: ClusterFiles): Promise<void> {
  await endProcesses(files);
  await rm(files.folder, { recursive: true, force: true });
}

/** Ports of the cluster that somebody listens on although the cluster is stopped. */
export async function takenPorts(files: ClusterFiles): Promise<readonly number[]> {
  const text = readFileSync(files.description, "utf8");
  const ports = new Set([...text.matchAll(/^\s*\w*[pP]ort: (\d+)$/gm)].map((match) => Number(match[1])));
  const taken = await Promise.all([...ports].map(async (port) => ((await isTaken(port)) ? [port] : [])));
  return taken.flat();
}
