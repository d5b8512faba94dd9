import { inside, itemsInside } from "../../components/core/plain.ts";
import {
  type Environment,
  type KubernetesObject,
  type Member,
  microservice,
  teamNamespace,
} from "../../components/index.ts";

/** Where the services let requests for their metrics in from. */
const NAMESPACE = "monitoring";
/** Where Prometheus answers. */
export const PROMETHEUS = { name: "prometheus", namespace: NAMESPACE, port: 9090 } as const;
const VERSION = "3.15.0";
const common = { namespace: NAMESPACE, partOf: "monitoring", owner: "platform" };

/**
 * A Prometheus without operator: it asks every pod of the services and works off the rules of the environment, both taken
 * from the objects that an operator would read.
 */
export function monitoring(members: Environment["members"]): Readonly<Record<string, Member>> {
  const objects = Object.values(members).flatMap((member) => Object.values(member.objects));
  const watched = objects.flatMap(asked);
  const prometheus = microservice({
    ...common,
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
          scrape_configs: watched.map(({ job, namespace, port }) => ({
            job_name: job,
            // Every pod of a headless Service has an address; nobody need read the cluster's objects.
            dns_sd_configs: [
              { names: [`${job}-headless.${namespace}.svc.cluster.local`], type: "A", port, refresh_interval: "5s" },
            ],
            relabel_configs: [
              { target_label: "namespace", replacement: namespace },
              { source_labels: ["__address__"], target_label: "pod" },
            ],
          })),
        },
      },
      "rules.yml": { content: { groups: objects.flatMap(rules) as never } },
    },
    volumes: { data: { path: "/var/lib/prometheus", size: "512Mi" } },
    resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "512Mi" } },
    probes: { startup: { path: "/-/ready" }, liveness: { path: "/-/healthy" }, readiness: { path: "/-/ready" } },
    calls: watched.map(({ job, namespace, port }) => ({ service: job, namespace, ports: [port] })),
    calledBy: [],
  });
  return {
    monitoring: {
      type: "fairlead:policy:TeamNamespace",
      objects: teamNamespace({ name: NAMESPACE, partOf: "monitoring", owner: "platform", podSecurity: "restricted" }),
    },
    prometheus: { type: "fairlead:workload:Microservice", objects: prometheus },
  };
}

/** A service whose pods tell their metrics, each by its own address. */
function asked(object: KubernetesObject) {
  const { name, namespace } = object.metadata;
  if (object.kind !== "Service" || !name.endsWith("-headless") || namespace === undefined) return [];
  const ports = itemsInside(object, "spec", "ports");
  const named = (wanted: string) => ports.find((one) => inside(one, "name") === wanted);
  const port = named("metrics") ?? named("http");
  return port === undefined
    ? []
    : [{ job: name.slice(0, -"-headless".length), namespace, port: Number(inside(port, "port")) }];
}

function rules(object: KubernetesObject): readonly unknown[] {
  return object.kind === "PrometheusRule" ? itemsInside(object, "spec", "groups") : [];
}
