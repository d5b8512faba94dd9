import type { Placed } from "../components/core/environment.ts";
import { ofKind, selected, type View } from "../components/core/invariants/view.ts";
import type { NetworkPolicy } from "../components/core/kind.ts";
import { identity, type KubernetesObject } from "../components/core/object.ts";
import { at, list, text } from "./value.ts";

/** That one component relies on another, or on something outside, as its objects say. */
export interface Link {
  readonly from: string;
  /** A component; for a host and an Ingress its name alone. */
  readonly to: string;
  /** calls a service or a host outside, is reached through a route, reads secrets of a store, stands within a namespace. */
  readonly kind: "calls" | "host" | "route" | "secrets" | "within";
  /** Identity of the object that is relied on, where it is one. */
  readonly object?: string;
  /** Ports, host and path, or keys. */
  readonly label: string;
}

const EXTERNAL_HOSTS = "fairlead.dev/external-hosts";
const NAMESPACE = "kubernetes.io/metadata.name";

/** Every link of an environment, in the order of its objects; each once. */
export function links(view: View): readonly Link[] {
  const places = new Map(view.all.map((one) => [identity(one.object), one.component]));
  const found = [...calls(view), ...secrets(view, places), ...routes(view, places), ...within(view, places)];
  return [...new Map(found.map((link) => [Object.values(link).join("\n"), link])).values()];
}

function* calls(view: View): Generator<Link> {
  for (const policy of view.networkPolicies) {
    const hosts = policy.object.metadata.annotations?.[EXTERNAL_HOSTS] ?? "";
    for (const host of hosts.split(",").filter((one) => one !== "")) {
      yield { from: policy.component, to: host, kind: "host", label: "" };
    }
    for (const rule of policy.object.spec?.egress ?? []) {
      const label = (rule.ports ?? []).map(({ port }) => String(port)).join(", ");
      for (const peer of rule.to ?? []) yield* called(view, policy, peer, label);
    }
  }
}

type Peer = NonNullable<NonNullable<NonNullable<NonNullable<NetworkPolicy["spec"]>["egress"]>[number]["to"]>[number]>;

function* called(view: View, caller: Placed<NetworkPolicy>, peer: Peer, label: string): Generator<Link> {
  const labels = peer.podSelector?.matchLabels;
  if (labels === undefined || Object.keys(labels).length === 0) return;
  const namespace = String(peer.namespaceSelector?.matchLabels?.[NAMESPACE] ?? caller.object.metadata.namespace);
  for (const { component } of selected(view, namespace, labels)) {
    if (component !== caller.component) yield { from: caller.component, to: component, kind: "calls", label };
  }
}

type Places = ReadonlyMap<string, string>;

function* secrets(view: View, places: Places): Generator<Link> {
  for (const { component, object } of ofKind(view.all, "external-secrets.io/v1", "ExternalSecret")) {
    const kind = text(at(object, "spec", "secretStoreRef", "kind")) || "SecretStore";
    const namespace = kind === "ClusterSecretStore" ? "" : (object.metadata.namespace ?? "");
    const name = text(at(object, "spec", "secretStoreRef", "name"));
    const store = `${kind}.external-secrets.io ${namespace}/${name}`;
    const label = list(at(object, "spec", "data"))
      .map((one) => text(at(one, "remoteRef", "key")))
      .join(", ");
    // A ClusterSecretStore may be the platform's, outside of this environment.
    yield { from: component, to: places.get(store) ?? name, kind: "secrets", object: store, label };
  }
}

const GATEWAY = "gateway.networking.k8s.io";

function* routes(view: View, places: Places): Generator<Link> {
  for (const { component, object } of view.all) {
    if (object.apiVersion.startsWith(`${GATEWAY}/`) && /^(?:HTTP|GRPC|TLS|TCP)Route$/.test(object.kind)) {
      yield* gatewayRoute(component, object, places);
    } else if (object.apiVersion === "networking.k8s.io/v1" && object.kind === "Ingress") {
      yield* ingressRoute(component, object, places);
    }
  }
}

function* gatewayRoute(component: string, object: KubernetesObject, places: Places): Generator<Link> {
  const own = object.metadata.namespace ?? "";
  const hosts = list(at(object, "spec", "hostnames")).map(text);
  const rules = list(at(object, "spec", "rules"));
  const paths = rules.flatMap((rule) => list(at(rule, "matches")).map((match) => text(at(match, "path", "value"))));
  const label = [hosts.join(", "), [...new Set(paths)].filter((path) => path !== "").join(", ")].join(" ").trim();
  const backends = rules.flatMap((rule) => list(at(rule, "backendRefs")));
  const served = backends.map((backend) => behindService(backend, own, places) ?? component);
  // A redirect has none behind it but its own component.
  const behind = new Set(served.length === 0 ? [component] : served);
  for (const parent of list(at(object, "spec", "parentRefs"))) {
    const gateway = `Gateway.${GATEWAY} ${text(at(parent, "namespace")) || own}/${text(at(parent, "name"))}`;
    const to = places.get(gateway) ?? text(at(parent, "name"));
    for (const from of behind) yield { from, to, kind: "route", object: gateway, label };
  }
}

function behindService(backend: unknown, own: string, places: Places): string | undefined {
  return places.get(`Service ${text(at(backend, "namespace")) || own}/${text(at(backend, "name"))}`);
}

function* ingressRoute(component: string, object: KubernetesObject, places: Places): Generator<Link> {
  const own = object.metadata.namespace ?? "";
  const to = `ingress ${text(at(object, "spec", "ingressClassName")) || "(default class)"}`;
  for (const rule of list(at(object, "spec", "rules"))) {
    for (const path of list(at(rule, "http", "paths"))) {
      const from = behindService(at(path, "backend", "service"), own, places) ?? component;
      yield { from, to, kind: "route", label: `${text(at(rule, "host"))} ${text(at(path, "path"))}`.trim() };
    }
  }
}

function* within(view: View, places: Places): Generator<Link> {
  const told = new Set<string>();
  for (const { component, object } of view.all) {
    const namespace = object.metadata.namespace;
    if (namespace === undefined || told.has(`${component}\n${namespace}`)) continue;
    told.add(`${component}\n${namespace}`);
    const key = `Namespace /${namespace}`;
    const to = places.get(key);
    if (to !== undefined && to !== component) {
      yield { from: component, to, kind: "within", object: key, label: namespace };
    }
  }
}
