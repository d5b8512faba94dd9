import * as z from "zod";
import type { Caller } from "../../core/call.ts";
import type { PodSpec, PodTemplate } from "../../core/kind.ts";
import { selectorLabels } from "../../core/name.ts";
import type { KubernetesObject, Leaf, Objects } from "../../core/object.ts";
import type { Quantity } from "../../core/quantity.ts";
import { componentName, labelValue, leafText, maybe, namespaceName, type ShapeOf } from "../../core/shape.ts";
import type { MicroserviceObjects, MicroserviceProps } from "../../workload/microservice.ts";
import { type Resources, resourcesShape } from "../../workload/resources.ts";
import { HEALTH_PORT, OWN_METRICS_PORT } from "./collector-config.ts";
import type { StatefulSet } from "./kind.ts";

/** What every part of the telemetry has. */
export interface TelemetryPart {
  readonly name: string;
  readonly namespace: string;
  readonly owner?: string;
  readonly partOf?: string;
  /** @default the version that the tests run */
  readonly image?: Leaf<string>;
  readonly resources?: Resources;
  /** The namespace of Prometheus and Grafana. @default "monitoring" */
  readonly monitoring?: string;
}

export const telemetryPartShape: ShapeOf<TelemetryPart> = {
  name: componentName,
  namespace: namespaceName,
  owner: maybe(labelValue),
  partOf: maybe(labelValue),
  image: maybe(leafText),
  resources: maybe(resourcesShape),
  monitoring: maybe(namespaceName),
};

/** The props of the pods that are the same for all parts. */
export function partProps(props: TelemetryPart, image: string, resources: Resources) {
  const { name, namespace, owner, partOf } = props;
  return {
    name,
    namespace,
    ...(owner === undefined ? {} : { owner }),
    ...(partOf === undefined ? {} : { partOf }),
    image: props.image ?? image,
    resources: props.resources ?? resources,
    scrapedFrom: props.monitoring ?? "monitoring",
  } satisfies Partial<MicroserviceProps>;
}

/** Where a collector, or Jaeger which is made of one, says that it is well, and where its own metrics are. */
export const COLLECTOR_PORTS = { metrics: OWN_METRICS_PORT, health: HEALTH_PORT } as const;

/** Ready while its pipelines run; it lives while it answers anything, so that a pipeline that waits is not killed. */
export function probesAt(path: string): NonNullable<MicroserviceProps["probes"]> {
  const health = { path, port: "health" };
  return { startup: health, liveness: { path: "/metrics", port: "metrics" }, readiness: health };
}

/** Whoever of the monitoring namespace asks at these ports: Prometheus at a second port, or Grafana. */
export function fromMonitoring(props: TelemetryPart, ...ports: readonly number[]): Caller {
  return { namespace: props.monitoring ?? "monitoring", ports };
}

/** Objects whose roles begin with a word: "deployment" of the query becomes "queryDeployment". */
export function prefixed(word: string, objects: Objects): Objects {
  return Object.fromEntries(
    Object.entries(objects).map(([role, object]) => [`${word}${role.charAt(0).toUpperCase()}${role.slice(1)}`, object]),
  );
}

/** A volume that outlives its pod. */
export interface Claim {
  /** The name of the pod's volume. */
  readonly volume: string;
  readonly size: Quantity;
}

/** A service's pods with a disk each: a StatefulSet in the Deployment's place. */
export function withDisks(objects: MicroserviceObjects, { volume, size }: Claim): Objects {
  const { deployment, ...others } = objects;
  const { metadata } = deployment;
  const statefulSet: StatefulSet = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata,
    spec: {
      ...(deployment.spec?.replicas === undefined ? {} : { replicas: deployment.spec.replicas }),
      selector: { matchLabels: selectorLabels(metadata.name) },
      serviceName: objects.headless?.metadata.name ?? metadata.name,
      podManagementPolicy: "Parallel",
      revisionHistoryLimit: 3,
      template: changedPod(deployment.spec?.template as PodTemplate, (spec) => ({
        ...spec,
        topologySpreadConstraints: (spec.topologySpreadConstraints ?? []).map((one) => ({
          ...one,
          matchLabelKeys: ["controller-revision-hash"],
        })),
        volumes: (spec.volumes ?? []).filter(({ name }) => name !== volume),
      })),
      volumeClaimTemplates: [
        {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: { name: volume },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: size } } },
        },
      ],
    },
  };
  return { ...others, statefulSet: statefulSet as KubernetesObject };
}

/** A pod template with another spec. */
export function changedPod(template: PodTemplate, change: (spec: PodSpec) => PodSpec): PodTemplate {
  return template.spec === undefined ? template : { ...template, spec: change(template.spec as PodSpec) };
}

/** A share in percent. */
export const percentShape: z.ZodType<number> = z.number().min(0).max(100);
