import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Environment } from "../components/core/environment.ts";
import { type Fault, FaultError } from "../components/core/fault.ts";
import { renderFiles } from "../components/yaml/index.ts";
import type { Place } from "./project.ts";

/** The first line of every rendered file: what may be overwritten or removed; everything else is somebody's own. */
const HEADER = "# Rendered by fairlead; change the description instead.\n";

/** An environment's files as they should be, and where they differ from what stands there. */
export interface Rendered {
  /** Absolute. */
  readonly folder: string;
  /** The folder as the user would call it. */
  readonly shown: string;
  readonly files: ReadonlyMap<string, string>;
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly file: string;
  /** foreign: somebody else's file stands where ours would. */
  readonly what: "missing" | "stale" | "extra" | "foreign";
}

/** Renders an environment and compares it with <out>/<environment>. Changes nothing. */
export function rendered({ root }: Place, environment: Environment, out: string): Rendered {
  const texts = renderFiles(environment);
  const files = new Map([...texts].map(([file, text]) => [file, HEADER + text]));
  const folder = resolve(root, out, environment.name);
  return { folder, shown: relative(process.cwd(), folder) || ".", files, differences: compare(folder, files) };
}

/**
 * Writes what differs and removes what is too much.
 * @throws FaultError before anything is changed, for files of somebody else.
 */
export function writeRendered({ folder, shown, files, differences }: Rendered): void {
  refuseForeign(differences, shown);
  mkdirSync(folder, { recursive: true });
  for (const { file, what } of differences) {
    const path = join(folder, file);
    if (what === "extra") removeWithFolders(path, folder);
    else writeWhole(path, files.get(file) ?? "");
  }
}

function compare(folder: string, files: ReadonlyMap<string, string>): readonly Difference[] {
  const present = new Set(yamlFiles(folder));
  const differences: Difference[] = [];
  for (const [file, text] of files) {
    const found = present.has(file) ? readFileSync(join(folder, file), "utf8") : undefined;
    if (found === undefined) differences.push({ file, what: "missing" });
    else if (found !== text) differences.push({ file, what: found.startsWith(HEADER) ? "stale" : "foreign" });
  }
  for (const file of present) {
    if (!files.has(file) && readFileSync(join(folder, file), "utf8").startsWith(HEADER)) {
      differences.push({ file, what: "extra" });
    }
  }
  return differences;
}

/** Files of the folder and of the folders in it, which are the components'. */
function yamlFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const files = entry.isDirectory()
      ? readdirSync(join(folder, entry.name)).map((file) => `${entry.name}/${file}`)
      : [entry.name];
    return files.filter((file) => file.endsWith(".yaml"));
  });
}

function refuseForeign(differences: readonly Difference[], shown: string): void {
  const faults = differences.flatMap(({ file, what }): readonly Fault[] => {
    if (what !== "foreign") return [];
    const problem = "was not written by fairlead, and would be overwritten";
    const remedy = "move it away, or render elsewhere with --out";
    return [{ component: join(shown, file), path: "", problem, remedy }];
  });
  if (faults.length > 0) throw new FaultError(faults);
}

/** A component's folder goes with its last file. */
function removeWithFolders(path: string, folder: string): void {
  rmSync(path);
  const above = dirname(path);
  if (above !== folder && readdirSync(above).length === 0) rmdirSync(above);
}

function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
