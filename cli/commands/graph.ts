import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { modelOf } from "../graph/model.ts";
import { page } from "../graph/page.ts";
import { buildEnvironment, openProject } from "../project.ts";

export interface GraphOptions {
  /** File of the page, from the folder where the command was called. @default graph/<environment>.html where the state is kept */
  readonly out?: string;
}

/** Writes a page that shows an environment: its services, whom they call, and every object. */
export async function graph(name: string, { out }: GraphOptions): Promise<void> {
  const project = await openProject();
  const model = modelOf(buildEnvironment(project, name));
  const file = out === undefined ? join(project.state, "graph", `${name}.html`) : resolve(out);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, page(`${project.program.project} in ${name}`, model));
  console.log(`${relative(process.cwd(), file)}: ${model.nodes.length} nodes; open it in a browser`);
}
