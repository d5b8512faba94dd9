import {
  type AlertRoutingProps,
  alertRoutingFile,
  type EntryOfStore,
  type KeyOfSecret,
  type Member,
  microservice,
  secretStore,
} from "../../components/index.ts";

/** What watches the services: where they let requests for their metrics in from. */
export const MONITORING = { namespace: "monitoring", partOf: "monitoring", owner: "platform" } as const;
/** Where Alertmanager answers. */
export const ALERTMANAGER = { name: "alertmanager", namespace: MONITORING.namespace, port: 9093 } as const;
const VERSION = "0.31.1";
const STORE = "vault";

/**
 * An Alertmanager without operator, which tells whom the environment's tree says.
 * @param by Who sends it alerts.
 */
export function alertmanager(routing: AlertRoutingProps, by: string): Readonly<Record<string, Member>> {
  const secrets = new Map<string, EntryOfStore>();
  // Each secret of the tree is a file of the pod: in the folder "secrets" of /run.
  const mounted = (entry: EntryOfStore): KeyOfSecret => {
    const key = entry.key.replaceAll(/\W/g, "_").toUpperCase();
    secrets.set(key, { store: STORE, key: entry.key });
    return { secret: "secrets", key };
  };
  const tree = JSON.stringify(routing, (_, value: unknown) => (isEntry(value) ? mounted(value) : value));
  const file = alertRoutingFile(JSON.parse(tree) as AlertRoutingProps, { secrets: "/run" });
  const { name, port } = ALERTMANAGER;
  return {
    [`${MONITORING.namespace}-${STORE}`]: {
      type: "fairlead:policy:SecretStore",
      objects: secretStore({
        name: STORE,
        namespace: MONITORING.namespace,
        partOf: MONITORING.partOf,
        placeholders: Object.fromEntries([...secrets.values()].map(({ key }) => [key, `placeholder for ${key}`])),
      }),
    },
    [name]: {
      type: "fairlead:workload:Microservice",
      objects: microservice({
        ...MONITORING,
        name,
        image: `quay.io/prometheus/alertmanager:v${VERSION}`,
        version: VERSION,
        replicas: 1,
        ports: { http: port },
        args: [
          `--config.file=/etc/${name}/alertmanager.yml`,
          "--storage.path=/var/lib/alertmanager",
          // It is alone.
          "--cluster.listen-address=",
        ],
        config: { "alertmanager.yml": { content: file } },
        secrets: Object.fromEntries([...secrets].map(([key, entry]) => [key, { ...entry, file: true }])),
        volumes: { data: { path: "/var/lib/alertmanager", size: "64Mi" } },
        resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "128Mi" } },
        probes: { startup: { path: "/-/ready" }, liveness: { path: "/-/healthy" }, readiness: { path: "/-/ready" } },
        calls: [],
        calledBy: [by],
      }),
    },
  };
}

function isEntry(value: unknown): value is EntryOfStore {
  return typeof value === "object" && value !== null && "store" in value && "key" in value;
}
