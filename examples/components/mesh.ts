import {
  type EdgePluginObjects,
  type ExternalHostsObjects,
  edgePlugin,
  externalHosts,
  type Mesh,
  type MeshClientObjects,
  type MeshNamespaceObjects,
  type MeshServiceObjects,
  meshClient,
  meshNamespace,
  meshService,
} from "../../components/index.ts";

const namespace = "shop";

/** A proxy in every pod; two regions that stand in for each other; colours for a version and for a region. */
const mesh: Mesh = {
  mode: "sidecar",
  policy: { timeout: "3s", retries: { attempts: 2 }, breaker: { requests: 500, failures: 5, ejection: "30s" } },
  rateLimit: { requestsPerSecond: 200 },
  regions: { shanghai: ["beijing"], beijing: ["shanghai"] },
  tags: {
    stable: { version: "stable" },
    canary: { version: "canary" },
    "shanghai-only": { region: "shanghai" },
  },
  gateways: [{ namespace: "gateways", serviceAccount: "shop" }],
};

/** Strict mutual TLS, and nobody gets in whom no service names. */
export const meshNamespaceExample: MeshNamespaceObjects = meshNamespace({ name: "mesh", namespace, mesh });

/** The same with a waypoint instead of proxies in the pods. */
export const ambientNamespaceExample: MeshNamespaceObjects = meshNamespace({
  name: "mesh",
  namespace,
  mesh: { mode: "ambient", waypoints: 3 },
  hosts: [{ host: "api.payments.example.com" }],
});

/** Called by the gateway and by two others, one of which may try again and waits less. */
export const meshServiceExample: MeshServiceObjects = meshService({
  name: "user",
  namespace,
  mesh,
  ports: { http: 8080, grpc: 9090, metrics: 9100 },
  callers: [{ name: "order", timeout: "1s", retries: { attempts: 2, idempotent: true } }, { name: "notifier" }],
  fromGateways: true,
  scraped: { namespace: "monitoring", port: 9100 },
  rateLimit: { requestsPerSecond: 400, burst: 600 },
  canary: "user-canary",
});

/** Calls two services, one of them behind a breaker of its own, and a host outside. */
export const meshClientExample: MeshClientObjects = meshClient({
  name: "order",
  namespace,
  mesh,
  calls: [
    "user",
    { service: "payment", breaker: { requests: 200, failures: 3 } },
    { service: "search", namespace: "web" },
    { host: "api.payments.example.com" },
  ],
});

/** Two hosts outside: what is encrypted already, and mail. */
export const externalHostsExample: ExternalHostsObjects = externalHosts({
  name: "mesh-hosts",
  namespace,
  mesh,
  hosts: [{ host: "api.payments.example.com" }, { host: "smtp.example.com", port: 587 }],
});

/** Colours requests of staff at the gateway. */
export const edgePluginExample: EdgePluginObjects = edgePlugin({
  name: "traffic-tag",
  namespace: "gateways",
  gateway: "shop",
  module: `oci://registry.example.com/shop/traffic-tag@sha256:${"5d".repeat(32)}`,
  config: { header: "X-Traffic-Tag", tags: ["stable", "canary", "shanghai-only"], staff: "X-Staff" },
});
