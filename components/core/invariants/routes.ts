import type { Placed } from "../environment.ts";
import { didYouMean, type Fault } from "../fault.ts";
import { prefixOf } from "../host.ts";
import type { Service } from "../kind.ts";
import type { KubernetesObject } from "../object.ts";
import { type Attachment, attachments } from "./attachment.ts";
import { listenersAreCertified } from "./certificates.ts";
import { type Edge, edge, hasEdge, type Ingress, placeIn, type Reference, type Route, type RouteRule } from "./edge.ts";
import type { View } from "./view.ts";

/** Requests from outside find a listener, exactly one route, a Service and its port. */
export function* routesLead(view: View): Generator<Fault> {
  if (!hasEdge(view)) return;
  const found = edge(view);
  const { all, faults } = attachments(found);
  yield* faults;
  yield* claims(all, found.ingresses);
  yield* protocols(all);
  yield* backends(found);
  yield* listenersAreCertified(found, all);
}

/** Of two routes that ask for the same requests one is ignored, and which one is decided by their age. */
function* claims(all: readonly Attachment[], ingresses: readonly Placed<Ingress>[]): Generator<Fault> {
  const owners = new Map<string, Placed>();
  const claim = function* (placed: Placed, place: string, host: string, match: string): Generator<Fault> {
    const key = `${place} ${host} ${match}`;
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, placed);
    else {
      const same = owner.object === placed.object;
      yield {
        component: placed.component,
        path: placed.role,
        value: `${host}${match}`,
        problem: same ? "but it claims that twice" : `but ${owner.component} (${owner.role}) claims that already`,
        remedy: same ? "remove one of the two" : "give one of them another path, or headers that tell them apart",
      };
    }
  };
  for (const { route, place, hosts } of all) {
    const wanted = (route.object.spec.rules ?? []).flatMap((rule) => matchesOf(route.object, rule));
    for (const host of hosts) for (const match of wanted) yield* claim(route, place, host, match);
  }
  for (const placed of ingresses) {
    const { ingressClassName = "", rules = [] } = placed.object.spec;
    for (const { host = "*", http } of rules) {
      for (const { path = "/", pathType } of http?.paths ?? []) {
        yield* claim(placed, `ingress ${ingressClassName}`, host, pathText(pathType === "Exact", path));
      }
    }
  }
}

/** What a rule takes, each as a text that another rule with the same matches has too. */
function matchesOf({ kind }: Route, { matches = [{}] }: RouteRule): readonly string[] {
  return matches.map(({ path, method, headers = [], queryParams = [] }) => {
    const what =
      kind === "GRPCRoute"
        ? typeof method === "object"
          ? ` ${method.service ?? "*"}/${method.method ?? "*"}`
          : " every call"
        : `${pathText(path?.type === "Exact", path?.value ?? "/")}${typeof method === "string" ? ` ${method}` : ""}`;
    const conditions = [
      ...headers.map(
        ({ type, name, value }) => `${name.toLowerCase()}${type === "RegularExpression" ? "~" : "="}${value}`,
      ),
      ...queryParams.map(({ name, value }) => `?${name}=${value}`),
    ];
    return conditions.length === 0 ? what : `${what} with ${conditions.sort().join(", ")}`;
  });
}

/** An exact path and a prefix never claim the same: the exact one goes first. */
function pathText(exact: boolean, path: string): string {
  return exact ? `${path} exactly` : prefixOf(path);
}

/** A listener accepts for one host either routes of HTTP or of gRPC, whichever came first. */
function* protocols(all: readonly Attachment[]): Generator<Fault> {
  const hosts = new Map<string, Placed>();
  for (const { route, place, hosts: served } of all) {
    for (const host of served) hosts.set(`${place} ${route.object.kind} ${host}`, route);
  }
  const told = new Set<string>();
  for (const { route, place, hosts: served } of all) {
    const other = route.object.kind === "GRPCRoute" ? "HTTPRoute" : "GRPCRoute";
    for (const host of served) {
      const rival = [host, ...above(host)].flatMap((one) => hosts.get(`${place} ${other} ${one}`) ?? [])[0];
      if (rival === undefined || told.has(`${place} ${host}`)) continue;
      told.add(`${place} ${host}`);
      const [grpc, http] = other === "HTTPRoute" ? [route, rival] : [rival, route];
      yield {
        component: grpc.component,
        path: grpc.role,
        value: host,
        problem: `but ${http.component} (${http.role}) serves HTTP there, and a Gateway accepts only one of the two`,
        remedy: "give gRPC a host of its own",
      };
    }
  }
}

/** The wildcards that a host falls under. */
function above(host: string): readonly string[] {
  const labels = host.split(".").slice(1);
  return ["*", ...labels.map((_, index) => `*.${labels.slice(index).join(".")}`)].filter((one) => one !== host);
}

/** Requests for a Service that is not there, or at a port that it has not, are answered 500. */
function* backends(found: Edge): Generator<Fault> {
  for (const placed of found.routes) {
    for (const { backendRefs = [], filters = [] } of placed.object.spec.rules ?? []) {
      const mirrors = filters.flatMap(({ requestMirror }) => requestMirror?.backendRef ?? []);
      for (const backend of [...backendRefs, ...mirrors]) yield* backendFaults(found, placed, backend, backend.port);
    }
  }
  for (const placed of found.ingresses) {
    for (const { http } of placed.object.spec.rules ?? []) {
      for (const { backend } of http?.paths ?? []) {
        if (backend.service === undefined) continue;
        const { name, port } = backend.service;
        yield* backendFaults(found, placed, { name }, port?.number ?? port?.name);
      }
    }
  }
}

function* backendFaults(
  found: Edge,
  { component, role, object }: Placed,
  { kind = "Service", name, namespace }: Reference,
  port: number | string | undefined,
): Generator<Fault> {
  const where = namespace ?? object.metadata.namespace ?? "";
  if (kind !== "Service" || !found.namespaces.has(where)) return;
  const service = found.services.get(placeIn(object, name, namespace));
  const fault = (value: unknown, problem: string, remedy: string): Fault => ({
    component,
    path: `${role}.backend`,
    value,
    problem,
    remedy,
  });
  if (service === undefined) {
    yield fault(name, `but namespace ${where} has no such Service`, didYouMean(name, servicesIn(found, where)));
    return;
  }
  const known = (service.spec?.ports ?? []).flatMap((one) => [one.port, one.name]);
  if (!known.includes(port)) {
    const numbers = (service.spec?.ports ?? []).map((one) => `${String(one.port)} (${String(one.name)})`);
    yield fault(port, `but Service ${name} has no such port`, `use one of ${numbers.join(", ")}`);
  }
  yield* ungranted(found, object, component, role, { kind, name, namespace: where });
}

function* ungranted(
  { isGranted }: Edge,
  object: KubernetesObject,
  component: string,
  role: string,
  to: { readonly kind: string; readonly name: string; readonly namespace: string },
): Generator<Fault> {
  const from = object.metadata.namespace ?? "";
  if (from === to.namespace || isGranted(from, object.kind, to)) return;
  yield {
    component,
    path: `${role}.backend`,
    value: `${to.namespace}/${to.name}`,
    problem: `but nothing there lets a ${object.kind} of namespace ${from} refer to it`,
    remedy: `make a referenceGrant in namespace ${to.namespace}`,
  };
}

function servicesIn({ services }: Edge, namespace: string): readonly string[] {
  return [...services.values()].flatMap(({ metadata }: Service) =>
    metadata.namespace === namespace ? [metadata.name] : [],
  );
}
