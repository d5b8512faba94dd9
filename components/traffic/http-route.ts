import { GATEWAY_API, type HttpRoute } from "./kind.ts";
import { backoffOf } from "./route-check.ts";
import type { RouteFacts, RouteGroup } from "./route-group.ts";
import { type Mirror, pathsOf, portOf, type Route } from "./route-props.ts";
import { type GatewayTarget, listenerOf } from "./target.ts";
import { needsPolicy, ruleName } from "./traffic-policy.ts";

type Spec = NonNullable<HttpRoute["spec"]>;
type Rule = NonNullable<Spec["rules"]>[number];
type Match = NonNullable<Rule["matches"]>[number];
type Filter = NonNullable<Rule["filters"]>[number];

/** The routes of a group as rules of one HTTPRoute. */
export function httpRoute(facts: RouteFacts, group: RouteGroup, gateway: GatewayTarget): HttpRoute {
  const { metadata } = facts;
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "HTTPRoute",
    metadata,
    spec: {
      parentRefs: parentRefs(group, gateway),
      hostnames: group.hosts,
      rules: group.routes.map((route, index) => rule(route, index, facts, gateway)),
    },
  };
}

/** The listeners that serve the hosts: named, so that none attaches to the one that only redirects. */
export function parentRefs(group: RouteGroup, gateway: GatewayTarget) {
  const listeners = new Set(group.hosts.flatMap((host) => listenerOf(gateway, host) ?? []));
  return [...listeners].map((sectionName) => ({
    group: GATEWAY_API,
    kind: "Gateway",
    namespace: gateway.namespace,
    name: gateway.name,
    sectionName,
  }));
}

function rule(route: Route, index: number, facts: RouteFacts, gateway: GatewayTarget): Rule {
  const { dialect } = gateway;
  const { timeout, retries } = route;
  const own = dialect === "experimental" ? retries : undefined;
  const filters = [...rewriteFilter(route), ...mirrorFilter(route.mirror, facts.ports[portOf(route)])];
  return {
    ...(dialect === "envoy-gateway" && needsPolicy(route) ? { name: ruleName(index) } : {}),
    matches: matches(route),
    ...(filters.length === 0 ? {} : { filters }),
    backendRefs: backendRefs(route, facts),
    ...(timeout === undefined
      ? {}
      : { timeouts: { request: timeout, ...(own === undefined ? {} : { backendRequest: own.perTry }) } }),
    ...(own === undefined
      ? {}
      : {
          retry: {
            attempts: own.attempts,
            backoff: backoffOf(own),
            ...(own.codes === undefined ? {} : { codes: own.codes }),
          },
        }),
  };
}

function matches(route: Route): readonly Match[] {
  const methods = route.methods ?? [undefined];
  const headers = headerMatches(route);
  return pathsOf(route).flatMap(({ exact, path }) =>
    methods.map((method) => ({
      path: { type: exact ? "Exact" : "PathPrefix", value: path } as const,
      ...(method === undefined ? {} : { method }),
      ...headers,
    })),
  );
}

/** The headers that a request must have; HTTPRoute and GRPCRoute say it alike. */
export function headerMatches({ headers }: Route) {
  if (headers === undefined) return {};
  return {
    headers: Object.entries(headers).map(([name, value]) =>
      typeof value === "string"
        ? ({ type: "Exact", name, value } as const)
        : ({ type: "RegularExpression", name, value: value.pattern } as const),
    ),
  };
}

function rewriteFilter({ rewrite }: Route): readonly Filter[] {
  if (rewrite === undefined) return [];
  return [{ type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: rewrite } } }];
}

/** Copies to another service; HTTPRoute and GRPCRoute say it alike. */
export function mirrorFilter(mirror: Mirror | undefined, port: number | undefined) {
  if (mirror === undefined) return [];
  const { service, namespace, percent } = mirror;
  const to = mirror.port ?? port;
  return [
    {
      type: "RequestMirror",
      requestMirror: {
        backendRef: {
          group: "",
          kind: "Service",
          name: service,
          ...(namespace === undefined ? {} : { namespace }),
          ...(to === undefined ? {} : { port: to }),
        },
        ...(percent === undefined ? {} : { percent }),
      },
    },
  ] as const;
}

/** The Service, and beside it the canary's with no weight yet. */
export function backendRefs(route: Route, { ports, service, canary }: RouteFacts) {
  const port = ports[portOf(route)];
  const backend = (name: string, weight: number) => ({
    group: "",
    kind: "Service",
    name,
    ...(port === undefined ? {} : { port }),
    weight,
  });
  return canary === undefined ? [backend(service, 1)] : [backend(service, 100), backend(canary, 0)];
}
