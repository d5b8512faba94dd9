import { seconds } from "../core/duration.ts";
import type { CanaryStrategy, RolloutAnalysis, RolloutStep, TrafficRouting } from "./kind.ts";
import type { Canary, CanaryStep, GatewayRoutes, Router } from "./rollout-props.ts";

/** A service's address, the address of its new version, and what sends requests to either. */
export interface Destinations {
  readonly stable: string;
  readonly canary: string;
  readonly router: Router;
  /** Names of a VirtualService's routes whose weights are written. */
  readonly routes: readonly string[];
  /** Names of a gateway's routes, and the namespace that they stand in. */
  readonly gateway: GatewayRoutes & { readonly namespace?: string | undefined };
}

/** A canary; without a router the pods of both versions answer under one Service, and their number is the weight. */
export function canaryStrategy(
  { steps, dynamicStableScale }: Canary,
  destinations: Destinations,
  analysis: RolloutAnalysis | undefined,
): CanaryStrategy {
  const { stable, canary, router } = destinations;
  const routed = router !== "replicas";
  return {
    maxSurge: 1,
    maxUnavailable: 0,
    ...(routed
      ? {
          stableService: stable,
          canaryService: canary,
          trafficRouting: trafficRouting(destinations, steps),
          // A share of two pods is one pod, and one pod may be drained.
          ...(dynamicStableScale === undefined ? {} : { dynamicStableScale }),
        }
      : {}),
    steps: steps.flatMap(rolloutSteps),
    ...(analysis === undefined ? {} : { analysis }),
  };
}

/** https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/ */
function trafficRouting(
  { stable: name, router, routes, gateway }: Destinations,
  steps: readonly CanaryStep[],
): TrafficRouting {
  const managed = steps.flatMap((step, index) => (step.header === undefined ? [] : [{ name: routeName(index) }]));
  const own = managed.length === 0 ? {} : { managedRoutes: managed };
  // Without names the controller writes to the first route, and that is one of its own as soon as a header has one.
  if (router === "istio") return { ...own, istio: { virtualService: { name, routes } } };
  const listed = (names: readonly string[]) =>
    names.map((one) => ({ name: one, ...(managed.length === 0 ? {} : { useHeaderRoutes: true }) }));
  const { http = [], grpc = [], namespace } = gateway;
  const plugin = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(http.length === 0 ? {} : { httpRoutes: listed(http) }),
    ...(grpc.length === 0 ? {} : { grpcRoutes: listed(grpc) }),
  };
  return { ...own, plugins: { "argoproj-labs/gatewayAPI": plugin } };
}

function routeName(index: number): string {
  return `tier-${index + 1}`;
}

function rolloutSteps(
  { weight, header, share = 1, pause }: CanaryStep,
  index: number,
  steps: readonly CanaryStep[],
): readonly RolloutStep[] {
  const wait: RolloutStep = { pause: pause === "promotion" ? {} : { duration: `${seconds(pause) ?? 0}s` } };
  if (header !== undefined) {
    return [
      // A header's requests are no share of a weight, so nothing else would give the new version a pod.
      { setCanaryScale: { weight: share } },
      {
        setHeaderRoute: {
          name: routeName(index),
          match: [{ headerName: header.name, headerValue: { exact: header.value } }],
        },
      },
      wait,
    ];
  }
  const afterHeader = steps[index - 1]?.header !== undefined;
  const set = { setWeight: weight ?? 0 };
  // Pods first, and the weight's own count last: at no moment has the new version none, or the routes by header would go.
  const weighted = afterHeader
    ? [{ setCanaryScale: { weight: weight ?? 0 } }, set, { setCanaryScale: { matchTrafficWeight: true } }]
    : [set];
  return [...weighted, wait];
}
