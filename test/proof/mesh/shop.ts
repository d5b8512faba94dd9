import { catalogue, components, type KubernetesObject, type Mesh, meshMembers } from "../../../components/index.ts";
import type { MeshSidecar } from "../../../components/traffic/mesh/kind.ts";

/** Two regions on one machine: an address of the loopback stands for the pods of each. */
export const REGIONS = { shanghai: "127.0.0.11", beijing: "127.0.0.12" } as const;

/** Requests a second that the called service takes in, as it is first described. */
export const LIMIT = 20;

/** Ports of this machine that the proof uses. */
export interface Ports {
  /** Where callers find the service. */
  readonly service: number;
  /** Where its program listens, at each region's address. */
  readonly program: number;
  /** Where the proxy beside it listens. */
  readonly inbound: number;
}

export const namespace = "shop";

const mesh: Mesh = {
  mode: "sidecar",
  regions: { shanghai: ["beijing"], beijing: ["shanghai"] },
  tags: { "shanghai-only": { region: "shanghai" }, "beijing-only": { region: "beijing" } },
  policy: { breaker: { failures: 3, interval: "1s", ejection: "1h", ejectable: 100 } },
};

/** A service, one caller that may try again and waits a second, one that may not, and a service that neither calls. */
export function shop(ports: Ports, limit = LIMIT): readonly KubernetesObject[] {
  const entry = { owner: "checkout", image: "registry.example.com/it", ports: { http: ports.service } };
  const user = { ...entry, calls: [], rateLimit: { requestsPerSecond: limit } };
  const entries = catalogue({
    user,
    other: { ...entry, ports: { http: ports.program }, calls: [] },
    order: { ...entry, calls: [{ service: "user", timeout: "1s", retries: { idempotent: true } }] },
    notifier: { ...entry, calls: ["user"] },
  });
  const setting = { namespace, partOf: "shop", version: "1.0.0", replicas: 1, autoscaling: false, mesh } as const;
  const members = { ...meshMembers(entries, setting), ...components(entries, setting) };
  return Object.values(members)
    .flatMap(({ objects }) => Object.values(objects))
    .filter(({ apiVersion }) => apiVersion.includes("istio.io/"))
    .flatMap((object) => beside(object, ports));
}

/** What is different where no pod's traffic is taken over: the proxy listens at a port, and needs no certificate there. */
function beside(object: KubernetesObject, ports: Ports): readonly KubernetesObject[] {
  // Left out, it would mean that certificates are taken where there are some, and the proxy waits for its own for ever.
  if (object.kind === "PeerAuthentication")
    return [{ ...object, spec: { mtls: { mode: "DISABLE" } } } as KubernetesObject];
  if (object.kind !== "Sidecar" || object.metadata.name !== "user") return [object];
  const sidecar = object as MeshSidecar;
  const ingress = [
    {
      port: { number: ports.inbound, protocol: "HTTP", name: "http" },
      bind: "127.0.0.1",
      captureMode: "NONE" as const,
      defaultEndpoint: `127.0.0.1:${ports.program}`,
    },
  ];
  return [{ ...sidecar, spec: { ...sidecar.spec, ingress } } as MeshSidecar];
}

/** What Kubernetes would tell of Services and pods: the same names, with addresses of this machine. */
export function registry(ports: Ports): readonly KubernetesObject[] {
  const labels = { "app.kubernetes.io/name": "user" };
  const object = (kind: string, name: string, spec: object): KubernetesObject => {
    const made = { apiVersion: "networking.istio.io/v1", kind, metadata: { name, namespace }, spec };
    return made;
  };
  return [
    object("ServiceEntry", "user", {
      hosts: [`user.${namespace}.svc.cluster.local`],
      location: "MESH_INTERNAL",
      resolution: "STATIC",
      ports: [{ number: ports.service, name: "http", protocol: "HTTP" }],
      workloadSelector: { labels },
    }),
    ...Object.entries(REGIONS).map(([region, address]) =>
      object("WorkloadEntry", region, { address, labels, locality: `${region}/a`, ports: { http: ports.program } }),
    ),
  ];
}
