import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Program } from "../../components/core/environment.ts";
import {
  WORKFLOW_HEADER,
  type WorkflowProgram,
  workflows,
  workflowText,
} from "../../components/delivery/workflow/index.ts";
import { Failure } from "../failure.ts";
import { invocation } from "../invocation.ts";
import { oneFault, openProject } from "../project.ts";

/** Where GitHub looks for them. */
const FOLDER = ".github/workflows";

/** Writes the project's workflows, or says which of those that stand there are not what the description says. */
export async function workflowsCommand({ check }: { readonly check?: boolean }): Promise<void> {
  const { program, root } = await openProject();
  if (!hasWorkflows(program)) {
    const remedy = "say in infra/program.ts what they are made of: workflows: {}";
    throw oneFault("workflows", "", undefined, `are not described by ${program.project}`, remedy);
  }
  const { project, environments } = program;
  const described = workflows({ ...program.workflows, project, environments });
  const files = new Map(Object.entries(described).map(([name, workflow]) => [name, workflowText(workflow)]));
  const folder = join(root, FOLDER);
  const stale = differences(folder, files);
  if (stale.length === 0) return console.log(`${FOLDER} is what the description says (${files.size} files)`);
  if (check === true) {
    const again = `write them anew: ${invocation("workflows")}`;
    throw new Failure([`${FOLDER} is not what the description says: ${stale.join(", ")}`, again].join("\n"));
  }
  mkdirSync(folder, { recursive: true });
  for (const name of stale) {
    const text = files.get(name);
    if (text === undefined) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), text);
  }
  console.log(`${relative(process.cwd(), folder) || "."}: ${files.size} files, ${stale.length} written or removed`);
}

function hasWorkflows(program: Program): program is WorkflowProgram {
  return "workflows" in program && typeof program.workflows === "object" && program.workflows !== null;
}

/** Names of files that are missing, stale, or ours and wanted no longer. */
function differences(folder: string, files: ReadonlyMap<string, string>): readonly string[] {
  const there = new Map(
    existsSync(folder) ? readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]) : [],
  );
  const foreign = [...files.keys()].filter((name) => there.get(name)?.startsWith(WORKFLOW_HEADER) === false);
  if (foreign.length > 0) {
    const problem = "was not written by fairlead, and would be overwritten";
    throw oneFault(`${FOLDER}/${foreign[0]}`, "", undefined, problem, "move it away or give it another name");
  }
  const left = [...there].flatMap(([name, text]) =>
    !files.has(name) && text.startsWith(WORKFLOW_HEADER) ? [name] : [],
  );
  return [...[...files].flatMap(([name, text]) => (there.get(name) === text ? [] : [name])), ...left];
}
