import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toYamlValue } from "../../components/core/yaml-text.ts";
import { ROOT } from "../integration/cli.ts";
import { writeSmallProject } from "../integration/small-project.ts";

/** Where its pods run. */
export const NAMESPACE = "judged";

/** Pods of the service that is judged. */
export const PODS = 4;

/** Name of its image in a version. */
export const imageOf = (version: string) => `registry.example.com/judged/user:${version}`;

/** A project of one service whose versions take over as a canary, and the demonstration's Prometheus. */
export function writeProject(root: string): void {
  writeSmallProject(root, "judged", PROGRAM);
}

/** Which version is applied next, and where the controller finds Prometheus. */
export function writeSettings(root: string, version: string, prometheus: string): void {
  const config = { "judged:version": version, "judged:prometheus": prometheus };
  writeFileSync(join(root, "Pulumi.dev.yaml"), toYamlValue({ config }));
}

/** Pauses are a minute, where an environment of prod waits for several; nothing else differs from one. */
const PROGRAM = `
import { catalogue, checkEnvironment, components, teamNamespace } from "../components/index.ts";
import { monitoring } from "${join(ROOT, "demo/infra/monitoring.ts")}";

const services = catalogue({
  user: {
    owner: "judged",
    image: "registry.example.com/judged/user",
    ports: { http: 8080, grpc: 9090 },
    calls: [],
    replicas: ${PODS},
    slo: { availability: 99.9, latency: { percentile: 99, under: "750ms" } },
    rollout: {
      canary: { steps: [{ weight: 25, pause: "60s" }, { weight: 50, pause: "30s" }] },
      analysis: { interval: "10s", window: "30s" },
    },
  },
  caller: { owner: "judged", image: "registry.example.com/e2e/witness", ports: { http: 8080 }, calls: ["user"] },
});

export const program = {
  project: "judged",
  environments: ["dev"],
  texts: ["version"],
  build: (name, { version, prometheus }) => {
    const setting = {
      namespace: "${NAMESPACE}",
      partOf: "judged",
      version,
      replicas: 1,
      autoscaling: false,
      overrides: { caller: { version: "1.0.0" } },
      rollouts: { router: "replicas", prometheus },
    };
    const made = components(services, setting);
    const environment = {
      name,
      members: {
        namespace: { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: "${NAMESPACE}", podSecurity: "restricted" }) },
        ...made,
        ...monitoring(made),
      },
    };
    checkEnvironment(environment);
    return environment;
  },
};
`;
