import { catalogue, funnel } from "../components/index.ts";

/** Servers beside the cluster, in one range of addresses. */
const SERVERS = ["192.0.2.0/24"];
const DATABASE = { host: "postgres.example.com", port: 5432, cidrs: SERVERS };
const BROKER = { host: "rabbitmq.example.com", port: 5672, cidrs: SERVERS };

/** One entry per component: the file that a service team edits. What differs between environments is in environments.ts. */
export const services = catalogue({
  user: {
    owner: "identity",
    image: "registry.example.com/shop/user",
    ports: { http: 8080, grpc: 9090 },
    calls: [DATABASE],
    // Reading an account again does no harm, so an answer that got lost is asked for again.
    route: [
      {
        host: "shop.example.com",
        path: "/users",
        methods: ["GET"],
        timeout: "5s",
        retries: { attempts: 2, perTry: "1500ms", codes: [503] },
      },
      { host: "shop.example.com", path: "/users" },
    ],
    secrets: { DATABASE_URL: { store: "vault", key: "shop/user/database-url" } },
    backing: { database: { postgres: "user-db" } },
    slo: {
      availability: 99.9,
      latency: { percentile: 99, under: "750ms" },
      // The service knows an account by its id; /users alone is for opening one.
      load: { requests: { look: { path: "/users/ada" } } },
    },
    scale: { min: 3, max: 12 },
    // Everybody's sessions are in it: one switch, and an old version that can take all of them back.
    rollout: { blueGreen: { keep: "15m", smoke: { path: "/healthz" } } },
  },
  order: {
    owner: "checkout",
    image: "registry.example.com/shop/order",
    ports: { http: 8080, grpc: 9090 },
    route: [
      { host: "shop.example.com", path: "/orders", timeout: "10s" },
      { host: "grpc.example.com", grpc: "shop.order.v1.Orders", timeout: "10s" },
    ],
    calls: [
      { service: "user", retries: { idempotent: true } },
      "inventory",
      // A payment that was sent may have been made: nobody tries it again but the saga, which knows its key.
      { service: "payment", retries: false, breaker: { requests: 200, failures: 3 } },
      "shipment",
      DATABASE,
      BROKER,
    ],
    config: {
      "order.yaml": { content: { timeout: "3s", saga: { retries: 3, backoff: "200ms" } } },
      "limits.yaml": { reload: true, content: { requestsPerSecond: 200 } },
    },
    secrets: {
      DATABASE_URL: { store: "vault", key: "shop/order/database-url" },
      BROKER_URL: { store: "vault", key: "shop/order/broker-url" },
    },
    backing: { database: { postgres: "order-db" }, retries: { rabbitmq: { queue: "order.work" } } },
    scale: { min: 3, max: 20 },
    resources: { requests: { cpu: "200m" }, limits: { memory: "256Mi" } },
    slo: {
      availability: 99.9,
      latency: { percentile: 99, under: "750ms" },
      load: {
        rate: 20,
        requests: {
          place: {
            path: "/orders",
            method: "POST",
            body: { userId: "ada", lines: [{ sku: "rope", quantity: 1 }] },
          },
        },
      },
    },
    // Staff, then those of one region, then everybody in steps; back by itself when it is four times as slow.
    rollout: {
      canary: { steps: funnel({ region: { name: "X-Traffic-Tag", value: "shanghai-only" } }) },
      analysis: { growth: 300 },
    },
    // A reservation, a payment and a shipment may be under way when the pod is told to stop.
    drain: "45s",
  },
  payment: {
    owner: "checkout",
    image: "registry.example.com/shop/payment",
    ports: { http: 8080, grpc: 9090 },
    calls: [{ host: "api.payments.example.com" }, DATABASE],
    secrets: {
      DATABASE_URL: { store: "vault", key: "shop/payment/database-url" },
      PROVIDER_KEY: { store: "vault", key: "shop/payment/provider-key" },
    },
    backing: { database: { postgres: "payment-db" } },
    scale: { min: 3, max: 10 },
  },
  inventory: {
    owner: "warehouse",
    image: "registry.example.com/shop/inventory",
    ports: { http: 8080, grpc: 9090 },
    calls: [DATABASE],
    // The service knows nothing of the shop's paths. "/" would show everybody its metrics too.
    route: { host: "shop.example.com", path: "/stock", rewrite: "/items", methods: ["GET", "HEAD"] },
    secrets: { DATABASE_URL: { store: "vault", key: "shop/inventory/database-url" } },
    backing: { database: { postgres: "inventory-db" } },
    // Reads many small rows: less garbage kept means fewer pods evicted for memory.
    go: { gcPercent: 50 },
    scale: { min: 3, max: 10 },
  },
  shipment: {
    owner: "warehouse",
    image: "registry.example.com/shop/shipment",
    ports: { http: 8080, grpc: 9090 },
    calls: [{ host: "api.carrier.example.com" }, DATABASE],
    // Carriers tell us what became of a parcel.
    route: { host: "shop.example.com", path: { exact: "/hooks/carrier" }, methods: ["POST"] },
    secrets: { DATABASE_URL: { store: "vault", key: "shop/shipment/database-url" } },
    backing: { database: { postgres: "shipment-db" } },
    volumes: { labels: { path: "/var/lib/labels", size: "128Mi" } },
    scale: { min: 2, max: 6 },
  },
  notifier: {
    owner: "identity",
    image: "registry.example.com/shop/notifier",
    calls: ["user", { host: "smtp.example.com", port: 587 }, { host: "kafka.example.com", port: 9092 }],
    metricsPort: 9100,
    // The articles' figures: a backlog of 500,000 makes 17 pods of 3, and they go 90 s after it has gone.
    scaleOn: {
      min: 3,
      max: 17,
      polling: "10s",
      scaleDownWindow: "90s",
      triggers: {
        mails: { kafka: { servers: "kafka.example.com:9092", topic: "mails", group: "notifier", lag: 30_000 } },
      },
    },
  },
  reconcile: {
    owner: "checkout",
    image: "registry.example.com/shop/reconcile",
    calls: ["order", "payment"],
    schedule: "0 3 * * *",
    deadline: "30m",
  },
});
