import * as z from "zod";
import type { Duration } from "../core/duration.ts";
import { labels } from "../core/name.ts";
import type { KubernetesObject, Objects } from "../core/object.ts";
import {
  checkShape,
  componentName,
  faultsOf,
  labelValue,
  maybe,
  namespaceName,
  objectName,
  port,
  recordOf,
  strict,
  whereSound,
  wholeSeconds,
} from "../core/shape.ts";
import { grpcRoute } from "./grpc-route.ts";
import { httpRoute } from "./http-route.ts";
import { ingress } from "./ingress.ts";
import type { BackendTrafficPolicy, GrpcRoute, HttpRoute, Ingress } from "./kind.ts";
import { checkRoute } from "./route-check.ts";
import { groupsOf, type RouteFacts, type RouteGroup } from "./route-group.ts";
import { listOf, type Route, routesShape } from "./route-props.ts";
import { isIngress, type RouteTarget, targetShape } from "./target.ts";
import { trafficPolicies } from "./traffic-policy.ts";

/** How requests from outside reach one service. */
export interface RouteProps {
  /** The service's name, and the objects'. */
  readonly name: string;
  readonly namespace: string;
  readonly partOf?: string;
  readonly owner?: string;
  /** The ports of its Service by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** One route or several. */
  readonly route: Route | readonly Route[];
  /** What serves them: a Gateway, or an Ingress where the cluster has no Gateway API. */
  readonly gateway: RouteTarget;
  /** Its Service. @default the name */
  readonly service?: string;
  /** A second Service that a rollout shifts weight to; it begins with none. @default none */
  readonly canary?: string;
  /** How long the service finishes requests after it was told to stop. @default "30s" */
  readonly drain?: Duration;
}

/** Named routes stand in roles of their own: route-<name>. */
export interface RouteObjects extends Objects {
  readonly route?: HttpRoute;
  readonly [route: `route-${string}`]: HttpRoute;
  readonly grpcRoute?: GrpcRoute;
  readonly [grpcRoute: `grpcRoute-${string}`]: GrpcRoute;
  readonly ingress?: Ingress;
  readonly [ingress: `ingress-${string}`]: Ingress;
  /** What Envoy Gateway does beyond the Gateway API, for one rule each. */
  readonly [trafficPolicy: `trafficPolicy-${string}`]: BackendTrafficPolicy;
}

const routePropsShape = strict<RouteProps>({
  name: componentName,
  namespace: namespaceName,
  partOf: maybe(z.string()),
  owner: maybe(labelValue),
  ports: recordOf(port),
  route: routesShape,
  gateway: targetShape,
  service: maybe(objectName),
  canary: maybe(objectName),
  drain: maybe(wholeSeconds),
});

/**
 * HTTPRoutes and GRPCRoutes of one service, or its Ingress.
 * @throws FaultError with everything that is wrong with the props.
 */
export function route(props: RouteProps): RouteObjects {
  const groups = validate(props);
  const { name, namespace, partOf, owner, gateway, ports, canary } = props;
  const common = labels({ name, partOf, owner, component: "route" });
  const objects: Record<string, KubernetesObject> = {};
  for (const group of groups) {
    const suffix = group.name === undefined ? "" : `-${group.name}`;
    const facts: RouteFacts = {
      metadata: { name: `${name}${suffix}`, namespace, labels: common },
      ports,
      service: props.service ?? name,
      canary,
    };
    if (isIngress(gateway)) objects[`ingress${suffix}`] = ingress(facts, group, gateway);
    else {
      const kind = group.grpc ? "grpcRoute" : "route";
      objects[`${kind}${suffix}`] = group.grpc ? grpcRoute(facts, group, gateway) : httpRoute(facts, group, gateway);
      if (gateway.dialect === "envoy-gateway") Object.assign(objects, trafficPolicies(facts, group));
    }
  }
  return objects as RouteObjects;
}

function validate(props: RouteProps): readonly RouteGroup[] {
  const faults = faultsOf(props, "route");
  checkShape(faults, routePropsShape, props);
  let groups: readonly RouteGroup[] = [];
  whereSound(faults, props, ["route", "gateway", "ports", "drain", "canary"], ({ route: said, ...around }) => {
    const placeOf = (index: number) => (Array.isArray(said) ? `route.${index}` : "route");
    const routes = listOf(said);
    for (const [index, one] of routes.entries()) checkRoute(faults, placeOf(index), one, around);
    if (isIngress(around.gateway) && around.canary !== undefined) {
      faults.add(
        "canary",
        around.canary,
        "but an Ingress knows no weights",
        "roll out by replicas, or give the environment a Gateway",
      );
    }
    groups = groupsOf(faults, routes, placeOf);
  });
  faults.check();
  return groups;
}
