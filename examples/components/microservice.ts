import { type MicroserviceObjects, microservice } from "../../components/index.ts";

/** A service that is called over HTTP and gRPC, scales with load and calls one service and one host. */
export const microserviceExample: MicroserviceObjects = microservice({
  name: "order",
  namespace: "checkout",
  owner: "checkout",
  image: "registry.example.com/shop/order:1.0.0",
  ports: { http: 8080, grpc: 9090 },
  scale: { min: 3, max: 20 },
  calls: ["inventory", { host: "api.payments.example.com" }],
  calledBy: ["cart"],
  config: {
    "order.yaml": { content: { timeout: "3s" } },
    "limits.yaml": { reload: true, content: { perSecond: 200 } },
  },
  secrets: { DATABASE_URL: { store: "vault", key: "order/database-url" } },
  resources: { requests: { cpu: "200m" }, limits: { memory: "256Mi" } },
  drain: "45s",
});
