import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./cli.ts";

/** A project without a service of its own: what `adopt` wrote for an environment is its catalogue, as it stands. */
export function writeProject(root: string, environments: readonly string[]): void {
  mkdirSync(join(root, "infra"), { recursive: true });
  for (const name of ["components", "node_modules", "package.json"]) symlinkSync(join(ROOT, name), join(root, name));
  writeFileSync(
    join(root, "Pulumi.yaml"),
    "name: store\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: infra/index.js\n",
  );
  writeFileSync(
    join(root, "infra/index.js"),
    'import { runProgram } from "../components/pulumi/index.ts";\nimport { program } from "./program.ts";\nexport const outputs = runProgram(program);\n',
  );
  writeFileSync(join(root, "infra/program.ts"), PROGRAM.replace("ENVIRONMENTS", JSON.stringify(environments)));
}

/** Where an environment's objects stand. */
export function namespaceOf(environment: string): string {
  return `store-${environment}`;
}

const PROGRAM = `
import { existsSync } from "node:fs";
import { catalogue, checkEnvironment, components, teamNamespace } from "../components/index.ts";

const environments = ENVIRONMENTS;
const entries = {};
for (const name of environments) {
  const file = new URL("../adopted/" + name + "/services.ts", import.meta.url);
  if (existsSync(file)) entries[name] = (await import(file.href)).adopted;
}

export const program = {
  project: "store",
  environments,
  build: (name, settings) => {
    const namespace = "store-" + name;
    const setting = { namespace, partOf: "store", version: "0.0.0", replicas: 1, autoscaling: false, overrides: settings.services };
    const environment = {
      name,
      members: {
        namespace: { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: namespace, partOf: "store" }) },
        ...components(catalogue(entries[name] ?? {}), setting),
      },
    };
    checkEnvironment(environment);
    return environment;
  },
};
`;
