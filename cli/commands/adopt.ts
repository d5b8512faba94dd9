import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { FaultError } from "../../components/core/fault.ts";
import { type Plan, plan } from "../adopt/plan.ts";
import { sourceText } from "../adopt/source-text.ts";
import { invocation } from "../invocation.ts";
import { buildEnvironment, oneFault, openProject } from "../project.ts";
import { namespacesOf } from "../status.ts";

/** The first line of every written file: what may be overwritten. */
const HEADER = "Written by fairlead adopt";

export interface AdoptOptions {
  readonly environment: string;
  readonly name?: string;
  readonly owner?: string;
  readonly namespace?: string;
  /** Folder, from the project's own; a folder of each environment is made in it. */
  readonly out: string;
}

/**
 * Writes the catalogue's entries for what runs already, the settings that are one environment's own, and the list that
 * `import` takes. Looks at the files alone; no cluster is asked and nothing is changed.
 */
export async function adopt(files: readonly string[], options: AdoptOptions): Promise<void> {
  const project = await openProject();
  const environment = buildEnvironment(project, options.environment);
  const namespace = options.namespace ?? namespacesOf(environment)[0];
  if (namespace === undefined) {
    const problem = `but ${options.environment} has no object in any`;
    throw oneFault("--namespace", "", undefined, problem, "name the namespace that the objects stand in");
  }
  const { name, owner } = options;
  const partOf = project.program.project;
  const planned = plan({ files: await textsOf(files), namespace, partOf, environment, name, owner });
  const folder = resolve(project.root, options.out, options.environment);
  const written = {
    "services.ts": servicesText(planned),
    "settings.yaml": settingsText(planned, partOf, options.environment),
    "import.json": `${JSON.stringify({ $comment: `${HEADER}.`, nameTable: {}, ...planned.list }, null, 2)}\n`,
  };
  write(folder, written);
  console.log(summary(planned, options.environment, relative(process.cwd(), folder) || "."));
}

/** File name -> text; "-" is what is piped in, a folder its YAML files. */
async function textsOf(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const name of names) {
    if (name === "-") texts.set("stdin", await piped());
    else if (!existsSync(name))
      throw oneFault(name, "", undefined, "is not there", "name a file, a folder, or - for a pipe");
    else
      for (const file of statSync(name).isDirectory() ? yamlIn(name) : [name])
        texts.set(file, readFileSync(file, "utf8"));
  }
  return texts;
}

function yamlIn(folder: string): readonly string[] {
  const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
  if (files.length === 0) throw oneFault(folder, "", undefined, "has no YAML file", "name one that has");
  return files.sort().map((file) => join(folder, file));
}

async function piped(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += chunk;
  return text;
}

function servicesText({ entries }: Plan): string {
  return [
    `// ${HEADER}. Move the entries into the catalogue (infra/services.ts), and look over owner and calls.`,
    `export const adopted = ${sourceText(entries)} as const;\n`,
  ].join("\n");
}

function settingsText({ settings }: Plan, project: string, environment: string): string {
  return `# ${HEADER}. Lay it over Pulumi.${environment}.yaml.\n${stringify({ config: { [`${project}:services`]: settings } })}`;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  const foreign = Object.keys(files).filter((file) => {
    const path = join(folder, file);
    return existsSync(path) && !readFileSync(path, "utf8").includes(HEADER);
  });
  if (foreign.length > 0) {
    const problem = "was not written by fairlead, and would be overwritten";
    const remedy = "move it away, or write elsewhere with --out";
    throw new FaultError(foreign.map((file) => ({ component: join(folder, file), path: "", problem, remedy })));
  }
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

function summary({ entries, list, notes, left }: Plan, environment: string, folder: string): string {
  const objects = list.resources.filter(({ component }) => component !== true);
  const lines = Object.entries(notes).flatMap(([name, some]) =>
    some.length === 0 ? [] : [`${name}: not carried over as it was`, ...some.map((line) => `  ${line}`), ""],
  );
  return [
    ...lines,
    ...(left.length === 0 ? [] : [`left as they are: ${left.join(", ")}`, ""]),
    `${Object.keys(entries).join(", ")}: ${objects.length} objects to take over, none to replace`,
    `  ${join(folder, "services.ts").padEnd(36)} entries for infra/services.ts`,
    `  ${join(folder, "settings.yaml").padEnd(36)} settings for Pulumi.${environment}.yaml`,
    `then  ${invocation("import", environment, join(folder, "import.json"))}`,
    `and   ${invocation("preview", environment)}`,
  ].join("\n");
}
