import { checkEnvironment, components, type Environment, type Fault, FaultError } from "../../../components/index.ts";
import { gatewayOf } from "../../../infra/edge.ts";
import { environmentRow } from "../../../infra/environments.ts";
import { platform } from "../../../infra/platform.ts";
import { program } from "../../../infra/program.ts";
import { services } from "../../../infra/services.ts";

/** What a user writes: a catalogue and an environment's settings. */
export interface Written {
  readonly catalogue: unknown;
  readonly settings: unknown;
}

const resources = { requests: { cpu: "200m", memory: "128Mi" }, limits: { cpu: "1", memory: "256Mi" } };

/** Uses what components offer, so that a mutation has something to spoil everywhere. */
export const sound: Written = {
  catalogue: {
    order: {
      owner: "checkout",
      image: "registry.example.com/shop/order",
      ports: { http: 8080, grpc: 9090, metrics: 9100 },
      calls: ["user", { host: "api.example.com", port: 8443, cidrs: ["203.0.113.0/24"] }],
      command: ["/order"],
      args: ["--verbose"],
      config: {
        "order.yaml": { content: { timeout: "3s", retries: 3, on: true }, layers: [{ timeout: "5s" }] },
        "limits.json": { reload: true, content: { perSecond: 200 } },
      },
      variables: { LOG_LEVEL: "info" },
      secrets: {
        DATABASE_URL: { store: "vault", key: "shop/order/database-url" },
        TOKEN: { secret: "order-token", key: "token", file: true },
      },
      resources,
      go: { gcPercent: 80 },
      scale: { min: 2, max: 8, cpu: 70, memory: 80 },
      probes: {
        readiness: { path: "/readyz", period: "5s", timeout: "2s", failures: 3 },
        liveness: { port: "grpc", grpc: "order" },
      },
      disruption: { minAvailable: 1 },
      spread: "preferred",
      preStop: "5s",
      drain: "20s",
      gracePeriod: "30s",
      volumes: { cache: { path: "/var/cache", size: "32Mi" }, scratch: { path: "/tmp", memory: true, size: "16Mi" } },
      sidecars: {
        proxy: {
          image: "registry.example.com/proxy:2.1.0",
          ports: { admin: 9901 },
          variables: { LEVEL: "warn" },
          resources,
          volumes: ["cache"],
        },
      },
      initContainers: { migrate: { image: "registry.example.com/migrate:1.0.0", args: ["up"], resources } },
      security: { user: 2000 },
      slo: { availability: 99.9, latency: { percentile: 99, under: "750ms" } },
      alerts: { cpuThrottling: false, errorRatio: { above: "2%", for: "5m" } },
      certificates: ["order-tls"],
      backing: { database: { postgres: "order-db" } },
      scrape: { interval: "30s" },
      route: [
        {
          host: "shop.example.com",
          path: ["/orders", { exact: "/order" }],
          methods: ["GET", "HEAD"],
          timeout: "10s",
          retries: { attempts: 2, perTry: "2s", backoff: "50ms", codes: [503] },
          mirror: { service: "user", percent: 10 },
        },
        {
          host: "shop.example.com",
          path: "/v2/orders",
          port: "http",
          rewrite: "/orders",
          headers: { "X-Beta": "on", "X-Tag": { pattern: "^v[0-9]+$" } },
        },
        { host: ["grpc.example.com"], grpc: ["shop.order.v1.Orders/Place"], timeout: "5s", name: "calls" },
      ],
    },
    legacy: {
      owner: "checkout",
      image: "registry.example.com/shop/legacy",
      ports: { http: 8080 },
      calls: ["user"],
      config: { "legacy.yaml": { content: "a: 1\n" } },
      adopted: {
        selector: { app: "legacy" },
        names: { service: "legacy-svc", deployment: "legacy-api" },
        servicePorts: { http: 80 },
        configPath: "/app/config",
        openNetwork: true,
      },
    },
    user: {
      owner: "identity",
      image: "registry.example.com/shop/user",
      ports: { http: 8080, grpc: 9090 },
      grpc: { connectionAge: "10m", keepalive: "1m" },
      rateLimit: { requestsPerSecond: 100, burst: 200 },
      calls: [],
    },
    mailer: {
      owner: "identity",
      image: "registry.example.com/shop/mailer",
      calls: ["user"],
      metricsPort: 9100,
      replicas: 2,
    },
    sweep: {
      owner: "checkout",
      image: "registry.example.com/shop/sweep",
      calls: ["order"],
      schedule: "*/15 3 * * mon-fri",
      timeZone: "Europe/Berlin",
      concurrency: "Forbid",
      retries: 2,
      deadline: "30m",
      startDeadline: "5m",
    },
  },
  settings: {
    namespace: "shop-dev",
    version: "1.2.3",
    replicas: 2,
    services: {
      order: {
        version: "1.2.4",
        replicas: 3,
        resources: { limits: { memory: "512Mi" } },
        variables: { LOG_LEVEL: "debug" },
        config: { "order.yaml": { timeout: "9s" } },
      },
      reconcile: { suspended: true, digest: `sha256:${"0".repeat(64)}` },
    },
  },
};

const setting: Parameters<typeof components>[1] = {
  namespace: "shop-dev",
  partOf: "shop",
  version: "1.0.0",
  replicas: 2,
  autoscaling: true,
  debug: { pprof: true },
  gateway: gatewayOf(environmentRow("dev", {})),
};

/** What became of something written: the environments that follow from it, or where it was refused. */
export type Outcome = { readonly environments: readonly Environment[] } | { readonly refused: readonly Fault[] };

/** @throws whatever is no refusal: a crash. */
export function outcome(written: Written): Outcome {
  try {
    return { environments: [ofCatalogue(written.catalogue), ofSettings(written.settings)] };
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return { refused: error.faults };
  }
}

// What a user's file holds is what it holds, whatever the types say.
function ofCatalogue(catalogue: unknown): Environment {
  const members = components(catalogue as Parameters<typeof components>[0], setting);
  const environment = { name: "dev", members: { ...platform(environmentRow("dev", {}), services), ...members } };
  checkEnvironment(environment);
  return environment;
}

function ofSettings(settings: unknown): Environment {
  return program.build("dev", settings as Parameters<typeof program.build>[1]);
}
