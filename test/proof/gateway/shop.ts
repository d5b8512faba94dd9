import {
  type Catalogue,
  certificate,
  checkEnvironment,
  components,
  type Environment,
  gateway,
  gatewayTarget,
  issuer,
  type KubernetesObject,
  placed,
  route,
  teamNamespace,
} from "../../../components/index.ts";

export const HOST = "shop.example.com";
export const GRPC_HOST = "grpc.example.com";

/** Services and the port that each listens on. */
export type Ports = Readonly<Record<"order" | "cart" | "beta" | "stock" | "copy" | "calls", number>>;

const edge = {
  name: "edge",
  namespace: "edge",
  class: "envoy",
  proxies: "envoy-gateway-system",
  routesFrom: ["shop"],
  hosts: {
    shop: { host: HOST, certificate: { secret: "shop-tls", namespace: "shop" } },
    grpc: { host: GRPC_HOST, certificate: { secret: "grpc-tls", namespace: "shop" } },
  },
} as const;

/** A shop in which each service has a route of its own kind. */
export function shop(ports: Ports): Environment {
  const service = (port: number) => ({
    owner: "o",
    image: "registry.example.com/shop/one",
    ports: { http: port },
    calls: [],
  });
  const again = { attempts: 2, perTry: "500ms", backoff: "10ms", codes: [503] };
  const entries: Catalogue = {
    order: {
      ...service(ports.order),
      route: [
        { host: HOST, path: "/orders", timeout: "2s" },
        { host: HOST, path: "/orders", methods: ["GET"], timeout: "2s", retries: again },
      ],
    },
    cart: { ...service(ports.cart), route: { host: HOST, path: { exact: "/orders/cart" } } },
    beta: { ...service(ports.beta), route: { host: HOST, path: "/orders", headers: { "X-Beta": "on" } } },
    stock: {
      ...service(ports.stock),
      route: { host: HOST, path: "/stock", rewrite: "/", mirror: { service: "copy" } },
    },
    copy: service(ports.copy),
    canary: service(ports.order),
    calls: {
      owner: "o",
      image: "registry.example.com/shop/one",
      ports: { grpc: ports.calls },
      calls: [],
      route: { host: GRPC_HOST, grpc: "shop.order.v1.Orders/Place", timeout: "1s" },
    },
  };
  const setting = {
    namespace: "shop",
    partOf: "shop",
    version: "1.0.0",
    replicas: 1,
    autoscaling: false,
    alerts: false,
  };
  const member = (objects: Environment["members"][string]["objects"]) => ({ type: "", objects });
  const common = { namespace: "shop", owner: "platform", alerts: false, usedFrom: ["edge"], issuer: { name: "ca" } };
  const environment: Environment = {
    name: "proof",
    members: {
      shop: member(teamNamespace({ name: "shop" })),
      "edge-namespace": member(teamNamespace({ name: "edge" })),
      edge: member(gateway(edge)),
      ca: member(issuer({ name: "ca", namespace: "shop", selfSigned: true })),
      "shop-tls": member(certificate({ ...common, name: "shop-tls", hosts: [HOST] })),
      "grpc-tls": member(certificate({ ...common, name: "grpc-tls", hosts: [GRPC_HOST] })),
      weighted: member(
        route({
          name: "weighted",
          namespace: "shop",
          ports: { http: ports.order },
          route: { host: HOST, path: "/weighted" },
          gateway: gatewayTarget(edge, "envoy-gateway"),
          service: "order",
          canary: "canary",
        }),
      ),
      ...components(entries, { ...setting, gateway: gatewayTarget(edge, "envoy-gateway") }),
    },
  };
  checkEnvironment(environment);
  return environment;
}

/** Where a service listens: the canary of another on the same port, at another address. */
export function addressOf(service: string): string {
  return service === "canary" ? "127.0.0.2" : "127.0.0.1";
}

/** What Envoy Gateway reads. */
const READ = ["Gateway", "HTTPRoute", "GRPCRoute", "ReferenceGrant", "BackendTrafficPolicy", "Service", "Namespace"];

/**
 * An environment as Envoy Gateway reads it from a file: with the addresses that the API server would give to Services, and
 * with Gateways open to all namespaces, since it reads no labels of namespaces from a file.
 */
export function asRead(environment: Environment): readonly KubernetesObject[] {
  const controller = { controllerName: "gateway.envoyproxy.io/gatewayclass-controller" };
  const own = [...placed(environment)].flatMap(({ object }) => {
    if (!READ.includes(object.kind)) return [];
    const spec = Reflect.get(object, "spec") as Record<string, unknown>;
    if (object.kind === "Service" && spec["clusterIP"] === undefined)
      return [{ ...object, spec: { ...spec, clusterIP: addressOf(object.metadata.name) } }];
    if (object.kind !== "Gateway") return [object];
    const listeners = (spec["listeners"] as readonly { readonly allowedRoutes: object }[]).map((one) => ({
      ...one,
      allowedRoutes: { ...one.allowedRoutes, namespaces: { from: "All" } },
    }));
    return [{ ...object, spec: { ...spec, listeners } }];
  });
  const classes = [
    ...new Set(
      own.flatMap((one) =>
        one.kind === "Gateway" ? [String(Reflect.get(Reflect.get(one, "spec") as object, "gatewayClassName"))] : [],
      ),
    ),
  ];
  const apiVersion = "gateway.networking.k8s.io/v1";
  return [
    ...classes.map((name) => ({ apiVersion, kind: "GatewayClass", metadata: { name }, spec: controller })),
    ...own,
  ];
}
