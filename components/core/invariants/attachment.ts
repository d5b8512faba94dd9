import type { Placed } from "../environment.ts";
import { didYouMean, type Fault } from "../fault.ts";
import { hostsMeet } from "../host.ts";
import { type Edge, type Listener, placeIn, type Route } from "./edge.ts";

/** A route at one listener, with the hosts that both have. */
export interface Attachment {
  readonly route: Placed<Route>;
  /** The listener's gateway, namespace and name. */
  readonly place: string;
  /** Absent where the Gateway is somebody else's. */
  readonly listener: Listener | undefined;
  readonly hosts: readonly string[];
}

/** Where routes attach, and what is wrong with those that attach nowhere: a Gateway says so in a status that few read. */
export function attachments(edge: Edge): { readonly all: readonly Attachment[]; readonly faults: readonly Fault[] } {
  const all: Attachment[] = [];
  const faults: Fault[] = [];
  for (const route of edge.routes) {
    const found = attachmentsOf(edge, route, faults);
    all.push(...found);
    if (found.some(({ listener }) => listener === undefined)) continue;
    for (const host of route.object.spec.hostnames ?? []) {
      if (found.length === 0 || found.some(({ hosts }) => hosts.includes(host))) continue;
      const served = found.flatMap(({ listener }) => listener?.hostname ?? []);
      faults.push({
        component: route.component,
        path: `${route.role}.hostnames`,
        value: host,
        problem: `but no listener that it attaches to serves it`,
        remedy: didYouMean(host, new Set(served)),
      });
    }
  }
  return { all, faults };
}

function attachmentsOf(edge: Edge, route: Placed<Route>, faults: Fault[]): readonly Attachment[] {
  const { component, role, object } = route;
  return (object.spec.parentRefs ?? []).flatMap(({ kind = "Gateway", name, namespace, sectionName }) => {
    if (kind !== "Gateway") return [];
    const place = placeIn(object, name, namespace);
    const note = (value: unknown, problem: string, remedy: string): readonly Attachment[] => {
      faults.push({ component, path: `${role}.parentRefs`, value, problem, remedy });
      return [];
    };
    const gateway = edge.gateways.get(place);
    if (gateway === undefined) {
      if (edge.namespaces.has(namespace ?? object.metadata.namespace ?? "")) {
        return note(place, "but this environment makes no such Gateway", didYouMean(place, edge.gateways.keys()));
      }
      return [
        { route, place: `${place}/${sectionName ?? ""}`, listener: undefined, hosts: object.spec.hostnames ?? ["*"] },
      ];
    }
    const listeners = gateway.object.spec.listeners ?? [];
    const named = listeners.filter((one) => sectionName === undefined || one.name === sectionName);
    if (named.length === 0) {
      return note(
        sectionName,
        `but Gateway ${place} has no such listener`,
        didYouMean(
          String(sectionName),
          listeners.map((one) => one.name),
        ),
      );
    }
    const admitting = named.filter((one) => admits(one, gateway.object.metadata.namespace, object));
    if (admitting.length === 0) {
      const what = `${object.kind} of namespace ${object.metadata.namespace}`;
      return note(place, `but it admits no ${what}`, "name the namespace in the Gateway's routesFrom");
    }
    return admitting.map((listener) => ({
      route,
      place: `${place}/${listener.name}`,
      listener,
      hosts: hostsAt(object, listener),
    }));
  });
}

function hostsAt({ spec }: Route, { hostname }: Listener): readonly string[] {
  return spec.hostnames === undefined ? [hostname ?? "*"] : spec.hostnames.filter((host) => hostsMeet(hostname, host));
}

/** Whether a listener takes routes of that kind and namespace. Labels that a namespace may have are not looked into. */
function admits({ allowedRoutes = {} }: Listener, own: string | undefined, route: Route): boolean {
  const { kinds, namespaces = {} } = allowedRoutes;
  if (kinds !== undefined && !kinds.some(({ kind }) => kind === route.kind)) return false;
  const { from = "Same", selector } = namespaces;
  if (from === "Same") return route.metadata.namespace === own;
  if (from !== "Selector") return from === "All";
  return (selector?.matchExpressions ?? []).every(
    ({ key, operator, values = [] }) =>
      key !== "kubernetes.io/metadata.name" || operator !== "In" || values.includes(route.metadata.namespace ?? ""),
  );
}
