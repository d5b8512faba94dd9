import type { ServiceEntry, Setting } from "./catalogue.ts";
import type { Override } from "./catalogue-override.ts";
import type { Caller } from "./core/call.ts";
import { type Fault, FaultError, Faults } from "./core/fault.ts";
import type { Objects } from "./core/object.ts";
import { checkShape, maybe, namespaceName, strict } from "./core/shape.ts";
import { eventScaling } from "./delivery/event-scaling.ts";
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
  entry: ServiceEntry,
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

/** The Service of an entry's new version, where a gateway's routes must know it; undefined where none does. */
export function canaryOf(
  name: string,
  entry: ServiceEntry,
  setting: Pick<Setting, "rollouts">,
  override: Override,
): string | undefined {
  const { strategy, rollouts } = strategyOf(entry, setting, override) ?? {};
  const router = strategy?.canary?.router ?? rollouts?.router;
  if (strategy?.canary === undefined || strategy.move?.to === "deployment" || router !== "gateway") return undefined;
  return `${entry.adopted?.names?.service ?? name}-canary`;
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
 * @param routes Makes the service's routes.
 */
export function delivered(
  name: string,
  entry: ServiceEntry,
  setting: Pick<Setting, "rollouts" | "namespace" | "partOf">,
  override: Override,
  build: (admitted: readonly Caller[]) => Objects,
  routes: () => Objects,
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
  const led = canaryOf(name, entry, setting, override) === undefined ? {} : { gatewayRoutes: gatewayRoutes(routes()) };
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
  { scaleOn }: EventScaled,
  { autoscaling, keda }: Pick<Setting, "autoscaling" | "keda">,
  { replicas, scale }: Override,
): EventScale | undefined {
  return autoscaling && keda === true && replicas === undefined && scale === undefined ? scaleOn : undefined;
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
