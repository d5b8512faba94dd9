import { reportTo } from "../../toolchain/index.ts";
import type { Step } from "../events.ts";
import { operate } from "../operation.ts";
import { buildEnvironment, openProject } from "../project.ts";
import { withSession } from "../with-session.ts";

/** How each step of the engine is marked. What is not here is no change, or half of one that is. */
const MARKS: Readonly<Record<string, readonly [mark: string, verb: string]>> = {
  create: ["+", "create"],
  import: ["+", "import"],
  update: ["~", "update"],
  "create-replacement": ["!", "replace"],
  delete: ["-", "delete"],
};

/** Says what `up` would change, object by object. */
export async function preview(name: string, { context }: { readonly context?: string }): Promise<void> {
  const report = reportTo(process.stderr);
  const project = await openProject();
  const environment = buildEnvironment(project, name);
  await withSession(project, name, { report, context, environment }, async (session) => {
    const steps: Step[] = [];
    await operate(session, "preview", { report, what: `previewing ${name}`, onStep: (step) => steps.push(step) });
    console.log(previewText(name, steps));
  });
}

/** Each change in a line, under the component that it belongs to, and their number. */
export function previewText(environment: string, steps: readonly Step[]): string {
  const changes = steps.filter(({ op, isObject }) => isObject && op in MARKS);
  const lines = [...Map.groupBy(changes, ({ parent }) => parent)].flatMap(([parent, some]) => [
    parent === "" ? environment : parent,
    ...some.map((step) => `  ${changeText(step)}`),
  ]);
  const counts = [...Map.groupBy(changes, ({ op }) => MARKS[op]?.[1] ?? op)];
  const summary = counts.map(([verb, some]) => `${some.length} to ${verb}`).join(", ");
  return [...lines, `${environment}: ${summary === "" ? "nothing to change" : summary}`].join("\n");
}

function changeText({ op, parent, name, type, properties }: Step): string {
  const role = parent === "" ? name : name.slice(parent.length + 1);
  const kind = type.slice(type.lastIndexOf(":") + 1);
  const what = properties.length === 0 ? "" : `: ${properties.join(", ")}`;
  return `${MARKS[op]?.[0]} ${role} (${kind})${what}`;
}
