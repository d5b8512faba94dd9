import type { ServiceEntry, Setting } from "./catalogue.ts";
import type { Override } from "./catalogue-override.ts";
import type { Caller } from "./core/call.ts";
import { type Fault, FaultError, Faults } from "./core/fault.ts";
import type { Objects } from "./core/object.ts";
import { inside, itemsInside } from "./core/plain.ts";
import { checkShape, maybe, namespaceName, strict } from "./core/shape.ts";
import { eventScaling, kedaAutoscaler } from "./delivery/event-scaling.ts";
import { type EventScale, eventScaleShape } from "./delivery/event-scaling-props.ts";
import { rollout } from "./delivery/rollout.ts";
import {
  type GatewayRoutes,
  prometheusAddress,
  type RolloutStrategy,
  type Router,
  rolloutStrategyShape,
  routerShape,
} from "./delivery/rollout-props.ts";
import { serviceLevelProps, serviceObjectives } from "./observability/index.ts";

/** What an entry says of how many pods there are, where KEDA counts the work that waits. */
export interface EventScaled {
  /** Instead of scale, in environments that have KEDA and scale at all. @default scale, or a fixed number */
  readonly scaleOn?: EventScale;
}

/** What an entry says of how a new version takes over. */
export interface Delivered {
  /** How, where the environment has rollouts. @default its pods are replaced one by one */
  readonly rollout?: RolloutStrategy;
}

/** What an environment needs for it: Argo Rollouts' controller, and what it asks and writes to. */
export interface Rollouts {
  /** What splits traffic between two versions. */
  readonly router: Router;
  /** Prometheus' address. */
  readonly prometheus: string;
  /** Where the controller runs. @default "argo-rollouts" */
  readonly namespace?: string;
}

/** As settings give it. */
export const rolloutsShape = strict<Rollouts>({
  router: routerShape,
  prometheus: prometheusAddress,
  namespace: maybe(namespaceName),
});

/** How an entry's versions take over in an environment; undefined where pods are replaced one by one. */
function strategyOf(
  entry: Delivered,
  setting: Pick<Setting, "rollouts">,
  { rollout: own = true }: Override,
): { readonly strategy: RolloutStrategy; readonly rollouts: Rollouts } | undefined {
  const { rollouts } = setting;
  if (entry.rollout === undefined || rollouts === undefined || own === false) return undefined;
  return { strategy: own === true ? entry.rollout : { ...entry.rollout, ...own }, rollouts };
}

/** What runs the pods of an entry's service. */
export function runsAs(
  entry: ServiceEntry,
  setting: Pick<Setting, "rollouts">,
  override: Override,
): "deployment" | "rollout" {
  return strategyOf(entry, setting, override) === undefined ? "deployment" : "rollout";
}

/** The Service of an entry's new version, and what sends requests to it. */
export interface CanaryService {
  readonly name: string;
  readonly router: Exclude<Router, "replicas">;
}

/** Undefined where an entry's new version has no Service of its own. */
export function canaryOf(
  name: string,
  entry: ServiceEntry,
  setting: Pick<Setting, "rollouts">,
  override: Override,
): CanaryService | undefined {
  const { strategy, rollouts } = strategyOf(entry, setting, override) ?? {};
  const router = strategy?.canary?.router ?? rollouts?.router;
  if (strategy?.canary === undefined || strategy.move?.to === "deployment") return undefined;
  if (router === undefined || router === "replicas") return undefined;
  return { name: `${entry.adopted?.names?.service ?? name}-canary`, router };
}

/** What leads requests to both versions of a service. */
export interface Leading {
  /** Routes from outside. */
  readonly routes: () => Objects;
  /** Routes within the mesh; none without a mesh. */
  readonly mesh: () => Objects;
}

/** @throws FaultError where they have faults of their own, or the environment has no mesh to lead requests by. */
function ledBy(name: string, canary: CanaryService | undefined, own: Router | undefined, leading: Leading) {
  if (canary?.router === "gateway") return { gatewayRoutes: gatewayRoutes(leading.routes()) };
  if (canary === undefined) return {};
  const routes = meshRoutes(leading.mesh());
  if (routes.length > 0) return { routes };
  const place =
    own === undefined
      ? { component: "settings", path: "rollouts.router" }
      : { component: name, path: "rollout.canary.router" };
  throw new FaultError([
    {
      ...place,
      value: canary.router,
      problem: "but the environment has no mesh, so there are no weights to split traffic by",
      remedy: 'give the environment\'s row a mesh, or use router: "gateway" or "replicas"',
    },
  ]);
}

/** The names of a VirtualService's routes that choose between versions. */
function meshRoutes({ virtualService }: Objects): readonly string[] {
  return itemsInside(virtualService, "spec", "http").flatMap((route) => {
    const name = inside(route, "name");
    return typeof name === "string" && itemsInside(route, "route").length > 1 ? [name] : [];
  });
}

/** The names of routes by their kind. */
function gatewayRoutes(routes: Objects): GatewayRoutes {
  const named = (kind: string) =>
    Object.values(routes).flatMap((one) => (one.kind === kind ? [one.metadata.name] : []));
  return { http: named("HTTPRoute"), grpc: named("GRPCRoute") };
}

/**
 * A service's objects, its Deployment a Rollout where the environment has them.
 * @param build Makes the service, given who else calls it.
 * @param leading Makes what leads requests to it.
 */
export function delivered(
  name: string,
  entry: ServiceEntry,
  setting: Pick<Setting, "rollouts" | "namespace" | "partOf">,
  override: Override,
  build: (admitted: readonly Caller[]) => Objects,
  leading: Leading,
): Objects {
  const faults = new Faults(name);
  // Wrong in one environment is wrong in all, whether it has rollouts or not.
  if (entry.rollout !== undefined) checkShape(faults, rolloutStrategyShape, entry.rollout, "rollout");
  faults.check();
  const wanted = strategyOf(entry, setting, override);
  if (wanted === undefined) return build([]);
  const { strategy, rollouts } = wanted;
  const { router, prometheus, namespace = "argo-rollouts" } = rollouts;
  const smoke = strategy.blueGreen?.smoke;
  const ports = smoke === undefined ? [] : [entry.ports?.[smoke.port ?? "http"] ?? 0];
  const led = ledBy(name, canaryOf(name, entry, setting, override), strategy.canary?.router, leading);
  const objects = build(smoke === undefined ? [] : [{ namespace, ports }]);
  return placed(
    () =>
      rollout({
        ...strategy,
        name,
        objects,
        router,
        prometheus,
        ...led,
        objectives: objectivesOf(name, entry, setting),
      }),
    inEntry,
  );
}

/** What scales an entry in an environment by the work that waits; undefined where something else does. */
export function eventScaleOf(
  entry: EventScaled & Delivered,
  setting: Pick<Setting, "autoscaling" | "keda" | "rollouts">,
  override: Override,
): EventScale | undefined {
  const { replicas, scale } = override;
  const { autoscaling, keda } = setting;
  // While a Deployment and a Rollout both run, their number is fixed.
  if (strategyOf(entry, setting, override)?.strategy.move !== undefined) return undefined;
  return autoscaling && keda === true && replicas === undefined && scale === undefined ? entry.scaleOn : undefined;
}

/** The autoscaler of an entry that is scaled by the work that waits. */
export function eventAutoscaler(name: string, events: EventScale | undefined): { readonly autoscaler?: string } {
  return events === undefined ? {} : { autoscaler: kedaAutoscaler(name) };
}

/** A component's objects, with KEDA in the place of what scales it where the entry and the environment say so. */
export function eventScaled(
  name: string,
  entry: EventScaled,
  scale: EventScale | undefined,
  build: () => Objects,
): Objects {
  const faults = new Faults(name);
  if (entry.scaleOn !== undefined) checkShape(faults, eventScaleShape, entry.scaleOn, "scaleOn");
  faults.check();
  const objects = build();
  if (scale === undefined) return objects;
  return placed(
    () => eventScaling({ name, objects, scale }),
    (fault) => ({ ...fault, path: fault.path.replace(/^scale(?=\.|$)/, "scaleOn") }),
  );
}

/** What an entry promises; an entry whose promise is at fault says so itself. */
function objectivesOf(name: string, entry: ServiceEntry, setting: Pick<Setting, "namespace" | "partOf">) {
  const { slo, owner, ports } = entry;
  if (slo === undefined) return [];
  const { namespace, partOf } = setting;
  return serviceObjectives(serviceLevelProps(slo, { name, namespace, partOf, owner, ports: ports ?? {} }));
}

/** Runs a step; its faults are placed as the entry has them. */
function placed<T>(step: () => T, place: (fault: Fault) => Fault): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new FaultError(error.faults.map(place));
  }
}

function inEntry(fault: Fault): Fault {
  const ofSettings = fault.path === "prometheus" || fault.path === "router";
  return ofSettings
    ? { ...fault, component: "settings", path: `rollouts.${fault.path}` }
    : { ...fault, path: `rollout.${fault.path}` };
}
