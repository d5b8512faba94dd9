import type { Faults } from "../core/fault.ts";
import type { Metadata } from "../core/object.ts";
import { listOf, pathsOf, type Route } from "./route-props.ts";

/** What the objects of a group have in common. */
export interface RouteFacts {
  readonly metadata: Metadata;
  readonly ports: Readonly<Record<string, number>>;
  readonly service: string;
  readonly canary: string | undefined;
}

/** Routes that become one object: of the same name, hosts and protocol. */
export interface RouteGroup {
  readonly name: string | undefined;
  readonly grpc: boolean;
  readonly hosts: readonly string[];
  /** One for each rule. */
  readonly routes: readonly Route[];
}

/** Rules of one object, and what they match together. https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec */
const RULES = 16;
const MATCHES = 128;

/** The objects that routes become. Notes routes that would be one object and have not the same hosts. */
export function groupsOf(
  faults: Faults,
  routes: readonly Route[],
  placeOf: (index: number) => string,
): readonly RouteGroup[] {
  const groups = new Map<string, RouteGroup & { readonly routes: Route[] }>();
  for (const [index, route] of routes.entries()) {
    const grpc = route.grpc !== undefined;
    const key = `${grpc} ${route.name ?? ""}`;
    const hosts = listOf(route.host);
    const group = groups.get(key) ?? { name: route.name, grpc, hosts, routes: [] };
    groups.set(key, group);
    if (group.hosts.length !== hosts.length || hosts.some((host) => !group.hosts.includes(host))) {
      const problem = `but a route before it has ${group.hosts.join(", ")} and would be the same object`;
      faults.add(
        `${placeOf(index)}.host`,
        route.host,
        problem,
        'tell them apart with a name, such as name: "partners"',
      );
      continue;
    }
    group.routes.push(...rulesOf(route));
    const matches = group.routes.reduce((sum, one) => sum + matchCount(one), 0);
    if (group.routes.length > RULES || matches > MATCHES) {
      const problem = `but with it one object has more than ${RULES} rules or ${MATCHES} matches`;
      faults.add(placeOf(index), route.host, problem, "give some of the routes another name");
    }
  }
  return [...groups.values()];
}

/** A rule that rewrites may match one thing only: one rule for each method. */
function rulesOf(route: Route): readonly Route[] {
  if (route.rewrite === undefined || route.methods === undefined) return [route];
  return route.methods.map((method) => ({ ...route, methods: [method] }));
}

/** What a route's rule matches: pairs of path and method, or calls of gRPC. */
export function matchCount(route: Route): number {
  if (route.grpc !== undefined) return route.grpc === true ? 1 : listOf(route.grpc).length;
  return pathsOf(route).length * Math.max(1, route.methods?.length ?? 0);
}
