import * as z from "zod";
import type { Caller } from "../../core/call.ts";
import type { Duration } from "../../core/duration.ts";
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
import { type MicroserviceObjects, type MicroserviceProps, microservice } from "../../workload/microservice.ts";
import { scraping } from "../scraping.ts";
import type { Address } from "./collector.ts";
import { type CollectorConfig, OTLP_GRPC, OTLP_HTTP } from "./collector-config.ts";
import { IMAGES } from "./images.ts";
import { elsewhere, inMemory, jaegerConfig, onDisk, QUERY_PORT, STORAGE_PORT } from "./jaeger-config.ts";
import {
  COLLECTOR_PORTS,
  fromMonitoring,
  partProps,
  prefixed,
  probesAt,
  type TelemetryPart,
  telemetryPartShape,
  withDisks,
} from "./shared.ts";

/** Where traces are kept. */
export interface TraceDisk {
  readonly disk: Quantity;
  /** @default "72h" */
  readonly retention?: Duration;
}

/** Jaeger 2: where traces are kept and looked at. */
export interface JaegerProps extends TelemetryPart {
  /** Who sends traces to it. */
  readonly gateway: Address;
  /** "memory": one process that does everything and forgets when it ends; a disk: collector, query and storage apart. @default "memory" */
  readonly storage?: "memory" | TraceDisk;
  /** Pods of collector and query each, where they are apart. @default 2 */
  readonly replicas?: number;
}

/** Of one process: as a microservice. Of three: the same roles with collector, query and storage before them. */
export type JaegerObjects = Objects;

const jaegerShape = strict<JaegerProps>({
  ...telemetryPartShape,
  gateway: strict<Address>({ name: filled, namespace: namespaceName }),
  storage: maybe(z.union([z.literal("memory"), strict<TraceDisk>({ disk: quantity, retention: maybe(duration) })])),
  replicas: maybe(whole(1)),
});

/** Traces that one process keeps in memory: some 100 MB of them. */
const IN_MEMORY = 10_000;
const DATA = "/var/lib/jaeger";

/** Where a Jaeger of a name takes spans, and where it is asked. */
export function jaegerAddresses(props: Pick<JaegerProps, "name" | "namespace" | "storage">): {
  readonly collector: Address;
  readonly query: Address;
} {
  const { name, namespace } = props;
  const apart = typeof props.storage === "object";
  return {
    collector: { name: apart ? `${name}-collector` : name, namespace },
    query: { name: apart ? `${name}-query` : name, namespace },
  };
}

/**
 * Jaeger as one process, or as collector, query and storage.
 * @throws FaultError with everything that is wrong with the props.
 */
export function jaeger(props: JaegerProps): JaegerObjects {
  const faults = faultsOf(props, "jaeger");
  checkShape(faults, jaegerShape, props);
  faults.check();
  const { storage = "memory", gateway } = props;
  const sender: Caller = { service: gateway.name, namespace: gateway.namespace, ports: [OTLP_GRPC] };
  const reader = fromMonitoring(props, QUERY_PORT);
  if (storage === "memory") {
    return scraped(
      process(
        props,
        props.name,
        jaegerConfig({ collects: true, queries: true, stores: false, backend: inMemory(IN_MEMORY) }),
        {
          ports: { http: QUERY_PORT, grpc: OTLP_GRPC, "otlp-http": OTLP_HTTP, ...COLLECTOR_PORTS },
          replicas: 1,
          calls: [],
          calledBy: [sender, reader],
        },
      ),
    );
  }
  const { collector, query } = jaegerAddresses(props);
  const store = `${props.name}-storage`;
  const backend = elsewhere(`${store}.${props.namespace}:${STORAGE_PORT}`);
  const calls = [{ service: store, ports: [STORAGE_PORT] }];
  const replicas = props.replicas ?? 2;
  const collectors = process(
    props,
    collector.name,
    jaegerConfig({ collects: true, queries: false, stores: false, backend }),
    { ports: { grpc: OTLP_GRPC, "otlp-http": OTLP_HTTP, ...COLLECTOR_PORTS }, replicas, calls, calledBy: [sender] },
  );
  const queries = process(props, query.name, jaegerConfig({ collects: false, queries: true, stores: false, backend }), {
    ports: { http: QUERY_PORT, ...COLLECTOR_PORTS },
    replicas,
    calls,
    calledBy: [reader],
  });
  const own = onDisk(DATA, storage.retention ?? "72h");
  const stored = process(props, store, jaegerConfig({ collects: false, queries: false, stores: true, backend: own }), {
    ports: { grpc: STORAGE_PORT, ...COLLECTOR_PORTS },
    // One process alone may open the files.
    replicas: 1,
    volumes: { data: { path: DATA } },
    calls: [],
    calledBy: [collector.name, query.name].map((service) => ({ service, ports: [STORAGE_PORT] })),
  });
  return {
    ...prefixed("collector", scraped(collectors)),
    ...prefixed("query", scraped(queries)),
    ...prefixed("storage", {
      ...withDisks(stored, { volume: "data", size: storage.disk }),
      ...scraping({ name: store, objects: stored }),
    }),
  };
}

function process(
  props: JaegerProps,
  name: string,
  config: CollectorConfig,
  rest: Pick<MicroserviceProps, "ports" | "replicas" | "calls" | "calledBy" | "volumes">,
): MicroserviceObjects {
  return microservice({
    ...partProps({ ...props, name }, IMAGES.jaeger, {
      requests: { cpu: "100m", memory: "256Mi" },
      limits: { memory: "512Mi" },
    }),
    args: [`--config=/etc/${name}/jaeger.yaml`],
    config: { "jaeger.yaml": { content: config } },
    probes: probesAt("/status"),
    ...rest,
  });
}

function scraped(objects: MicroserviceObjects): Objects {
  return { ...objects, ...scraping({ name: objects.deployment.metadata.name, objects }) };
}
