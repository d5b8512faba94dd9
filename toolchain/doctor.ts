import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, freemem, tmpdir, totalmem } from "node:os";
import { dirname } from "node:path";
import { findGo, GO_VERSION } from "./build.ts";
import { installed } from "./cannot-be-had.ts";
import { clusterStatus } from "./cluster.ts";
import { type Origin, type ToolchainOptions, type Workshop, withoutWork, workshop } from "./ensure.ts";
import { reasonOf, ToolchainError } from "./failure.ts";
import { machineFacts, whyNoNode } from "./node/needs.ts";
import { CLUSTER_PARTS, ENGINE_PARTS } from "./parts.ts";
import { platformOf, unsupported } from "./platform.ts";
import { run } from "./process.ts";
import { duration } from "./report.ts";
import { onPath } from "./search-path.ts";
import type { Source } from "./source.ts";
import { compareVersions, findVersion } from "./version.ts";

/** One line of the doctor's table. */
export interface DoctorRow {
  /** Such as "Node.js" or "etcd". */
  readonly what: string;
  /** Its version or amount; empty when there is none. */
  readonly version: string;
  /** Where it comes from, or will come from. */
  readonly from: string;
  /** "later": not there yet, but it will come by itself. "bad": somebody must do something. */
  readonly state: "fine" | "later" | "bad";
  /** What to do; absent when nothing is. */
  readonly advice?: string;
}

/** What is examined. */
export interface DoctorOptions extends ToolchainOptions {
  /** Folder of the embedded cluster. @default no row for it */
  readonly folder?: string;
}

/** The oldest Node.js that runs the program's TypeScript as it is. */
const NODE_VERSION = "22.18.0";

const GIGABYTE = 1024 ** 3;

/** What a first run with every part built from Go needs, and what a run with all parts there needs, in GB. */
const NEEDS = { memory: { build: 4, run: 2 }, disk: { build: 10, run: 2 } };

/** Examines the machine, the parts and the cluster. Downloads and builds nothing; asks publishers only about parts that are missing. */
export async function doctor(options: DoctorOptions = {}): Promise<readonly DoctorRow[]> {
  const { env = process.env } = options;
  const rows = [nodeRow(), await npmRow(env)];
  if (platformOf() === undefined)
    return [...rows, { ...row("embedded engine and cluster", "", ""), state: "bad", advice: unsupported() }];
  const shop = workshop({ patience: { connect: 3_000, stall: 3_000 }, ...options });
  const needed = new Set([...ENGINE_PARTS, ...CLUSTER_PARTS]);
  const sources = shop.sources.filter((source) => source.programs.some((program) => needed.has(program.name)));
  const go = await findGo(env).catch((error: unknown) => reasonOf(error));
  const parts = await Promise.all(sources.map((source) => sourceRow(source, shop, go)));
  const work = parts.some((one) => one.state !== "fine") ? "build" : "run";
  const goRow: DoctorRow =
    typeof go === "string"
      ? {
          ...row("Go", "", go),
          ...(work === "run" ? {} : { advice: `install Go ${GO_VERSION} or newer if parts must be built` }),
        }
      : row("Go", go.version, go.file);
  const machine = [goRow, processorRow(), memoryRow(work), await diskRow(shop.cache, work)];
  const cluster = options.folder === undefined ? [] : [await clusterRow(options.folder)];
  return [...rows, ...machine, ...parts, ...cluster, await nodeKindRow(shop)];
}

function row(what: string, version: string, from: string): DoctorRow {
  return { what, version, from, state: "fine" };
}

function nodeRow(): DoctorRow {
  const version = process.versions.node;
  const found = row("Node.js", version, process.execPath);
  if (compareVersions(version, NODE_VERSION) >= 0) return found;
  return { ...found, state: "bad", advice: `install Node.js ${NODE_VERSION} or newer: https://nodejs.org` };
}

async function npmRow(env: Workshop["env"]): Promise<DoctorRow> {
  const file = onPath("npm", env);
  if (file === undefined) return { ...row("npm", "", ""), state: "bad", advice: "install npm: it comes with Node.js" };
  const { stdout } = await run(file, ["--version"], { env, timeout: 10_000 });
  return row("npm", findVersion(stdout) ?? "", file);
}

function processorRow(): DoctorRow {
  return row("processors", String(availableParallelism()), "");
}

function memoryRow(work: "build" | "run"): DoctorRow {
  const need = NEEDS.memory[work];
  const found = row("memory", `${gigabytes(freemem())} GB free`, `of ${gigabytes(totalmem())} GB`);
  if (freemem() / GIGABYTE >= need) return found;
  return {
    ...found,
    state: "bad",
    advice: `free ${need} GB: ${work === "build" ? "a Go build" : "the cluster"} needs it`,
  };
}

async function diskRow(cache: string, work: "build" | "run"): Promise<DoctorRow> {
  let folder = cache;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = row("disk", `${gigabytes(free)} GB free`, cache);
  if (free / GIGABYTE >= NEEDS.disk[work]) return found;
  return { ...found, state: "bad", advice: `free ${NEEDS.disk[work]} GB, or name another folder in FAIRLEAD_CACHE` };
}

function gigabytes(bytes: number): string {
  return (bytes / GIGABYTE).toFixed(1);
}

const CAME: Readonly<Record<Origin, string>> = { path: "your own", download: "downloaded", build: "built with Go" };

async function sourceRow(
  source: Source,
  shop: Workshop,
  go: { readonly version: string } | string,
): Promise<DoctorRow> {
  const what = source.programs.map((program) => program.name).join(", ");
  const { parts } = await withoutWork(source, shop);
  const [first] = parts ?? [];
  if (first !== undefined) return row(what, first.version, `${CAME[first.origin]}: ${dirname(first.file)}`);
  const problem = await whyNoDownload(source, shop);
  if (problem === undefined) {
    const host = new URL(source.release(shop.platform)[0]?.url ?? source.home).host;
    return { ...row(what, source.version, `will be downloaded from ${host}`), state: "later" };
  }
  const seconds = source.builds.reduce((sum, build) => sum + build.seconds, 0);
  if (typeof go !== "string") {
    return { ...row(what, source.version, `will be built with Go, about ${duration(seconds)}`), state: "later" };
  }
  const advice = `install it (${source.home}), make its download reachable (${problem}), or install Go ${GO_VERSION} or newer`;
  return { ...row(what, source.version, "cannot be had"), state: "bad", advice };
}

async function whyNoDownload(source: Source, shop: Workshop): Promise<string | undefined> {
  const files = source.release(shop.platform);
  if (files.length === 0) return `its publisher has none for ${shop.platform.os} ${shop.platform.arch}`;
  try {
    for (const file of files) await shop.net.publishedSum(file.url, file.checksum);
    return undefined;
  } catch (error) {
    if (error instanceof ToolchainError) return error.message;
    throw error;
  }
}

/** Which way to real pods this machine has; the other one is open to everybody. */
async function nodeKindRow(shop: Workshop): Promise<DoctorRow> {
  const reasons = [...whyNoNode(await machineFacts(tmpdir(), shop.env))];
  // The one part that Go can not build.
  for (const source of shop.sources.filter(({ packaged }) => shop.platform.os === "linux" && packaged !== undefined)) {
    if ((await withoutWork(source, shop)).parts !== undefined) continue;
    const problem = await whyNoDownload(source, shop);
    if (problem !== undefined)
      reasons.push(`${source.name} missing, and its download is out of reach: ${installed(source)}`);
  }
  if (reasons.length === 0) return row("real pods", "", "here: cluster start --node real; or any cluster: --context");
  return { ...row("real pods", "", "another cluster: --context"), advice: reasons.join("; ") };
}

async function clusterRow(folder: string): Promise<DoctorRow> {
  const status = await clusterStatus({ folder });
  const nodes = status.nodes === undefined ? "" : `, ${status.nodes.ready} of ${status.nodes.all} nodes ready`;
  const found = row("embedded cluster", status.state + nodes, status.server ?? folder);
  if (status.state !== "broken") return found;
  return { ...found, state: "later", advice: "the next start repairs it" };
}
