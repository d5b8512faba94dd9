import type { Catalogue, Entry, ServiceEntry, Setting } from "./catalogue.ts";
import { isNamedService, isService } from "./catalogue-check.ts";
import type { ServiceCaller } from "./core/call.ts";
import { didYouMean, type Fault, FaultError, Faults } from "./core/fault.ts";
import type { Objects } from "./core/object.ts";
import { checkShape, isPort } from "./core/shape.ts";
import { route } from "./traffic/route.ts";
import { listOf, type Mirror, portOf, type Route, routesShape } from "./traffic/route-props.ts";
import { proxiesOf, type RouteTarget } from "./traffic/target.ts";

/** What an entry says of how requests from outside reach it. */
export interface Routed<Name extends string = string> {
  /** One route or several: { host: "shop.example.com", path: "/orders" }. @default none: it is called from inside only */
  readonly route?: Route<Name> | readonly Route<Name>[];
}

/** What has no ports is reached by no request. */
export interface Unrouted {
  readonly route?: never;
}

/** What serves the routes of an environment, and what its hosts are called there. */
export type EnvironmentGateway = RouteTarget & {
  /** Host as services say it -> host here. @default the same */
  readonly hosts?: Readonly<Record<string, string>>;
};

/** Service -> ports of its pods that the gateway sends requests to. */
export type GatewayPorts = ReadonlyMap<string, ReadonlySet<number>>;

/** Service -> its routes, where they have the right form. */
export type Routes = ReadonlyMap<string, readonly Route[]>;

export function routesOf(entries: Catalogue): Routes {
  const found = new Map<string, readonly Route[]>();
  for (const [name, entry] of Object.entries(entries)) {
    if (!isService(entry) || entry.route === undefined) continue;
    const read = routesShape.safeParse(entry.route);
    if (read.success) found.set(name, listOf(read.data));
  }
  return found;
}

/** The ports that routes and mirrors of a catalogue lead to. */
export function gatewayPorts(entries: Catalogue, routes: Routes): GatewayPorts {
  const found = new Map<string, Set<number>>();
  const add = (service: string, port: number | undefined) => {
    if (isPort(port)) found.set(service, (found.get(service) ?? new Set()).add(port));
  };
  for (const [name, own] of routes) {
    for (const one of own) {
      add(name, podPort(entries[name], portOf(one)));
      if (one.mirror === undefined || one.mirror.namespace !== undefined) continue;
      const { service } = one.mirror;
      const mirrored = Object.hasOwn(entries, service) ? entries[service] : undefined;
      add(service, podPort(mirrored, mirroredPort(mirrored, one.mirror, portOf(one))));
    }
  }
  return found;
}

/** Copies for services that nobody declares. An entry with faults of its own is not judged by what is copied to it. */
export function* unknownMirrors(entries: Catalogue, sound: Catalogue, routes: Routes): Generator<Fault> {
  for (const [component, own] of routes) {
    for (const [index, { mirror }] of own.entries()) {
      if (mirror === undefined || mirror.namespace !== undefined) continue;
      const { service } = mirror;
      const mirrored = Object.hasOwn(sound, service) ? sound[service] : undefined;
      if (mirrored === undefined ? Object.hasOwn(entries, service) : isService(mirrored)) continue;
      yield {
        component,
        path: `${Array.isArray(sound[component]?.route) ? `route.${index}` : "route"}.mirror.service`,
        value: service,
        problem:
          mirrored === undefined ? "but nobody declares that service" : "but it has no ports, so it takes no copies",
        remedy: didYouMean(
          service,
          Object.keys(sound).filter((name) => name !== component && isNamedService(sound, name)),
        ),
      };
    }
  }
}

function podPort(entry: Entry | undefined, name: string | undefined): number | undefined {
  if (entry === undefined || name === undefined || !isService(entry)) return undefined;
  return Object.hasOwn(entry.ports ?? {}, name) ? entry.ports[name] : undefined;
}

/** The ports of an entry's Service by name. */
function servicePorts({ ports, adopted }: ServiceEntry): Readonly<Record<string, number>> {
  return { ...ports, ...adopted?.servicePorts };
}

/** The name of the port that copies go to: the one with the given number, or else the one that is called as the route's own. */
function mirroredPort(entry: Entry | undefined, { port }: Mirror, own: string): string | undefined {
  if (entry === undefined || !isService(entry)) return undefined;
  if (port === undefined) return own;
  return Object.entries(servicePorts(entry)).find(([, number]) => number === port)?.[0];
}

/** The gateway as a caller of a service; nobody where no route leads to it. */
export function gatewayCaller(
  name: string,
  ports: GatewayPorts,
  setting: Pick<Setting, "gateway">,
): readonly ServiceCaller[] {
  const reached = ports.get(name);
  if (reached === undefined || setting.gateway === undefined) return [];
  return [{ namespace: proxiesOf(setting.gateway), ports: [...reached].sort((a, b) => a - b) }];
}

export interface RoutingOptions {
  /** Whether they have the right form for certain, so that nobody need look again. @default false */
  readonly checked?: boolean;
  /** A second Service that a rollout shifts weight to. @default none */
  readonly canary?: string;
}

/**
 * The routes of an entry.
 * @throws FaultError with everything that is wrong with them, hosts as the entry says them.
 */
export function routing(
  name: string,
  entry: ServiceEntry,
  entries: Catalogue,
  setting: Pick<Setting, "namespace" | "partOf" | "gateway">,
  { checked = false, canary }: RoutingOptions = {},
): Objects {
  if (entry.route === undefined) return {};
  const faults = new Faults(name);
  if (setting.gateway === undefined) {
    faults.add(
      "route",
      entry.route,
      "but this environment has no gateway",
      "give the environment's row a gateway, or leave route out",
    );
  }
  if (!checked) checkShape(faults, routesShape, entry.route, "route");
  faults.check();
  const { hosts = {}, ...gateway } = setting.gateway ?? { ingressClass: "", proxies: "", certificates: false };
  const said = entry.route;
  const routes = listOf(said).map((one, index) => {
    const place = Array.isArray(said) ? `route.${index}` : "route";
    return here(faults, place, one, entries, hosts);
  });
  faults.check();
  const { namespace, partOf } = setting;
  const { owner, drain, adopted } = entry;
  try {
    return route({
      name,
      namespace,
      partOf,
      owner,
      ports: servicePorts(entry),
      route: Array.isArray(said) ? routes : (routes[0] ?? []),
      gateway,
      ...(drain === undefined ? {} : { drain }),
      ...(canary === undefined ? {} : { canary }),
      ...(adopted?.names?.service === undefined ? {} : { service: adopted.names.service }),
    });
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    // Ports, drain and the like are the service's own and told by it.
    throw new FaultError(error.faults.filter(isOfRoute));
  }
}

function isOfRoute({ path }: Fault): boolean {
  return path.startsWith("route") || path.startsWith("gateway") || path === "canary";
}

/** A route as this environment has it: its hosts by their names here, and its mirror by address. */
function here(
  faults: Faults,
  place: string,
  said: Route,
  entries: Catalogue,
  hosts: Readonly<Record<string, string>>,
): Route {
  const renamed = (host: string) => (Object.hasOwn(hosts, host) ? (hosts[host] ?? host) : host);
  const host = typeof said.host === "string" ? renamed(said.host) : said.host.map(renamed);
  if (said.mirror === undefined) return { ...said, host };
  if (said.mirror.namespace !== undefined) return { ...said, host };
  return { ...said, host, mirror: addressed(faults, `${place}.mirror`, said.mirror, entries, portOf(said)) };
}

function addressed(faults: Faults, place: string, mirror: Mirror, entries: Catalogue, own: string): Mirror {
  const { service } = mirror;
  const entry = Object.hasOwn(entries, service) ? entries[service] : undefined;
  // That nobody declares it is told apart.
  if (entry === undefined || !isService(entry)) return mirror;
  const ports = servicePorts(entry);
  const name = mirroredPort(entry, mirror, own);
  const port = name === undefined ? undefined : ports[name];
  // An entry whose ports are none says so itself.
  if (port === undefined && Object.values(ports).every(isPort)) {
    const known = Object.entries(ports).map(([key, number]) => `${number} (${key})`);
    const problem = `but ${service} has no port ${mirror.port ?? own}`;
    faults.add(`${place}.port`, mirror.port, problem, `use one of ${known.join(", ")}`);
  }
  if (!isPort(port)) return mirror;
  return { ...mirror, service: entry.adopted?.names?.service ?? service, port };
}
