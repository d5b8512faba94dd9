import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toYamlValue } from "../../../components/core/yaml-text.ts";
import { writeSmallProject } from "../../integration/small-project.ts";

/** Its settings say what is applied next. */
export function writeProject(root: string): void {
  writeSmallProject(root, "proof", PROGRAM);
}

/** What is applied next: Prometheus' address, and each service's version and the like. */
export function writeSettings(root: string, prometheus: string, services: Readonly<Record<string, unknown>>): void {
  writeFileSync(
    join(root, "Pulumi.dev.yaml"),
    toYamlValue({ config: { "proof:prometheus": prometheus, "proof:services": services } }),
  );
}

/** Windows are seconds here, so that a run takes minutes; nothing else differs from an environment of prod. */
const PROGRAM = `
import { catalogue, checkEnvironment, components, funnel, teamNamespace } from "../components/index.ts";

const analysis = { interval: "5s", window: "10s", growth: 300 };
const steps = (pause, ...weights) => weights.map((weight) => ({ weight, pause }));
const service = (rest) => ({
  owner: "proof",
  image: "registry.example.com/proof/service",
  ports: { http: 8080 },
  calls: [],
  preStop: "0s",
  slo: { availability: 99.9, latency: { percentile: 99, under: "750ms" } },
  ...rest,
});

const services = catalogue({
  order: service({ scale: { min: 4, max: 12 }, rollout: { canary: { router: "replicas", steps: steps("20s", 25, 50, 75) }, analysis } }),
  web: service({
    replicas: 4,
    rollout: {
      canary: { steps: funnel({ region: { name: "X-Traffic-Tag", value: "shanghai-only" }, hold: "10s", pace: "6s" }) },
      analysis,
    },
  }),
  // The mesh has routes of its own for a caller that waits for another time, and the weights are in those too.
  cart: service({ calls: [{ service: "web", timeout: "2s" }], replicas: 4, rollout: { canary: { steps: steps("15s", 25, 50), dynamicStableScale: true }, analysis } }),
  user: service({ replicas: 3, rollout: { blueGreen: { keep: "40s" }, analysis } }),
  pay: service({ scale: { min: 3, max: 6 }, rollout: { canary: { router: "replicas", steps: steps("12s", 33) }, analysis } }),
});

const namespace = "proof";
export const program = {
  project: "proof",
  environments: ["dev"],
  build: (name, { prometheus, services: { timeout = "3s", ...overrides } = {} }) => {
    const setting = {
      namespace,
      partOf: "proof",
      version: "1.0.0",
      replicas: 2,
      autoscaling: true,
      alerts: false,
      overrides,
      rollouts: { router: "istio", prometheus },
      mesh: { mode: "sidecar", policy: { timeout } },
    };
    const environment = {
      name,
      members: {
        namespace: { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: namespace }) },
        ...components(services, setting),
      },
    };
    checkEnvironment(environment);
    return environment;
  },
};
`;
