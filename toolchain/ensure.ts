import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { goBuild } from "./build.ts";
import { cannotBeHad } from "./cannot-be-had.ts";
import { downloadVerified, type Network, network, type Patience } from "./download.ts";
import { hasCode, lastLines, reasonOf, ToolchainError } from "./failure.ts";
import { withLock } from "./lock.ts";
import { SOURCES, sourceOf } from "./parts.ts";
import { cacheFolder, type Environment, goModules } from "./places.ts";
import { type Platform, platformOf, unsupported } from "./platform.ts";
import { run } from "./process.ts";
import { type Report, silentReport } from "./report.ts";
import { findInstalled } from "./search-path.ts";
import type { PartName, ReleaseFile, Source } from "./source.ts";

/** Which way a part came. */
export type Origin = "path" | "download" | "build";

/** A program that can be run. */
export interface ResolvedPart {
  readonly name: PartName;
  readonly version: string;
  readonly origin: Origin;
  /** Absolute path of the program. */
  readonly file: string;
}

/** Where parts are looked for and kept. */
export interface ToolchainOptions {
  readonly report?: Report;
  /** @default that of this process */
  readonly env?: Environment;
  /** Folder shared by all runs. @default cacheFolder(env) */
  readonly cache?: string;
  /** Ways that are tried, for tests. @default all, in this order */
  readonly ways?: readonly Origin[];
  /** @default the pinned table */
  readonly sources?: readonly Source[];
  /** Folder of the Go modules. @default toolchain/go */
  readonly modules?: string;
  /** How long publishers may keep us waiting. */
  readonly patience?: Patience;
}

/** The same, with nothing left open. */
export interface Workshop {
  readonly report: Report;
  readonly env: Environment;
  readonly cache: string;
  readonly ways: readonly Origin[];
  readonly sources: readonly Source[];
  readonly modules: string;
  readonly net: Network;
  readonly platform: Platform;
}

/** Fills in the defaults. Throws a ToolchainError on a machine that no part exists for. */
export function workshop(options: ToolchainOptions = {}): Workshop {
  const platform = platformOf();
  if (platform === undefined) throw new ToolchainError(unsupported());
  const { report = silentReport, env = process.env, ways = ["path", "download", "build"], sources = SOURCES } = options;
  const { cache = cacheFolder(env), modules = goModules(), patience } = options;
  const net = network(patience === undefined ? { env } : { env, patience });
  return { report, env, cache, ways, sources, modules, net, platform };
}

/**
 * Finds, downloads or builds parts, each the first way that works, and remembers what was downloaded or built.
 * Throws a ToolchainError that says what failed, why, and the three ways out.
 */
export async function ensureParts(
  names: Iterable<PartName>,
  options: ToolchainOptions = {},
): Promise<ReadonlyMap<PartName, ResolvedPart>> {
  const shop = workshop(options);
  const wanted = new Set(names);
  const sources = shop.sources.filter((source) => source.programs.some((program) => wanted.has(program.name)));
  for (const name of wanted) sourceOf(name, shop.sources);

  const quick = await Promise.all(sources.map((source) => withoutWork(source, shop)));
  const missing = sources.filter((_, index) => quick[index]?.parts === undefined);
  const slow =
    missing.length === 0
      ? []
      : await makeAll(
          missing,
          shop,
          quick.flatMap((one) => one.why ?? []),
        );
  const all = [...quick.flatMap((one) => one.parts ?? []), ...slow];
  return new Map(all.filter((part) => wanted.has(part.name)).map((part) => [part.name, part]));
}

/** What is known of a source before anything is downloaded or built. */
export interface Quick {
  readonly parts?: readonly ResolvedPart[];
  /** Why the user's installation does not do. */
  readonly why?: { readonly source: Source; readonly text: string; readonly misfit: boolean };
}

/** Looks on PATH and in the cache. */
export async function withoutWork(source: Source, shop: Workshop): Promise<Quick> {
  const why = { source, text: "not looked for", misfit: false };
  const installed = shop.ways.includes("path") ? await findInstalled(source, shop.env) : undefined;
  if (installed?.found === true) {
    const { files, version } = installed;
    return { parts: [...files].map(([name, file]) => ({ name, version, origin: "path" as const, file })) };
  }
  const cached = await inCache(source, shop);
  const reason = installed === undefined ? why : { source, text: installed.why, misfit: installed.misfit };
  return cached === undefined ? { why: reason } : { parts: cached, why: reason };
}

async function makeAll(missing: readonly Source[], shop: Workshop, reasons: readonly NonNullable<Quick["why"]>[]) {
  return withLock(join(shop.cache, "lock"), { guards: "the part cache", report: shop.report }, async () => {
    // Another run may have finished some of them while this one waited.
    const present = await Promise.all(missing.map((source) => inCache(source, shop)));
    const still = missing.filter((_, index) => present[index] === undefined);
    const attempts = still.map((source) => {
      const reason = reasons.find((one) => one.source === source);
      if (reason?.misfit === true) shop.report.say(`${reason.text}; using ${source.name} ${source.version} of our own`);
      // Downloads run beside the builds; each is waited for in its turn, so a failure here is never unhandled.
      return { source, path: reason?.text ?? "not looked for", download: settled(download(source, shop)) };
    });
    const made: ResolvedPart[] = present.flatMap((parts) => parts ?? []);
    for (const attempt of attempts) made.push(...(await make(attempt, shop)));
    return made;
  });
}

interface Attempt {
  readonly source: Source;
  readonly path: string;
  readonly download: Promise<readonly ResolvedPart[] | ToolchainError>;
}

async function make(attempt: Attempt, shop: Workshop): Promise<readonly ResolvedPart[]> {
  const downloaded = await attempt.download;
  if (!(downloaded instanceof ToolchainError)) return downloaded;
  const built = await settled(build(attempt.source, shop));
  if (!(built instanceof ToolchainError)) return built;
  throw cannotBeHad(attempt.source, { path: attempt.path, download: downloaded.message, build: built.message }, shop);
}

/** Failures of the outside world become values; slips of ours go on as they are. */
async function settled<T>(work: Promise<T>): Promise<T | ToolchainError> {
  return work.catch((error: unknown) => {
    if (error instanceof ToolchainError) return error;
    if (hasCode(error, "ENOSPC", "EACCES", "EROFS", "EPERM")) return new ToolchainError(reasonOf(error));
    throw error;
  });
}

async function download(source: Source, shop: Workshop): Promise<readonly ResolvedPart[]> {
  if (!shop.ways.includes("download")) throw new ToolchainError("not tried");
  const files = source.release(shop.platform);
  if (files.length === 0)
    throw new ToolchainError(`its publisher has none for ${shop.platform.os} ${shop.platform.arch}`);
  const place = placeOf(source, shop);
  await mkdir(place.unfinished, { recursive: true });
  // The first answer tells whether the publisher can be reached at all; only then it is worth a line.
  await Promise.all(files.map((file) => shop.net.publishedSum(file.url, file.checksum)));
  const activity = shop.report.begin(`downloading ${source.name} ${source.version}`);
  try {
    for (const file of files) await downloadOne(file, place.unfinished, shop.net);
    const parts = await finish(source, shop, "download");
    activity.end("done");
    return parts;
  } catch (error) {
    activity.end(`failed, ${reasonOf(error)}`);
    throw error;
  }
}

async function downloadOne(file: ReleaseFile, folder: string, net: Network): Promise<void> {
  const holds = typeof file.holds === "string" ? undefined : (Object.entries(file.holds) as [PartName, string][]);
  const temporary = join(folder, `.new-${basename(file.url)}`);
  await downloadVerified(net, file.url, file.checksum, temporary);
  if (holds === undefined) {
    await chmod(temporary, 0o755);
    await rename(temporary, join(folder, file.holds as string));
    return;
  }
  const unpacked = `${temporary}.unpacked`;
  await mkdir(unpacked, { recursive: true });
  const tar = await run("tar", ["-xf", temporary, "-C", unpacked, ...holds.map(([, path]) => path)]);
  if (tar.status !== 0) throw new ToolchainError(`${file.url} does not unpack:\n${lastLines(tar.stderr, 3)}`);
  for (const [name, path] of holds) {
    await chmod(join(unpacked, path), 0o755);
    await rename(join(unpacked, path), join(folder, name));
  }
  await rm(temporary, { force: true });
  await rm(unpacked, { recursive: true, force: true });
}

async function build(source: Source, shop: Workshop): Promise<readonly ResolvedPart[]> {
  if (!shop.ways.includes("build")) throw new ToolchainError("not tried");
  if (source.builds.length === 0) throw new ToolchainError("Go alone can not build it");
  const place = placeOf(source, shop);
  await mkdir(place.unfinished, { recursive: true });
  const present = new Set(readdirSync(place.unfinished));
  for (const step of source.builds) {
    const programs = Object.keys(step.packages);
    // An interrupted run leaves the programs that it finished.
    if (programs.every((name) => present.has(name))) continue;
    // More than two names would not fit a line of a terminal.
    const what = programs.length > 2 ? source.name : programs.join(", ");
    const activity = shop.report.begin(`building ${what} ${source.version} with Go`, step.seconds);
    try {
      const scratch = join(shop.cache, "scratch");
      await goBuild(step, { modules: shop.modules, scratch, into: place.unfinished, env: shop.env });
      activity.end("done");
    } catch (error) {
      activity.end("failed");
      throw error;
    }
  }
  return finish(source, shop, "build");
}

/** Where a source is kept: the name changes with its version, its table row, its pinned module and the machine. */
function placeOf(source: Source, shop: Workshop): { readonly finished: string; readonly unfinished: string } {
  const hash = createHash("sha256").update(JSON.stringify([source.version, source.builds, shop.platform]));
  for (const { folder } of source.builds) {
    for (const file of ["go.mod", "go.sum", "main.go", ...furtherGo(join(shop.modules, folder))])
      hash.update(`\0${file}\0`).update(contentOf(join(shop.modules, folder, file)));
  }
  const finished = join(shop.cache, "parts", `${source.name}-${source.version}-${hash.digest("hex").slice(0, 10)}`);
  return { finished, unfinished: `${finished}.unfinished` };
}

/** A program of our own may be told in several files. */
function furtherGo(folder: string): readonly string[] {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const further = (name: string) => name.endsWith(".go") && !name.endsWith("_test.go") && name !== "main.go";
  return files.filter(further).sort();
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}

const RECEIPT = "receipt.json";

async function finish(source: Source, shop: Workshop, origin: Origin): Promise<readonly ResolvedPart[]> {
  const place = placeOf(source, shop);
  for (const name of readdirSync(place.unfinished)) {
    if (name.startsWith(".new-")) await rm(join(place.unfinished, name), { recursive: true, force: true });
  }
  await writeFile(join(place.unfinished, RECEIPT), `${JSON.stringify({ origin, version: source.version })}\n`);
  await rm(place.finished, { recursive: true, force: true });
  await rename(place.unfinished, place.finished);
  return partsIn(source, place.finished, origin);
}

async function inCache(source: Source, shop: Workshop): Promise<readonly ResolvedPart[] | undefined> {
  const { finished } = placeOf(source, shop);
  try {
    const receipt = JSON.parse(await readFile(join(finished, RECEIPT), "utf8")) as { readonly origin: Origin };
    const files = new Set(readdirSync(finished));
    return source.programs.every((program) => files.has(program.name))
      ? partsIn(source, finished, receipt.origin)
      : undefined;
  } catch (error) {
    // A receipt that is missing or unreadable means: not finished.
    if (hasCode(error, "ENOENT") || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function partsIn(source: Source, folder: string, origin: Origin): readonly ResolvedPart[] {
  return source.programs.map(({ name }) => ({ name, version: source.version, origin, file: join(folder, name) }));
}
