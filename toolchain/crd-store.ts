import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { downloadModule } from "./build.ts";
import type { CrdFile } from "./crd-files.ts";
import type { CrdSource } from "./crd-sources.ts";
import { MIRROR_VARIABLE } from "./download.ts";
import type { Workshop } from "./ensure.ts";
import { hasCode, ToolchainError } from "./failure.ts";

/** The YAML documents of an add-on's files. What is not in the cache is had from the repository, else from the module. */
export async function contentsOf(
  source: CrdSource,
  files: readonly CrdFile[],
  shop: Workshop,
): Promise<ReadonlyMap<CrdFile, readonly unknown[]>> {
  const contents = new Map<CrdFile, readonly unknown[]>();
  for (const file of files) {
    const cached = await readCached(file, shop);
    if (cached !== undefined) contents.set(file, cached);
  }
  const missing = files.filter((file) => !contents.has(file));
  if (missing.length === 0) return contents;
  const activity = shop.report.begin(`fetching the CRDs of ${source.addOn}`);
  const fromRepository = await attempt(() => readRepository(source, missing, shop));
  const texts =
    fromRepository instanceof ToolchainError ? await attempt(() => readModule(source, missing, shop)) : fromRepository;
  if (texts instanceof ToolchainError) {
    activity.end("failed");
    throw cannotBeHad(source, fromRepository instanceof ToolchainError ? fromRepository.message : "", texts.message);
  }
  for (const [file, text] of texts) contents.set(file, await keep(file, text, shop));
  activity.end("done");
  return contents;
}

async function attempt<T>(work: () => Promise<T>): Promise<T | ToolchainError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ToolchainError) return error;
    throw error;
  }
}

type Texts = ReadonlyMap<CrdFile, string>;

async function readRepository(source: CrdSource, files: readonly CrdFile[], shop: Workshop): Promise<Texts> {
  const { repository } = source;
  if (repository === undefined) throw new ToolchainError("that version is no release, so its repository is not asked");
  const texts = new Map<CrdFile, string>();
  for (const file of files) {
    const url = `https://raw.githubusercontent.com/${repository.name}/${repository.tag}/${file.path}`;
    texts.set(file, verified(file, await shop.net.text(url), url));
  }
  return texts;
}

async function readModule(source: CrdSource, files: readonly CrdFile[], shop: Workshop): Promise<Texts> {
  const folder = await downloadModule(source.module, source.version, shop.env);
  const texts = new Map<CrdFile, string>();
  for (const file of files) {
    const path = join(folder, file.path);
    texts.set(file, verified(file, await readFile(path, "utf8"), path));
  }
  return texts;
}

function verified(file: CrdFile, text: string, where: string): string {
  const sum = createHash("sha256").update(text).digest("hex");
  if (sum === file.sha256) return text;
  throw new ToolchainError(`${where} has the SHA-256 ${sum}, but toolchain/crd-files.ts says ${file.sha256}`);
}

/** Parsed once and kept as JSON: reading the YAML of a large definition takes longer than to install it. */
function cacheFile(file: CrdFile, shop: Workshop): string {
  return join(shop.cache, "crds", `${file.sha256}.json`);
}

async function readCached(file: CrdFile, shop: Workshop): Promise<readonly unknown[] | undefined> {
  try {
    return JSON.parse(await readFile(cacheFile(file, shop), "utf8")) as readonly unknown[];
  } catch (error) {
    if (hasCode(error, "ENOENT") || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function keep(file: CrdFile, text: string, shop: Workshop): Promise<readonly unknown[]> {
  const documents = parseAllDocuments(text).map((document): unknown => document.toJS());
  await mkdir(join(shop.cache, "crds"), { recursive: true });
  const temporary = `${cacheFile(file, shop)}.${process.pid}.new`;
  await writeFile(temporary, JSON.stringify(documents));
  await rename(temporary, cacheFile(file, shop));
  return documents;
}

function cannotBeHad(source: CrdSource, repository: string, module: string): ToolchainError {
  const indent = (text: string) => text.replaceAll("\n", "\n      ");
  return new ToolchainError(
    [
      `the CRDs of ${source.addOn} ${source.version} cannot be had`,
      `  repository: ${indent(repository)}`,
      `  Go module:  ${indent(module)}`,
      "one of these helps:",
      `  - make raw.githubusercontent.com reachable, or name a mirror in ${MIRROR_VARIABLE}`,
      "  - install Go (https://go.dev/dl/), with a module proxy that it can reach",
    ].join("\n"),
  );
}
