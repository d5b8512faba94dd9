import type { GatewayTarget, IngressTarget, Route, RouteProps } from "../../components/index.ts";

/** A Gateway of plain standard with two hosts. */
export const edge: GatewayTarget = {
  name: "edge",
  namespace: "edge",
  listeners: { shop: "shop.example.com", partners: "*.partners.example.com", grpc: "grpc.example.com" },
};

export const envoy: GatewayTarget = { ...edge, dialect: "envoy-gateway" };

export const ingressOnly: IngressTarget = {
  ingressClass: "haproxy",
  proxies: "haproxy-controller",
  certificates: { "shop.example.com": "shop-tls" },
};

/** A service with one route; a test says what differs. */
export function routed(one: Partial<Route> | readonly Route[], rest: Partial<RouteProps> = {}): RouteProps {
  return {
    name: "order",
    namespace: "shop",
    ports: { http: 8080, grpc: 9090 },
    route: Array.isArray(one) ? one : ({ host: "shop.example.com", ...one } as Route),
    gateway: edge,
    ...rest,
  };
}
