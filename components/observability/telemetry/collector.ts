import * as z from "zod";
import type { Caller } from "../../core/call.ts";
import { type Duration, seconds } from "../../core/duration.ts";
import type { NetworkPolicy, PodTemplate, Service, ServiceAccount } from "../../core/kind.ts";
import { selectorLabels } from "../../core/name.ts";
import type { KubernetesObject, Objects } from "../../core/object.ts";
import { checkShape, duration, faultsOf, filled, maybe, namespaceName, strict, whole } from "../../core/shape.ts";
import { type MicroserviceObjects, microservice } from "../../workload/microservice.ts";
import type { ServiceMonitor } from "../kind.ts";
import { scraping } from "../scraping.ts";
import {
  agentConfig,
  gatewayConfig,
  OFFSETS,
  OTLP_GRPC,
  OTLP_HTTP,
  SPAN_LABELS,
  SPAN_METRICS_PORT,
} from "./collector-config.ts";
import { IMAGES } from "./images.ts";
import type { DaemonSet } from "./kind.ts";
import {
  COLLECTOR_PORTS,
  changedPod,
  fromMonitoring,
  partProps,
  percentShape,
  probesAt,
  type TelemetryPart,
  telemetryPartShape,
} from "./shared.ts";

/** A component of another namespace, or of the same. */
export interface Address {
  readonly name: string;
  readonly namespace: string;
}

const addressShape = strict<Address>({ name: filled, namespace: namespaceName });

/** A collector on every node. */
export interface CollectorAgentProps extends TelemetryPart {
  /** Namespaces whose pods send OTLP to it, and whose logs it reads. */
  readonly serves: readonly string[];
  readonly gateway: Address;
  readonly loki: Address;
}

export interface CollectorAgentObjects extends Objects {
  readonly serviceAccount: ServiceAccount;
  readonly daemonSet: DaemonSet;
  /** Leads to the agent of the caller's own node and to no other. */
  readonly service: Service;
  readonly networkPolicy: NetworkPolicy;
}

const agentShape = strict<CollectorAgentProps>({
  ...telemetryPartShape,
  serves: z.array(namespaceName).min(1),
  gateway: addressShape,
  loki: addressShape,
});

/** Port of Loki's HTTP API. */
export const LOKI_PORT = 3100;

/**
 * Takes OTLP from the pods of its node and reads their logs. Its namespace must admit privileged pods, for the node's log
 * folder; the pod itself runs as nobody, with the group that may read logs and without any capability.
 * @throws FaultError with everything that is wrong with the props.
 */
export function collectorAgent(props: CollectorAgentProps): CollectorAgentObjects {
  const faults = faultsOf(props, "collector agent");
  checkShape(faults, agentShape, props);
  faults.check();
  const { name, gateway, loki } = props;
  const config = agentConfig({
    logsOf: props.serves,
    gateway: `${gateway.name}-headless.${gateway.namespace}.svc.cluster.local`,
    loki: `http://${loki.name}.${loki.namespace}:${LOKI_PORT}`,
  });
  const callers = props.serves.map((namespace): Caller => ({ namespace, ports: [OTLP_GRPC, OTLP_HTTP] }));
  const made = microservice({
    ...partProps(props, IMAGES.collector, { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } }),
    ports: { "otlp-grpc": OTLP_GRPC, "otlp-http": OTLP_HTTP, ...COLLECTOR_PORTS },
    args: [`--config=/etc/${name}/collector.yaml`],
    config: { "collector.yaml": { content: config } },
    probes: probesAt("/"),
    spread: false,
    volumes: { offsets: { path: OFFSETS, size: "64Mi" } },
    calls: [
      { service: gateway.name, namespace: gateway.namespace, ports: [OTLP_GRPC] },
      { service: loki.name, namespace: loki.namespace, ports: [LOKI_PORT] },
    ],
    calledBy: callers,
  });
  const { deployment, disruptionBudget: _, service, ...others } = made;
  return {
    ...others,
    daemonSet: daemonSet(deployment.metadata, deployment.spec?.template as PodTemplate),
    service: { ...service, spec: { ...service.spec, internalTrafficPolicy: "Local" } },
    ...scraping({ name, objects: made }),
  } as CollectorAgentObjects;
}

const LOGS = "/var/log/pods";

function daemonSet(metadata: KubernetesObject["metadata"], template: PodTemplate): DaemonSet {
  const pod = changedPod(template, (spec) => ({
    ...spec,
    // The kubelet's log files belong to root's group and may be read by it.
    securityContext: { ...spec.securityContext, runAsGroup: 0 },
    tolerations: [{ operator: "Exists" }],
    containers: spec.containers.map((container) => ({
      ...container,
      volumeMounts: [...(container.volumeMounts ?? []), { name: "logs", mountPath: LOGS, readOnly: true }],
    })),
    volumes: [...(spec.volumes ?? []), { name: "logs", hostPath: { path: LOGS, type: "Directory" } }],
  }));
  const annotations = {
    ...pod.metadata.annotations,
    "fairlead.dev/why-host-path": "reads the logs of the node's containers; nothing of it is written to",
  };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata,
    spec: {
      selector: { matchLabels: selectorLabels(metadata.name) },
      revisionHistoryLimit: 3,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      template: { ...pod, metadata: { ...pod.metadata, annotations } },
    },
  };
}

/** Collectors that see whole traces. */
export interface CollectorGatewayProps extends TelemetryPart {
  /** The agents that send to it. */
  readonly agent: Address;
  /** Jaeger's collector. */
  readonly jaeger: Address;
  readonly replicas?: number;
  /** Traces that last longer are all kept, as those with an error are. @default "500ms" */
  readonly slow?: Duration;
  /** How many of the other traces are kept, in percent. @default 10 */
  readonly share?: number;
  /** How long spans of one trace are waited for. @default "10s" */
  readonly wait?: Duration;
}

export interface CollectorGatewayObjects extends MicroserviceObjects {
  readonly serviceMonitor?: ServiceMonitor;
  /** What all spans together tell: requests, errors and durations of every program. */
  readonly spanMonitor: ServiceMonitor;
}

const gatewayShape = strict<CollectorGatewayProps>({
  ...telemetryPartShape,
  agent: addressShape,
  jaeger: addressShape,
  replicas: maybe(whole(1)),
  slow: maybe(duration),
  share: maybe(percentShape),
  wait: maybe(duration),
});

/**
 * Counts every span, and sends the traces worth keeping to Jaeger.
 * @throws FaultError with everything that is wrong with the props.
 */
export function collectorGateway(props: CollectorGatewayProps): CollectorGatewayObjects {
  const faults = faultsOf(props, "collector gateway");
  checkShape(faults, gatewayShape, props);
  faults.check();
  const { name, agent, jaeger } = props;
  const wait = seconds(props.wait ?? "10s") ?? 10;
  const config = gatewayConfig({
    jaeger: `${jaeger.name}.${jaeger.namespace}:${OTLP_GRPC}`,
    slow: (seconds(props.slow ?? "500ms") ?? 0.5) * 1000,
    share: props.share ?? 10,
    wait,
  });
  const made = microservice({
    ...partProps(props, IMAGES.collector, { requests: { cpu: "100m", memory: "512Mi" }, limits: { memory: "1Gi" } }),
    // Named grpc, so that it gets a headless Service too: agents choose a pod for each trace by themselves.
    ports: { grpc: OTLP_GRPC, "span-metrics": SPAN_METRICS_PORT, ...COLLECTOR_PORTS },
    args: [`--config=/etc/${name}/collector.yaml`],
    config: { "collector.yaml": { content: config } },
    probes: probesAt("/"),
    ...(props.replicas === undefined ? {} : { replicas: props.replicas }),
    // Traces that are still waited for are decided on before it ends.
    drain: `${wait + 10}s`,
    calls: [{ service: jaeger.name, namespace: jaeger.namespace, ports: [OTLP_GRPC] }],
    calledBy: [
      { service: agent.name, namespace: agent.namespace, ports: [OTLP_GRPC] },
      fromMonitoring(props, SPAN_METRICS_PORT),
    ],
  });
  const spans = scraping({
    name,
    objects: made,
    port: "span-metrics",
    honorLabels: true,
    renamed: SPAN_LABELS,
    samples: 50_000,
  });
  const monitor = spans.serviceMonitor as ServiceMonitor;
  return {
    ...made,
    ...scraping({ name, objects: made }),
    spanMonitor: { ...monitor, metadata: { ...monitor.metadata, name: `${name}-spans` } },
  };
}
