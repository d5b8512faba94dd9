import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type From, writeSmallProject } from "../small-project.ts";

/** The two descriptions that a tortured environment changes between: one service stays, one comes, one goes. */
export type Shape = (typeof SHAPES)[number];
export const SHAPES = ["a", "b"] as const;

/** A secret of the user's own, which may stand nowhere as text. */
export const MARKER = "correct-horse-battery-staple";

/**
 * Resources beside the components, in no namespace that is said: one that the provider gives its name and replaces with each
 * shape, and one that is changed in place.
 */
const OWN = `
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
const shape = new pulumi.Config("torture").require("shape");
new k8s.core.v1.Secret("own", { stringData: { password: pulumi.secret("${MARKER} " + shape) } });
new k8s.core.v1.ConfigMap("plain", { metadata: { name: "own-plain" }, data: { shape } });
`;

/** What is applied next stands in Pulumi.dev.yaml, as `shape`. */
export function writeProject(root: string, from: From): void {
  writeSmallProject(root, "torture", PROGRAM, from);
  appendFileSync(join(root, "infra/index.js"), OWN);
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
