import {
  catalogue,
  checkEnvironment,
  components,
  type Environment,
  type EnvironmentGateway,
  funnel,
  meshMembers,
} from "../components/index.ts";

const NAMESPACE = "bench";

const gateway: EnvironmentGateway = {
  name: "edge",
  namespace: "edge",
  listeners: { shop: "shop.example.com" },
  proxies: "edge-proxies",
  dialect: "envoy-gateway",
};

/** An environment of so many services with routes, in a mesh, each taken over by a canary that its objectives judge. */
export function deliveredEnvironment(count: number): Environment {
  const name = (index: number) => `service-${index % count}`;
  const entries = catalogue(
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        name(index),
        {
          owner: `team-${index % 20}`,
          image: `registry.example.com/bench/${name(index)}`,
          ports: { http: 8080, grpc: 9090 },
          route: { host: "shop.example.com", path: `/${name(index)}`, timeout: "10s" },
          calls: [{ service: name(index + 1), timeout: "2s" }, name(index + 2)],
          config: { "service.yaml": { content: { timeout: "3s", retries: 3 } } },
          slo: { availability: 99.9, latency: { percentile: 99, under: "750ms" } },
          rollout: { canary: { steps: funnel({ region: { name: "X-Traffic-Tag", value: "shanghai-only" } }) } },
          scale: { min: 2, max: 10 },
        } as const,
      ]),
    ),
  );
  const setting = {
    namespace: NAMESPACE,
    partOf: "bench",
    version: "1.0.0",
    replicas: 2,
    autoscaling: true,
    mesh: { mode: "sidecar" },
    gateway,
    rollouts: { router: "gateway", prometheus: "http://prometheus.monitoring:9090" },
  } as const;
  const environment: Environment = {
    name: "bench",
    members: { ...meshMembers(entries, setting), ...components(entries, setting) },
  };
  checkEnvironment(environment);
  return environment;
}
