import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli.ts";

/** The two descriptions that a tortured environment changes between: one service stays, one comes, one goes. */
export type Shape = (typeof SHAPES)[number];
export const SHAPES = ["a", "b"] as const;

/**
 * A small project of its own, so that a run takes seconds: what is applied next stands in Pulumi.dev.yaml, as `shape`.
 * It uses the checkout's components as they are.
 */
export function writeProject(root: string): void {
  mkdirSync(join(root, "infra"), { recursive: true });
  for (const folder of ["components", "node_modules", "package.json"])
    symlinkSync(join(ROOT, folder), join(root, folder));
  writeFileSync(
    join(root, "Pulumi.yaml"),
    "name: torture\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: infra/index.js\n",
  );
  writeFileSync(
    join(root, "infra/index.js"),
    'import { runProgram } from "../components/pulumi/index.ts";\nimport { program } from "./program.ts";\nexport const outputs = runProgram(program);\n',
  );
  writeFileSync(join(root, "infra/program.ts"), PROGRAM);
}

export function writeShape(root: string, shape: Shape): void {
  writeFileSync(join(root, "Pulumi.dev.yaml"), `config:\n  torture:shape: ${shape}\n`);
}

const PROGRAM = `
import { catalogue, checkEnvironment, components, teamNamespace } from "../components/index.ts";

const service = (calls, extra) => ({ owner: "t", image: "registry.example.com/t/s", ports: { http: 8080 }, calls, ...extra });
const shapes = {
  a: catalogue({
    stays: service(["goes"], { config: { "c.yaml": { content: { shape: "a" } } } }),
    goes: service([], { scale: { min: 1, max: 2 } }),
  }),
  b: catalogue({
    stays: service(["comes"], { config: { "c.yaml": { content: { shape: "b" } } }, variables: { SHAPE: "b" } }),
    comes: service([], {}),
  }),
};

export const program = {
  project: "torture",
  environments: ["dev"],
  build: (name, settings) => {
    const setting = { namespace: "torture", partOf: "torture", version: "1.0.0", replicas: 1, autoscaling: true };
    const environment = {
      name,
      members: {
        namespace: { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: "torture" }) },
        ...components(shapes[settings.shape], setting),
      },
    };
    checkEnvironment(environment);
    return environment;
  },
};
`;
