import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { renderEnvironment } from "../../components/yaml/index.ts";
import { Failure } from "../failure.ts";
import { buildEnvironment, openProject } from "../project.ts";

/** The first line of every rendered file: what may be overwritten or removed, and what is somebody's own. */
const HEADER = "# Rendered by fairlead; change the description instead.\n";

/** Writes an environment's objects to <out>/<environment>/<component>.yaml, or compares them with what stands there. */
export async function render(name: string, options: { readonly check?: boolean; readonly out: string }): Promise<void> {
  const project = await openProject();
  const files = renderEnvironment(await buildEnvironment(project, name));
  const folder = resolve(project.root, options.out, name);
  const shown = relative(process.cwd(), folder) || ".";
  const differences = compare(folder, files);
  if (options.check === true) {
    if (differences.length === 0) return console.log(`${shown} is what the description says (${files.size} files)`);
    throw new Failure(
      [
        `${shown} is not what the description says:`,
        ...differences.map(({ file, what }) => `  ${what.padEnd(7)} ${file}`),
        `run: npm run render -- ${name}`,
      ].join("\n"),
    );
  }
  mkdirSync(folder, { recursive: true });
  for (const { file, what } of differences) {
    const path = join(folder, file);
    if (what === "extra") rmSync(path);
    else writeWhole(path, HEADER + (files.get(file.replace(/\.yaml$/, "")) ?? ""));
  }
  const changed = differences.length === 0 ? "nothing had changed" : `${differences.length} changed`;
  console.log(`${shown}: ${files.size} files, ${changed}`);
}

interface Difference {
  readonly file: string;
  readonly what: "missing" | "stale" | "extra";
}

function compare(folder: string, files: ReadonlyMap<string, string>): readonly Difference[] {
  const wanted = new Map([...files].map(([component, text]) => [`${component}.yaml`, HEADER + text]));
  const present = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".yaml")) : [];
  const differences: Difference[] = [];
  for (const [file, text] of wanted) {
    const path = join(folder, file);
    if (!existsSync(path)) differences.push({ file, what: "missing" });
    else if (readFileSync(path, "utf8") !== text) differences.push({ file, what: "stale" });
  }
  for (const file of present) {
    // A file without our first line is somebody's own, and stays.
    if (!wanted.has(file) && readFileSync(join(folder, file), "utf8").startsWith(HEADER))
      differences.push({ file, what: "extra" });
  }
  return differences;
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
