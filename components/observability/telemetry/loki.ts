import type { Duration } from "../../core/duration.ts";
import type { Service } from "../../core/kind.ts";
import type { Objects } from "../../core/object.ts";
import type { Quantity } from "../../core/quantity.ts";
import {
  checkShape,
  duration,
  faultsOf,
  filled,
  maybe,
  namespaceName,
  quantity,
  strict,
  whole,
} from "../../core/shape.ts";
import type { ConfigTree } from "../../workload/config.ts";
import { microservice } from "../../workload/microservice.ts";
import { type Secrets, secretsShape } from "../../workload/secret.ts";
import { attributeOf, LABEL_MAP } from "../label-map.ts";
import { scraping } from "../scraping.ts";
import { type Address, LOKI_PORT } from "./collector.ts";
import { IMAGES } from "./images.ts";
import { fromMonitoring, partProps, type TelemetryPart, telemetryPartShape, withDisks } from "./shared.ts";

/** A bucket that speaks S3. */
export interface LogBucket {
  readonly bucket: string;
  /** Its host, such as "s3.eu-central-1.amazonaws.com". */
  readonly host: string;
  readonly region: string;
  /** The access keys, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. */
  readonly secrets: Secrets;
}

/** Loki: where logs are kept and searched. */
export interface LokiProps extends TelemetryPart {
  /** Who sends logs to it. */
  readonly agent: Address;
  /** Where logs are kept in the end. @default on its own disk, with one pod */
  readonly bucket?: LogBucket;
  /** Disk of each pod: all logs without a bucket, those on their way to it with one. @default "10Gi" */
  readonly disk?: Quantity;
  /** How long logs are kept; whole days. @default "168h" */
  readonly retention?: Duration;
  /** With a bucket. @default 3 */
  readonly replicas?: number;
}

/** As a microservice, with a StatefulSet in the Deployment's place. */
export type LokiObjects = Objects;

const lokiShape = strict<LokiProps>({
  ...telemetryPartShape,
  agent: strict<Address>({ name: filled, namespace: namespaceName }),
  bucket: maybe(strict<LogBucket>({ bucket: filled, host: filled, region: filled, secrets: secretsShape })),
  disk: maybe(quantity),
  retention: maybe(duration),
  replicas: maybe(whole(1)),
});

const GRPC_PORT = 9095;
const GOSSIP_PORT = 7946;
const DATA = "/var/lib/loki";

/**
 * Loki as one program, on a disk or on a bucket.
 * @throws FaultError with everything that is wrong with the props.
 */
export function loki(props: LokiProps): LokiObjects {
  const faults = faultsOf(props, "loki");
  checkShape(faults, lokiShape, props);
  const replicas = props.replicas ?? (props.bucket === undefined ? 1 : 3);
  if (props.bucket === undefined && replicas > 1) {
    faults.add(
      "replicas",
      replicas,
      "but each pod would keep the logs of its own disk only",
      "give a bucket, or use 1",
    );
  }
  faults.check();
  const { name, bucket, agent } = props;
  const among = [GRPC_PORT, GOSSIP_PORT];
  const made = microservice({
    ...partProps(props, IMAGES.loki, { requests: { cpu: "100m", memory: "512Mi" }, limits: { memory: "1Gi" } }),
    ports: { http: LOKI_PORT, grpc: GRPC_PORT, gossip: GOSSIP_PORT },
    args: [`-config.file=/etc/${name}/loki.yaml`],
    config: { "loki.yaml": { content: lokiConfig({ ...props, replicas }) } },
    probes: {
      startup: { path: "/ready" },
      // Ready says whether it may be asked; it lives while it answers anything.
      liveness: { path: "/loki/api/v1/status/buildinfo" },
      readiness: { path: "/ready" },
    },
    replicas,
    volumes: { data: { path: DATA } },
    ...(bucket === undefined ? {} : { secrets: bucket.secrets }),
    calls: [
      ...(bucket === undefined ? [] : [{ host: bucket.host }]),
      ...(replicas === 1 ? [] : [{ service: name, ports: among }]),
    ],
    calledBy: [
      { service: agent.name, namespace: agent.namespace, ports: [LOKI_PORT] },
      fromMonitoring(props, LOKI_PORT),
      ...(replicas === 1 ? [] : [{ service: name, ports: among }]),
    ],
  });
  const objects = withDisks(made, { volume: "data", size: props.disk ?? "10Gi" });
  return {
    ...objects,
    ...(made.headless === undefined ? {} : { headless: foundBeforeReady(made.headless) }),
    ...scraping({ name, objects: made }),
  };
}

/** Pods find each other by this name before they are ready, or each would wait for the others, or begin a ring of its own. */
function foundBeforeReady(service: Service): Service {
  return { ...service, spec: { ...service.spec, publishNotReadyAddresses: true } };
}

/** What a log is found by: few labels with few values. Everything else, trace_id and request_id among it, is metadata of the line. */
const INDEXED = (["job", "namespace", "container", "owner"] as const).map(attributeOf);

/** https://grafana.com/docs/loki/latest/configure/ */
export function lokiConfig(
  props: Pick<LokiProps, "name" | "namespace" | "bucket" | "retention"> & { readonly replicas: number },
): ConfigTree {
  const { name, namespace, bucket, replicas } = props;
  const store = bucket === undefined ? "filesystem" : "s3";
  const alone = replicas === 1;
  return {
    auth_enabled: false,
    analytics: { reporting_enabled: false },
    server: { http_listen_port: LOKI_PORT, grpc_listen_port: GRPC_PORT, log_format: "json" },
    common: {
      path_prefix: DATA,
      replication_factor: alone ? 1 : Math.min(3, replicas),
      ring: { kvstore: { store: alone ? "inmemory" : "memberlist" } },
      storage:
        bucket === undefined
          ? { filesystem: { chunks_directory: `${DATA}/chunks`, rules_directory: `${DATA}/rules` } }
          : {
              s3: { bucketnames: bucket.bucket, endpoint: bucket.host, region: bucket.region, s3forcepathstyle: true },
            },
    },
    ...(alone
      ? {}
      : {
          memberlist: {
            join_members: [`${name}-headless.${namespace}.svc.cluster.local:${GOSSIP_PORT}`],
            // Two halves that lost each other find together again.
            rejoin_interval: "1m",
          },
        }),
    schema_config: {
      configs: [
        {
          from: "2024-04-01",
          store: "tsdb",
          object_store: store,
          schema: "v13",
          index: { prefix: "index_", period: "24h" },
        },
      ],
    },
    compactor: { working_directory: `${DATA}/compactor`, retention_enabled: true, delete_request_store: store },
    limits_config: {
      retention_period: props.retention ?? "168h",
      allow_structured_metadata: true,
      max_label_names_per_series: LABEL_MAP.length,
      otlp_config: {
        resource_attributes: {
          ignore_defaults: true,
          attributes_config: [{ action: "index_label", attributes: INDEXED }],
        },
      },
    },
  };
}
