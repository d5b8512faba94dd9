import { type RouteObjects, route } from "../../components/index.ts";

const ports = { http: 8080, grpc: 9090 };

/** Everything that a route can say, at a Gateway that Envoy Gateway runs. */
export const routeExample: RouteObjects = route({
  name: "order",
  namespace: "checkout",
  owner: "checkout",
  ports,
  gateway: {
    name: "edge",
    namespace: "edge",
    listeners: { shop: "shop.example.com", grpc: "grpc.example.com", partners: "*.partners.example.com" },
    dialect: "envoy-gateway",
  },
  route: [
    {
      host: "shop.example.com",
      path: ["/orders", { exact: "/order" }],
      methods: ["GET"],
      timeout: "10s",
      retries: { attempts: 2, perTry: "3s", backoff: "50ms", codes: [502, 503] },
    },
    { host: "shop.example.com", path: "/orders", mirror: { service: "order-next", percent: 10 } },
    { host: "shop.example.com", path: "/v2/orders", rewrite: "/orders", headers: { "X-Beta": "on" } },
    { host: "grpc.example.com", grpc: ["shop.order.v1.Orders", "shop.status.v1.Status/Get"], timeout: "5s" },
    {
      name: "partners",
      host: ["bakery.partners.example.com", "florist.partners.example.com"],
      headers: { "X-Partner": { pattern: "^[a-z]+-[0-9]+$" } },
    },
  ],
  drain: "30s",
});

/** The same service where the cluster has no Gateway API. */
export const ingressExample: RouteObjects = route({
  name: "order",
  namespace: "checkout",
  ports,
  gateway: { ingressClass: "haproxy", proxies: "haproxy-controller", certificates: { "shop.example.com": "shop-tls" } },
  route: { host: "shop.example.com", path: ["/orders", { exact: "/order" }] },
});
