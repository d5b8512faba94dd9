import { groupOf, identity, type KubernetesObject } from "./object.ts";
import { inside, itemsInside } from "./plain.ts";

/** Fields of one object that somebody else writes once it runs. */
export interface ForeignFields {
  readonly object: KubernetesObject;
  /** JSON pointers (RFC 6901) of the fields, whether the object has them or not. */
  readonly pointers: readonly string[];
  /** Who writes them, by kind and name, such as "HorizontalPodAutoscaler order". */
  readonly owner: string;
}

/** One writer's claim: on which object, and on which of its fields. */
interface Claim {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly pointers: (object: KubernetesObject) => readonly string[];
}

/** Who writes to other objects, by group and kind, and what. Versions of a group mean the same here. */
const WRITERS: Readonly<Record<string, (writer: KubernetesObject) => readonly Claim[]>> = {
  "autoscaling HorizontalPodAutoscaler": scaleTarget,
  "keda.sh ScaledObject": scaleTarget,
  "argoproj.io Rollout": (rollout) => [...services(rollout), ...routes(rollout), ...takenOver(rollout)],
};

const REPLICAS = ["/spec/replicas"] as const;

/**
 * The fields of an environment's objects that belong to somebody else: replicas under an autoscaler, selectors of Services
 * and weights of routes under a Rollout. Derived from the objects, so that no list needs keeping. Who applies the objects
 * must neither reset these fields nor call them drift.
 */
export function foreignFields(objects: Iterable<KubernetesObject>): readonly ForeignFields[] {
  const all = [...objects];
  const byIdentity = new Map(all.map((object) => [identity(object), object]));
  const claimed = new Map<KubernetesObject, Map<string, Set<string>>>();
  for (const writer of all) {
    const owner = `${writer.kind} ${writer.metadata.name}`;
    for (const { apiVersion, kind, name, pointers } of WRITERS[`${groupOf(writer.apiVersion)} ${writer.kind}`]?.(
      writer,
    ) ?? []) {
      const { namespace } = writer.metadata;
      const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
      const object = byIdentity.get(identity({ apiVersion, kind, metadata }));
      if (object === undefined) continue;
      const owners = claimed.get(object) ?? new Map<string, Set<string>>();
      claimed.set(object, owners);
      const fields = owners.get(owner) ?? new Set();
      owners.set(owner, fields);
      for (const pointer of pointers(object)) fields.add(pointer);
    }
  }
  return all.flatMap((object) =>
    [...(claimed.get(object) ?? [])].flatMap(([owner, fields]) =>
      fields.size === 0 ? [] : [{ object, pointers: [...fields], owner }],
    ),
  );
}

/** An autoscaler writes how many pods its target has. KEDA takes a Deployment where nothing else is said. */
function scaleTarget(autoscaler: KubernetesObject): readonly Claim[] {
  const { apiVersion = "apps/v1", kind = "Deployment", name } = Object(inside(autoscaler, "spec", "scaleTargetRef"));
  return [{ apiVersion: String(apiVersion), kind: String(kind), name: String(name), pointers: () => REPLICAS }];
}

/** Properties of a Rollout's strategy that name Services. */
const SERVICES = [
  ["canary", "stableService"],
  ["canary", "canaryService"],
  ["canary", "pingPong", "pingService"],
  ["canary", "pingPong", "pongService"],
  ["blueGreen", "activeService"],
  ["blueGreen", "previewService"],
] as const;

/** A Rollout adds the hash of a version to what a Service selects; to the API server the selector is one field. */
function services(rollout: KubernetesObject): readonly Claim[] {
  return SERVICES.flatMap((path) => {
    const name = inside(rollout, "spec", "strategy", ...path);
    return typeof name === "string"
      ? [{ apiVersion: "v1", kind: "Service", name, pointers: () => ["/spec/selector"] }]
      : [];
  });
}

/** A Rollout writes the weights of routes, and where a step sends requests by header, routes of its own among them. */
function routes(rollout: KubernetesObject): readonly Claim[] {
  const routing = inside(rollout, "spec", "strategy", "canary", "trafficRouting");
  const own = itemsInside(routing, "managedRoutes").length > 0;
  const gateway = inside(routing, "plugins", "argoproj-labs/gatewayAPI");
  const istio = inside(routing, "istio");
  const weights = (list: string, targets: string) => (object: KubernetesObject) =>
    own ? [`/spec/${list}`] : weightPointers(object, list, targets);
  const claims = (apiVersion: string, kind: string, names: readonly unknown[], pointers: Claim["pointers"]) =>
    names.flatMap((name) => (typeof name === "string" ? [{ apiVersion, kind, name, pointers }] : []));
  const named = (value: unknown, one: string, many: string) => [
    inside(value, one),
    ...itemsInside(value, many).map((item) => inside(item, "name")),
  ];
  const gatewayApi = "gateway.networking.k8s.io/v1";
  const network = "networking.istio.io/v1";
  const rules = weights("rules", "backendRefs");
  return [
    ...claims(gatewayApi, "HTTPRoute", named(gateway, "httpRoute", "httpRoutes"), rules),
    ...claims(gatewayApi, "GRPCRoute", named(gateway, "grpcRoute", "grpcRoutes"), rules),
    ...claims(
      network,
      "VirtualService",
      [
        inside(istio, "virtualService", "name"),
        ...itemsInside(istio, "virtualServices").map((item) => inside(item, "name")),
      ],
      weights("http", "route"),
    ),
    // It adds the hash of a version to the labels of each subset.
    ...claims(network, "DestinationRule", [inside(istio, "destinationRule", "name")], (object) =>
      itemsInside(object, "spec", "subsets").map((_, index) => `/spec/subsets/${index}/labels`),
    ),
  ];
}

/** The weights of a route that chooses between destinations; with one alone there is nothing to write. */
function weightPointers(object: KubernetesObject, list: string, targets: string): readonly string[] {
  return itemsInside(object, "spec", list).flatMap((rule, index) => {
    const destinations = itemsInside(rule, targets);
    return destinations.length < 2
      ? []
      : destinations.map((_, place) => `/spec/${list}/${index}/${targets}/${place}/weight`);
  });
}

/** A Rollout that takes over a Deployment's pods scales that down. */
function takenOver(rollout: KubernetesObject): readonly Claim[] {
  const { apiVersion, kind, name, scaleDown = "never" } = Object(inside(rollout, "spec", "workloadRef"));
  return name === undefined || scaleDown === "never"
    ? []
    : [{ apiVersion: String(apiVersion), kind: String(kind), name: String(name), pointers: () => REPLICAS }];
}
