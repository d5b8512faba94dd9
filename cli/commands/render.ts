import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type Fault, FaultError } from "../../components/core/fault.ts";
import { renderEnvironment } from "../../components/yaml/index.ts";
import { Failure } from "../failure.ts";
import { invocation } from "../invocation.ts";
import { buildEnvironment, openProject } from "../project.ts";

/** The first line of every rendered file: what may be overwritten or removed; everything else is somebody's own. */
const HEADER = "# Rendered by fairlead; change the description instead.\n";

export interface RenderOptions {
  readonly check?: boolean;
  /** Folder, from the project's own; a folder of each environment is made in it. */
  readonly out: string;
}

/** Writes an environment's objects to <out>/<environment>/<component>.yaml, or compares them with what stands there. */
export async function render(name: string, { check, out }: RenderOptions): Promise<void> {
  const project = await openProject();
  const rendered = renderEnvironment(buildEnvironment(project, name));
  const files = new Map([...rendered].map(([component, text]) => [fileName(component), HEADER + text]));
  const folder = resolve(project.root, out, name);
  const shown = relative(process.cwd(), folder) || ".";
  const differences = compare(folder, files);
  if (check === true) {
    if (differences.length === 0) return console.log(`${shown} is what the description says (${files.size} files)`);
    const lines = differences.map(({ file, what }) => `  ${what.padEnd(7)}  ${file}`);
    const again = invocation("render", name, ...(out === "deploy" ? [] : ["--out", out]));
    throw new Failure([`${shown} is not what the description says:`, ...lines, `write it anew: ${again}`].join("\n"));
  }
  refuseForeign(differences, shown);
  mkdirSync(folder, { recursive: true });
  for (const { file, what } of differences) {
    const path = join(folder, file);
    if (what === "extra") rmSync(path);
    else writeWhole(path, files.get(file) ?? "");
  }
  const removed = differences.filter(({ what }) => what === "extra").length;
  const written = differences.length - removed;
  console.log(`${shown}: ${files.size} files, ${written} written${removed === 0 ? "" : `, ${removed} removed`}`);
}

function fileName(component: string): string {
  if (/^[\w.-]+$/.test(component)) return `${component}.yaml`;
  const problem = "cannot name a file";
  throw new FaultError([{ component, path: "", problem, remedy: "use letters, digits, hyphens, dots" }]);
}

interface Difference {
  readonly file: string;
  /** foreign: somebody else's file stands where ours would. */
  readonly what: "missing" | "stale" | "extra" | "foreign";
}

function compare(folder: string, files: ReadonlyMap<string, string>): readonly Difference[] {
  const present = new Set(existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".yaml")) : []);
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

function refuseForeign(differences: readonly Difference[], shown: string): void {
  const faults = differences.flatMap(({ file, what }): readonly Fault[] => {
    if (what !== "foreign") return [];
    const problem = "was not written by fairlead, and would be overwritten";
    const remedy = "move it away, or render elsewhere with --out";
    return [{ component: join(shown, file), path: "", problem, remedy }];
  });
  if (faults.length > 0) throw new FaultError(faults);
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
