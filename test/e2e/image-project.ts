import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../integration/cli.ts";
import { writeSmallProject } from "../integration/small-project.ts";

/** Where its pods run. */
export const NAMESPACE = "delivered";

/** Its services, each a program of this repository. */
export const SERVICES = ["inventory", "user"] as const;

/** A project that builds its services from a copy of services/, which may be changed, and pushes them where its settings say. */
export function writeProject(root: string): void {
  writeSmallProject(root, "delivered", PROGRAM);
  cpSync(join(ROOT, "services"), join(root, "services"), { recursive: true });
  writeFileSync(join(root, "infra/index.js"), INDEX);
}

export function writeSettings(root: string, registry: string): void {
  writeFileSync(join(root, "Pulumi.dev.yaml"), `config: { "delivered:registry": "${registry}" }\n`);
}

const PROGRAM = `
import { catalogue, checkEnvironment, components, teamNamespace } from "../components/index.ts";

const service = { owner: "delivery", image: "registry.example.com/delivered/any", ports: { http: 8080, grpc: 9090 }, calls: [] };
const services = catalogue({ user: service, inventory: service });

export const program = {
  project: "delivered",
  environments: ["dev"],
  build: (name, settings) => {
    const namespace = "${NAMESPACE}";
    const setting = { namespace, partOf: "delivered", version: "1.0.0", replicas: 1, autoscaling: false, alerts: false };
    const environment = {
      name,
      members: {
        namespace: { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: namespace, podSecurity: "restricted" }) },
        ...components(services, { ...setting, overrides: settings.services ?? {} }),
      },
    };
    checkEnvironment(environment);
    return environment;
  },
};
`;

const INDEX = `
import { join } from "node:path";
import { runProgram, ServiceImage, stackSettings } from "${join(ROOT, "components/pulumi/index.ts")}";
import { GO_FLAGS } from "${join(ROOT, "infra/build.ts")}";
import { program } from "./program.ts";

const { registry } = stackSettings(program);
const image = (name) => new ServiceImage(name, {
  repository: registry + "/shop/" + name,
  version: "dev",
  source: join(import.meta.dirname, "../services"),
  package: "./" + name,
  builder: "host",
  goFlags: GO_FLAGS,
}).image;
export const outputs = runProgram(program, {}, () => ({ user: image("user"), inventory: image("inventory") }));
`;
