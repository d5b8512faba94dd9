import { Failure } from "../failure.ts";
import { invocation } from "../invocation.ts";
import { buildEnvironment, openProject } from "../project.ts";
import { rendered, writeRendered } from "../rendered.ts";

export interface RenderOptions {
  readonly check?: boolean;
  /** Folder, from the project's own; a folder of each environment is made in it. */
  readonly out: string;
}

/** Writes an environment's objects as files of <out>/<environment>, or compares them with what stands there. */
export async function render(name: string, { check, out }: RenderOptions): Promise<void> {
  const project = await openProject();
  const result = rendered(project, buildEnvironment(project, name), out);
  const { shown, files, differences } = result;
  if (check === true) {
    if (differences.length === 0) return console.log(`${shown} is what the description says (${files.size} files)`);
    const lines = differences.map(({ file, what }) => `  ${what.padEnd(7)}  ${file}`);
    const again = invocation("render", name, ...(out === "deploy" ? [] : ["--out", out]));
    throw new Failure([`${shown} is not what the description says:`, ...lines, `write it anew: ${again}`].join("\n"));
  }
  writeRendered(result);
  const removed = differences.filter(({ what }) => what === "extra").length;
  const written = differences.length - removed;
  console.log(`${shown}: ${files.size} files, ${written} written${removed === 0 ? "" : `, ${removed} removed`}`);
}
