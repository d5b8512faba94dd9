import { inside, itemsInside } from "../../components/core/plain.ts";
import { toYamlValue } from "../../components/core/yaml-text.ts";
import {
  type AlertRoutingProps,
  type Environment,
  type KubernetesObject,
  type Member,
  microservice,
  teamNamespace,
} from "../../components/index.ts";
import { ALERTMANAGER, alertmanager, MONITORING } from "./alertmanager.ts";

const { namespace: NAMESPACE, ...about } = MONITORING;
/** Where Prometheus answers. */
export const PROMETHEUS = { name: "prometheus", namespace: NAMESPACE, port: 9090 } as const;
const VERSION = "3.15.0";

/**
 * A Prometheus without operator: it asks every pod of the services and works off the rules of the environment, both taken
 * from the objects that an operator would read.
 * @param told Who is told of alerts, by an Alertmanager beside it. @default nobody
 */
export function monitoring(
  members: Environment["members"],
  told?: AlertRoutingProps,
): Readonly<Record<string, Member>> {
  const objects = Object.values(members).flatMap((member) => Object.values(member.objects));
  const watched = objects.flatMap(asked);
  const prometheus = microservice({
    ...MONITORING,
    name: PROMETHEUS.name,
    image: `quay.io/prometheus/prometheus:v${VERSION}`,
    version: VERSION,
    replicas: 1,
    ports: { http: PROMETHEUS.port },
    args: [
      `--config.file=/etc/${PROMETHEUS.name}/prometheus.yml`,
      "--storage.tsdb.path=/var/lib/prometheus",
      "--storage.tsdb.retention.time=6h",
    ],
    config: {
      "prometheus.yml": {
        content: {
          global: { scrape_interval: "5s", scrape_timeout: "4s", evaluation_interval: "15s" },
          rule_files: [`/etc/${PROMETHEUS.name}/rules.yml`],
          ...(told === undefined
            ? {}
            : {
                alerting: {
                  alertmanagers: [{ static_configs: [{ targets: [`${ALERTMANAGER.name}:${ALERTMANAGER.port}`] }] }],
                },
              }),
          scrape_configs: watched.map(({ job, namespace, port }) => ({
            job_name: job,
            // Every pod of a headless Service has a name of its own; nobody need read the cluster's objects.
            dns_sd_configs: [
              { names: [`_${port}._tcp.${job}-headless.${namespace}.svc.cluster.local`], refresh_interval: "5s" },
            ],
            relabel_configs: [
              { target_label: "namespace", replacement: namespace },
              { source_labels: ["__meta_dns_srv_record_target"], regex: "([^.]+)\\..*", target_label: "pod" },
            ],
          })),
        },
      },
      "rules.yml": { content: toYamlValue({ groups: objects.flatMap(rules) }) },
    },
    volumes: { data: { path: "/var/lib/prometheus", size: "512Mi" } },
    resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "512Mi" } },
    probes: { startup: { path: "/-/ready" }, liveness: { path: "/-/healthy" }, readiness: { path: "/-/ready" } },
    calls: [
      ...watched.map(({ job, namespace, number }) => ({ service: job, namespace, ports: [number] })),
      ...(told === undefined ? [] : [{ service: ALERTMANAGER.name, ports: [ALERTMANAGER.port] }]),
    ],
    calledBy: [],
  });
  return {
    monitoring: {
      type: "fairlead:policy:TeamNamespace",
      objects: teamNamespace({ ...about, name: NAMESPACE, podSecurity: "restricted" }),
    },
    ...(told === undefined ? {} : alertmanager(told, PROMETHEUS.name)),
    prometheus: { type: "fairlead:workload:Microservice", objects: prometheus },
  };
}

/** A service whose pods tell their metrics, and the port at which they do. */
function asked(object: KubernetesObject) {
  const { name, namespace } = object.metadata;
  if (object.kind !== "Service" || !name.endsWith("-headless") || namespace === undefined) return [];
  const ports = new Map(itemsInside(object, "spec", "ports").map((one) => [inside(one, "name"), inside(one, "port")]));
  const port = ["metrics", "http"].find((one) => ports.has(one));
  return port === undefined
    ? []
    : [{ job: name.slice(0, -"-headless".length), namespace, port, number: Number(ports.get(port)) }];
}

function rules(object: KubernetesObject): readonly unknown[] {
  return object.kind === "PrometheusRule" ? itemsInside(object, "spec", "groups") : [];
}
