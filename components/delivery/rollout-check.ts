import { type Duration, seconds } from "../core/duration.ts";
import { didYouMean, type Faults } from "../core/fault.ts";
import { inside } from "../core/plain.ts";
import { checkShape, faultsOf, whereSound } from "../core/shape.ts";
import { isLatency, type Objective } from "../observability/index.ts";
import {
  type Analysis,
  type BlueGreen,
  type Canary,
  type RolloutProps,
  rolloutFactsShape,
  rolloutStrategyShape,
} from "./rollout-props.ts";

/** Throws a FaultError with everything that is wrong with the props. */
export function validate(props: RolloutProps): void {
  const faults = faultsOf(props, "rollout");
  const {
    name: _name,
    objects,
    router: _router,
    routes: _routes,
    gatewayRoutes: _gatewayRoutes,
    objectives: _objectives,
    prometheus: _prometheus,
    ...strategy
  } = props;
  checkShape(faults, rolloutFactsShape, props);
  checkShape(faults, rolloutStrategyShape, strategy);
  if (inside(objects, "deployment", "kind") !== "Deployment") {
    faults.add(
      "objects",
      Object.keys(objects ?? {}),
      "but none of them is a Deployment",
      "give those of a microservice or a worker",
    );
  }
  whereSound(faults, props, ["canary", "blueGreen"], (part) => checkStrategies(faults, part));
  whereSound(faults, props, ["canary", "router", "objects", "gatewayRoutes"], (part) => checkCanary(faults, part));
  whereSound(faults, props, ["blueGreen", "objects"], (part) => checkBlueGreen(faults, part));
  whereSound(faults, props, ["analysis", "objectives", "prometheus", "canary", "blueGreen"], (part) =>
    checkAnalysis(faults, part),
  );
  faults.check();
}

/** The objectives that judge a version. */
export function judges({
  analysis = {},
  objectives = [],
}: Pick<RolloutProps, "analysis" | "objectives">): readonly Objective[] {
  if (analysis === false) return [];
  return objectives.filter(
    ({ name, indicator, rungs }) =>
      indicator.kind !== "state" &&
      rungs.some((rung) => rung.name === "pageFast") &&
      analysis.objectives?.includes(name) !== false,
  );
}

function checkStrategies(faults: Faults, { canary, blueGreen }: Pick<RolloutProps, "canary" | "blueGreen">): void {
  if ((canary === undefined) !== (blueGreen === undefined)) return;
  if (canary === undefined) {
    faults.add(
      "canary",
      undefined,
      "and so is blueGreen, so nothing says how a version takes over",
      "give one of the two",
    );
  } else faults.add("blueGreen", blueGreen, "but canary says how a version takes over", "give one of the two");
}

/** The fewest pods that there may be. */
function fewestPods(objects: RolloutProps["objects"]): number {
  const fewest =
    inside(objects["autoscaler"], "spec", "minReplicas") ?? inside(objects["deployment"], "spec", "replicas") ?? 1;
  return typeof fewest === "number" ? fewest : 1;
}

function checkCanary(
  faults: Faults,
  props: Pick<RolloutProps, "canary" | "router" | "objects" | "gatewayRoutes">,
): void {
  const { canary, objects } = props;
  if (canary === undefined) return;
  const router = canary.router ?? props.router ?? "replicas";
  if (router !== "replicas" && objects["service"] === undefined) {
    faults.add(
      "canary.router",
      router,
      "but it has no Service, so nobody sends requests to it",
      'use router: "replicas"',
    );
  }
  const { http = [], grpc = [] } = props.gatewayRoutes ?? { http: [""] };
  if (router === "gateway" && http.length + grpc.length === 0) {
    faults.add(
      "canary.router",
      canary.router,
      "but it has no route, so the gateway has no weights to split its traffic by",
      'give it a route, or router: "replicas"',
    );
  }
  if (router === "replicas" && canary.dynamicStableScale === true) {
    faults.add(
      "canary.dynamicStableScale",
      true,
      "but without a router the pods are the weights, and every step does that anyway",
      "leave it out",
    );
  }
  checkSteps(faults, canary, router === "replicas" ? fewestPods(objects) : undefined);
}

/** @param pods The fewest pods there are where their number is the weight. */
function checkSteps(faults: Faults, { steps, dynamicStableScale }: Canary, pods: number | undefined): void {
  let last = 0;
  for (const [index, { weight, header, share }] of steps.entries()) {
    const path = `canary.steps.${index}`;
    if ((weight === undefined) === (header === undefined)) {
      const problem =
        weight === undefined ? "but it sends nobody to the new version" : "but weight and header are two steps";
      faults.add(path, steps[index], problem, "give weight or header");
      continue;
    }
    if (share !== undefined && header === undefined) {
      faults.add(`${path}.share`, share, "but the pods of a weight follow the weight", "leave it out");
    }
    if (header !== undefined) checkHeader(faults, path, header, { pods, last, dynamicStableScale });
    if (weight === undefined) continue;
    if (weight <= last) {
      faults.add(`${path}.weight`, weight, `but the step before gave it ${last} already`, `use more than ${last}`);
    }
    last = weight;
    if (pods === undefined || shareOf(weight, pods) - weight <= TOLERANCE) continue;
    faults.add(
      `${path}.weight`,
      weight,
      `but nothing splits the traffic, and of ${pods} ${pods === 1 ? "pod" : "pods"} the nearest share is ${Math.round(shareOf(weight, pods))} %`,
      `run ${enoughPods(weight)} pods or more, or give the environment a router`,
    );
  }
}

/** Percent of the pods that stands for a weight: the nearest whole pod, and one at least. */
function shareOf(weight: number, pods: number): number {
  return (Math.max(1, Math.round((weight * pods) / 100)) / pods) * 100;
}

/** The fewest pods from which on every number of them is near the weight. */
function enoughPods(weight: number): number {
  const counts = Array.from({ length: 100 }, (_, index) => 100 - index);
  return (counts.find((pods) => shareOf(weight, pods) - weight > TOLERANCE) ?? 0) + 1;
}

/** Percentage points by which a share of pods may be larger than the weight that it stands for. */
const TOLERANCE = 10;

function checkHeader(
  faults: Faults,
  path: string,
  header: object,
  {
    pods,
    last,
    dynamicStableScale,
  }: { pods: number | undefined; last: number; dynamicStableScale: boolean | undefined },
): void {
  if (pods !== undefined) {
    faults.add(
      `${path}.header`,
      header,
      "but nothing here reads headers",
      'give the environment a router, "istio" or "gateway"',
    );
  } else if (last > 0) {
    faults.add(
      `${path}.header`,
      header,
      `but the step before sends ${last} percent of everybody, and its pods would be taken away`,
      "put steps by header first",
    );
  } else if (dynamicStableScale === true) {
    faults.add(
      "canary.dynamicStableScale",
      true,
      "but the pods of a step by header are fixed, and the old version's would follow them",
      "leave it out, or have steps by weight only",
    );
  }
}

function checkBlueGreen(faults: Faults, { blueGreen, objects }: Pick<RolloutProps, "blueGreen" | "objects">): void {
  if (blueGreen === undefined) return;
  const service = objects["service"];
  if (service === undefined) {
    faults.add("blueGreen", blueGreen, "but it has no Service that could be switched", "use a canary for a worker");
    return;
  }
  const { smoke } = blueGreen;
  const ports = inside(service, "spec", "ports");
  const names = (Array.isArray(ports) ? ports : []).map((port: unknown) => String(inside(port, "name")));
  const port = smoke?.port ?? "http";
  if (smoke !== undefined && !names.includes(port)) {
    faults.add("blueGreen.smoke.port", smoke.port, `but the Service has no port "${port}"`, didYouMean(port, names));
  }
}

function checkAnalysis(
  faults: Faults,
  props: Pick<RolloutProps, "analysis" | "objectives" | "prometheus" | "canary" | "blueGreen">,
): void {
  const { analysis = {}, objectives = [], prometheus, canary, blueGreen } = props;
  if (analysis === false) return;
  const known = objectives.map(({ name }) => name);
  for (const [index, name] of (analysis.objectives ?? []).entries()) {
    if (known.includes(name)) continue;
    faults.add(`analysis.objectives.${index}`, name, "but the service makes no such promise", didYouMean(name, known));
  }
  if (faults.touches("analysis.objectives")) return;
  const judging = judges(props);
  if (judging.length === 0) {
    faults.add(
      "analysis",
      props.analysis,
      "but the service promises nothing that requests are counted for, so nothing tells a bad version from a good one",
      "give it an objective, such as slo: { availability: 99.9 }, or write analysis: false",
    );
  } else if (prometheus === undefined) {
    faults.add("prometheus", undefined, "but the analysis asks it", "give its address, or write analysis: false");
  }
  if (analysis.growth !== undefined && !judging.some(isLatency)) {
    faults.add("analysis.growth", analysis.growth, "but no objective says which latency", "give a latency objective");
  }
  if (canary !== undefined) checkPauses(faults, canary, analysis);
  if (blueGreen !== undefined && judging.length > 0) checkKeep(faults, blueGreen, analysis);
}

const INTERVAL: Duration = "1m";

/** A version that is promoted before the second measurement could never go back by itself. */
function checkPauses(faults: Faults, { steps }: Canary, { interval = INTERVAL, failureLimit = 1 }: Analysis): void {
  if (steps.some(({ pause }) => pause === "promotion")) return;
  const total = steps.reduce((sum, { pause }) => sum + (seconds(pause) ?? 0), 0);
  const needed = (seconds(interval) ?? 0) * (failureLimit + 1);
  if (total > needed) return;
  faults.add(
    "analysis.interval",
    interval,
    `but the steps last ${total} s, and ${failureLimit + 1} bad answers take ${needed} s`,
    "lengthen the pauses or shorten the interval",
  );
}

/** Once the old version is gone there is nothing to go back to at once. */
function checkKeep(faults: Faults, { keep = "10m" }: BlueGreen, { interval = INTERVAL }: Analysis): void {
  const needed = (seconds(interval) ?? 0) * 5;
  if ((seconds(keep) ?? 0) >= needed) return;
  faults.add("blueGreen.keep", keep, `but the analysis after the switch takes ${needed} s`, `use "${needed}s" or more`);
}
