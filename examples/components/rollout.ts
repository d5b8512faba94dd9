import {
  funnel,
  microservice,
  type RolloutObjects,
  rollout,
  serviceLevelProps,
  serviceObjectives,
} from "../../components/index.ts";

const facts = { name: "order", namespace: "shop", owner: "checkout", ports: { http: 8080 } };

/** Staff first, then one region, then everybody in steps; back by itself when it breaks its promise or grows slow. */
export const rolloutExample: RolloutObjects = rollout({
  name: "order",
  objects: microservice({ ...facts, image: "registry.example.com/shop/order:1.0.0", scale: { min: 3, max: 20 } }),
  router: "istio",
  canary: { steps: funnel({ region: { name: "X-Traffic-Tag", value: "shanghai-only" } }) },
  analysis: { interval: "30s", window: "5m", timesWorse: 2, growth: 300 },
  objectives: serviceObjectives(
    serviceLevelProps({ availability: 99.9, latency: { percentile: 99, under: "750ms" } }, facts),
  ),
  prometheus: "http://prometheus-operated.monitoring:9090",
});

/** The new version answers a page of its own first; the old one stays for a quarter of an hour. */
export const blueGreenExample: RolloutObjects = rollout({
  name: "order",
  objects: microservice({ ...facts, image: "registry.example.com/shop/order:1.0.0", replicas: 4 }),
  blueGreen: { promotion: "manual", keep: "15m", previewReplicas: 1, smoke: { path: "/healthz", port: "http" } },
  analysis: false,
});
