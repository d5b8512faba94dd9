import { invocation } from "../invocation.ts";
import { findProject, openProject } from "../project.ts";
import { type Change, writeChanges } from "../scaffold/changes.ts";
import { componentChanges } from "../scaffold/component.ts";
import { type ServiceOptions, serviceChanges } from "../scaffold/service.ts";

/** Adds a service to the project's table, with a test. */
export async function newService(name: string, options: ServiceOptions): Promise<void> {
  const project = await openProject();
  const changes = serviceChanges(project, name, options);
  writeChanges(project.root, changes);
  tell(changes, `say what ${name} needs in infra/services.ts, and look: ${invocation("preview")}`);
}

/** Adds a component to the library, with its class, example and tests. */
export async function newComponent(path: string): Promise<void> {
  const { root } = findProject();
  const changes = await componentChanges(root, path);
  writeChanges(root, changes);
  tell(changes, `say what it is in components/${path}.ts, and see that it holds: npm run check && npm run test:unit`);
}

function tell(changes: readonly Change[], next: string): void {
  console.log([...changes.map(({ file, what }) => `${what.padEnd(7)} ${file}`), next].join("\n"));
}
