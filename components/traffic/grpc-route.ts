import { backendRefs, headerMatches, mirrorFilter, parentRefs } from "./http-route.ts";
import { GATEWAY_API, type GrpcRoute } from "./kind.ts";
import type { RouteFacts, RouteGroup } from "./route-group.ts";
import { listOf, portOf, type Route } from "./route-props.ts";
import type { GatewayTarget } from "./target.ts";
import { needsPolicy, ruleName } from "./traffic-policy.ts";

type Rule = NonNullable<NonNullable<GrpcRoute["spec"]>["rules"]>[number];
type Match = NonNullable<Rule["matches"]>[number];

/** The routes of a group as rules of one GRPCRoute. */
export function grpcRoute(facts: RouteFacts, group: RouteGroup, gateway: GatewayTarget): GrpcRoute {
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "GRPCRoute",
    metadata: facts.metadata,
    spec: {
      parentRefs: parentRefs(group, gateway),
      hostnames: group.hosts,
      rules: group.routes.map((route, index) => rule(route, index, facts, gateway)),
    },
  };
}

function rule(route: Route, index: number, facts: RouteFacts, { dialect }: GatewayTarget): Rule {
  const filters = mirrorFilter(route.mirror, facts.ports[portOf(route)]);
  const wanted = matches(route);
  return {
    ...(dialect === "envoy-gateway" && needsPolicy(route) ? { name: ruleName(index) } : {}),
    ...(wanted.length === 0 ? {} : { matches: wanted }),
    ...(filters.length === 0 ? {} : { filters }),
    backendRefs: backendRefs(route, facts),
  };
}

function matches(route: Route): readonly Match[] {
  const headers = headerMatches(route);
  if (route.grpc === undefined || route.grpc === true) return route.headers === undefined ? [] : [headers];
  return listOf(route.grpc).map((call) => {
    const [service = "", method] = call.split("/");
    return { method: { type: "Exact", service, ...(method === undefined ? {} : { method }) }, ...headers } as const;
  });
}
