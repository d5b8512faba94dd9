import { describe, expect, test } from "vitest";
import { inside } from "../../components/core/plain.ts";
import {
  type Deployment,
  FaultError,
  foreignFields,
  funnel,
  type HorizontalPodAutoscaler,
  microservice,
  type RolloutProps,
  rollout,
  serviceLevelProps,
  serviceObjectives,
  worker,
} from "../../components/index.ts";

const facts = { name: "order", namespace: "shop", owner: "checkout", ports: { http: 8080, grpc: 9090 } };
const program = { name: "order", namespace: "shop", image: "registry.example.com/shop/order:1.0.0" };
const image = "registry.example.com/shop/order:1.0.0";
const scaled = microservice({ ...facts, image, scale: { min: 10, max: 40 } });
const fixed = microservice({ ...facts, image, replicas: 4 });
const objectives = serviceObjectives(
  serviceLevelProps({ availability: 99.9, latency: { percentile: 99, under: "750ms" } }, facts),
);
const prometheus = "http://prometheus.monitoring:9090";
const judged = { name: "order", objects: scaled, objectives, prometheus };
const steps = [
  { weight: 10, pause: "5m" },
  { weight: 50, pause: "5m" },
] as const;

function faultOf(props: RolloutProps): string {
  try {
    rollout(props);
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  return "no fault";
}

describe("a canary by pods", () => {
  const objects = rollout({ ...judged, canary: { steps } });

  test("takes the Deployment's place and runs the very same pods", () => {
    expect(objects).not.toHaveProperty("deployment");
    expect(objects.rollout.spec.template).toEqual((scaled.deployment as Deployment).spec?.template);
    expect(objects.rollout.spec.selector).toEqual(scaled.deployment.spec?.selector);
    expect(objects.rollout.metadata).toEqual(scaled.deployment.metadata);
  });

  test("is what the autoscaler scales, and says no number of pods itself", () => {
    expect((objects["autoscaler"] as HorizontalPodAutoscaler).spec?.scaleTargetRef).toEqual({
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      name: "order",
    });
    expect(objects.rollout.spec).not.toHaveProperty("replicas");
    expect(
      rollout({ ...judged, objects: fixed, canary: { steps: [{ weight: 50, pause: "5m" }] } }).rollout.spec.replicas,
    ).toBe(4);
  });

  test("has one Service for both versions, so that the pods' number is the weight", () => {
    expect(objects.canary).toBeUndefined();
    expect(objects.rollout.spec.strategy?.canary).not.toHaveProperty("stableService");
    expect(objects.rollout.spec.strategy?.canary?.steps).toEqual([
      { setWeight: 10 },
      { pause: { duration: "300s" } },
      { setWeight: 50 },
      { pause: { duration: "300s" } },
    ]);
  });

  test("is judged from the first step to the last by every objective, against the old version", () => {
    expect(objects.rollout.spec.strategy?.canary?.analysis).toEqual({
      templates: [{ templateName: "order-objectives" }],
      args: [
        { name: "latest-hash", valueFrom: { podTemplateHashValue: "Latest" } },
        { name: "stable-hash", valueFrom: { podTemplateHashValue: "Stable" } },
      ],
    });
    const metrics = objects.analysis?.spec.metrics ?? [];
    expect(metrics.map(({ name }) => name)).toEqual(["order-availability", "order-latency"]);
    for (const metric of metrics) {
      const query = String(inside(metric, "provider", "prometheus", "query"));
      expect(query).toContain('pod=~"order-{{args.latest-hash}}-.*"');
      expect(query).toContain('pod=~"order-{{args.stable-hash}}-.*"');
      expect(metric).not.toHaveProperty("count");
    }
  });

  test("goes back too when its pods never become ready", () => {
    expect(objects.rollout.spec.progressDeadlineAbort).toBe(true);
  });
});

describe("a canary with a router", () => {
  const canary = { steps: funnel({ region: { name: "X-Traffic-Tag", value: "shanghai-only" } }) };

  test("has a second Service like the first, and both belong to the controller", () => {
    const objects = rollout({ ...judged, router: "istio", canary });
    expect(objects.canary).toEqual({
      ...scaled.service,
      metadata: { ...scaled.service.metadata, name: "order-canary" },
    });
    expect(objects.rollout.spec.strategy?.canary).toMatchObject({
      stableService: "order",
      canaryService: "order-canary",
      trafficRouting: { istio: { virtualService: { name: "order", routes: ["primary"] } } },
    });
    const foreign = foreignFields(Object.values(objects)).map(({ object }) => `${object.kind} ${object.metadata.name}`);
    expect(foreign).toEqual(["Service order", "Rollout order", "Service order-canary"]);
  });

  test("the funnel is the articles': staff, one region, then 10 % more every 5 minutes", () => {
    const { steps: made = [], trafficRouting } =
      rollout({ ...judged, router: "istio", canary }).rollout.spec.strategy?.canary ?? {};
    expect(made.slice(0, 6)).toEqual([
      { setCanaryScale: { weight: 1 } },
      {
        setHeaderRoute: {
          name: "tier-1",
          match: [{ headerName: "X-Traffic-Tag", headerValue: { exact: "canary" } }],
        },
      },
      { pause: { duration: "7200s" } },
      { setCanaryScale: { weight: 5 } },
      {
        setHeaderRoute: {
          name: "tier-2",
          match: [{ headerName: "X-Traffic-Tag", headerValue: { exact: "shanghai-only" } }],
        },
      },
      { pause: { duration: "7200s" } },
    ]);
    // With pods of its own until the weight counts them: without a pod the controller would drop the routes by header.
    expect(made.slice(6, 10)).toEqual([
      { setCanaryScale: { weight: 15 } },
      { setWeight: 15 },
      { setCanaryScale: { matchTrafficWeight: true } },
      { pause: { duration: "300s" } },
    ]);
    const weights = made.flatMap(({ setWeight }) => (setWeight === undefined ? [] : [setWeight]));
    expect(weights).toEqual([15, 25, 35, 45, 55, 65, 75, 85, 95]);
    expect(trafficRouting?.managedRoutes).toEqual([{ name: "tier-1" }, { name: "tier-2" }]);
  });

  test("a funnel without a region gives 5 % of everybody in its second tier", () => {
    expect(funnel()[1]).toEqual({ weight: 5, pause: "2h" });
  });

  test("weights of a Gateway's route are written by the plugin", () => {
    const { strategy } = rollout({ ...judged, router: "gateway", canary }).rollout.spec;
    expect(strategy?.canary?.trafficRouting?.plugins).toEqual({
      "argoproj-labs/gatewayAPI": { namespace: "shop", httpRoutes: [{ name: "order", useHeaderRoutes: true }] },
    });
    const plain = rollout({ ...judged, router: "gateway", canary: { steps }, gatewayRoutes: { grpc: ["order"] } });
    expect(plain.rollout.spec.strategy?.canary?.trafficRouting?.plugins).toEqual({
      "argoproj-labs/gatewayAPI": { namespace: "shop", grpcRoutes: [{ name: "order" }] },
    });
  });

  test("dynamicStableScale is handed on", () => {
    const made = rollout({ ...judged, router: "istio", canary: { steps, dynamicStableScale: true } });
    expect(made.rollout.spec.strategy?.canary?.dynamicStableScale).toBe(true);
  });
});

describe("blue-green", () => {
  const blueGreen = { keep: "15m", promotion: "manual", previewReplicas: 1, smoke: { path: "/healthz" } } as const;
  const objects = rollout({ ...judged, blueGreen });

  test("switches one Service, shows the new version under another and keeps the old one", () => {
    expect(objects.rollout.spec.strategy?.blueGreen).toMatchObject({
      activeService: "order",
      previewService: "order-preview",
      scaleDownDelaySeconds: 900,
      autoPromotionEnabled: false,
      previewReplicaCount: 1,
    });
    expect(objects.preview?.metadata.name).toBe("order-preview");
  });

  test("asks the new version before the switch and measures it after, a bounded number of times", () => {
    const { prePromotionAnalysis, postPromotionAnalysis } = objects.rollout.spec.strategy?.blueGreen ?? {};
    expect(prePromotionAnalysis?.templates).toEqual([{ templateName: "order-smoke" }]);
    expect(postPromotionAnalysis?.templates).toEqual([{ templateName: "order-objectives" }]);
    expect(inside(objects.smoke, "spec", "metrics", "0", "provider", "web", "url")).toBe(
      "http://order-preview.shop:8080/healthz",
    );
    for (const metric of objects.analysis?.spec.metrics ?? []) expect(metric.count).toBe(5);
  });
});

describe("a move", () => {
  test("to a Rollout leaves the Deployment to run and takes its pods' description", () => {
    const objects = rollout({ ...judged, canary: { steps }, move: { to: "rollout", replicas: 8 } });
    expect(objects.deployment).toEqual(scaled.deployment);
    expect(objects.rollout.spec).toMatchObject({
      replicas: 8,
      workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "order", scaleDown: "onsuccess" },
    });
    expect(objects.rollout.spec).not.toHaveProperty("template");
    expect(objects).not.toHaveProperty("autoscaler");
  });

  test("to a Deployment lets the Services go before the Rollout", () => {
    const objects = rollout({
      ...judged,
      router: "istio",
      canary: { steps },
      move: { to: "deployment", replicas: 8 },
    });
    expect(objects.deployment?.spec?.replicas).toBe(8);
    // Its autoscaler is gone, and without a number it would go down to one pod before the others are there.
    expect(objects.rollout.spec.replicas).toBe(8);
    expect(objects.rollout.spec.strategy).toEqual({ canary: { maxSurge: 1, maxUnavailable: 0 } });
    expect(objects.rollout.spec.template).toEqual(scaled.deployment.spec?.template);
    expect(objects).not.toHaveProperty("canary");
  });
});

describe("what could not work is refused", () => {
  const byHeader = { steps: funnel() };
  test.each<readonly [string, RolloutProps, string]>([
    ["a canary without an objective", { ...judged, objectives: [], canary: { steps } }, "nothing tells a bad version"],
    [
      "an analysis without a Prometheus",
      { name: "order", objects: scaled, objectives, canary: { steps } },
      "prometheus is missing, but the analysis asks it",
    ],
    [
      "a header without a router",
      { ...judged, canary: byHeader },
      'give the environment a router, "istio" or "gateway"',
    ],
    [
      "a weight that no number of pods makes",
      { ...judged, objects: fixed, canary: { steps: [{ weight: 5, pause: "5m" }] } },
      "of 4 pods the nearest share is 25 %; run 7 pods or more",
    ],
    [
      "steps that go down",
      { ...judged, canary: { steps: [...steps, { weight: 20, pause: "5m" }] } },
      "canary.steps.2.weight is 20, but the step before gave it 50 already; use more than 50",
    ],
    [
      "a weight over 100",
      { ...judged, canary: { steps: [{ weight: 120, pause: "5m" }] } },
      "canary.steps.0.weight is 120, but it is a whole percentage from 1 to 100",
    ],
    [
      "weights without a route",
      { ...judged, router: "gateway", canary: { steps }, gatewayRoutes: {} },
      "but it has no route, so the gateway has no weights to split its traffic by",
    ],
    ["no step", { ...judged, canary: { steps: [] } }, "every pod is replaced at once"],
    [
      "a step that does nothing",
      { ...judged, canary: { steps: [{ pause: "5m" }] } },
      "but it sends nobody to the new version; give weight or header",
    ],
    [
      "a header after a weight",
      { ...judged, router: "istio", canary: { steps: [...steps, ...funnel().slice(0, 1)] } },
      "put steps by header first",
    ],
    [
      "a stable version that follows fixed pods",
      { ...judged, router: "istio", canary: { ...byHeader, dynamicStableScale: true } },
      "the pods of a step by header are fixed",
    ],
    ["a dynamic scale without a router", { ...judged, canary: { steps, dynamicStableScale: true } }, "leave it out"],
    ["neither strategy", judged, "give one of the two"],
    ["both strategies", { ...judged, canary: { steps }, blueGreen: {} }, "give one of the two"],
    [
      "blue-green with steps by header",
      { ...judged, blueGreen: { steps: funnel() } as NonNullable<RolloutProps["blueGreen"]> },
      "blueGreen.steps",
    ],
    [
      "blue-green of a worker",
      { ...judged, objects: worker(program), blueGreen: {} },
      "but it has no Service that could be switched; use a canary for a worker",
    ],
    [
      "an old version that is gone before the judgement",
      { ...judged, blueGreen: { keep: "1m" } },
      'blueGreen.keep is "1m", but the analysis after the switch takes 300 s; use "300s" or more',
    ],
    [
      "a smoke test of a port that is not there",
      { ...judged, blueGreen: { smoke: { path: "/", port: "htpp" } } },
      'did you mean "http"?',
    ],
    [
      "steps that end before the second measurement",
      { ...judged, canary: { steps: [{ weight: 50, pause: "90s" }] } },
      "but the steps last 90 s, and 2 bad answers take 120 s",
    ],
    [
      "an objective that nobody made",
      { ...judged, canary: { steps }, analysis: { objectives: ["availabilty"] } },
      'did you mean "availability"?',
    ],
    [
      "growth of a latency that nobody promised",
      { ...judged, canary: { steps }, analysis: { objectives: ["availability"], growth: 300 } },
      "give a latency objective",
    ],
    ["objects without a Deployment", { ...judged, objects: {}, canary: { steps } }, "give those of a microservice"],
    [
      "a router for what nobody calls",
      { ...judged, objects: worker({ ...program, replicas: 20 }), router: "istio", canary: { steps } },
      'use router: "replicas"',
    ],
  ])("%s", (_, props, said) => {
    expect(faultOf(props)).toContain(said);
  });
});
