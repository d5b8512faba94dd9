import type { CronJob, Deployment, HorizontalPodAutoscaler, NetworkPolicy, PodTemplate } from "../../core/kind.ts";
import type { KubernetesObject, Objects } from "../../core/object.ts";
import type { Mesh } from "./mesh.ts";
import { meshedNetworkPolicy } from "./mesh-network.ts";

/** What each proxy gets. Its limit counts against the namespace's quota like the program's. */
const PROXY: Readonly<Record<string, string>> = {
  "sidecar.istio.io/proxyCPU": "50m",
  "sidecar.istio.io/proxyMemory": "64Mi",
  "sidecar.istio.io/proxyMemoryLimit": "128Mi",
  // The kubelet has no certificate: its probes go by way of Istio's agent, HTTP and gRPC alike.
  "sidecar.istio.io/rewriteAppHTTPProbers": "true",
};

/** What Prometheus' operator calls a scrape with certificates of the mesh, in its own example. https://prometheus-operator.dev/docs/developer/scrapeclass/ */
const SCRAPE_CLASS = "istio-mtls";

/** A component's objects as they must be in a mesh: pods, network policies and scrapes. Without a mesh they stay as they are. */
export function inMesh<T extends Objects>(objects: T, mesh: Mesh | undefined): T {
  if (mesh === undefined) return objects;
  return Object.fromEntries(Object.entries(objects).map(([role, object]) => [role, meshed(object, mesh)])) as T;
}

function meshed(object: KubernetesObject, mesh: Mesh): KubernetesObject {
  if (object.kind === "NetworkPolicy") return meshedNetworkPolicy(object as NetworkPolicy, mesh);
  if (mesh.mode === "ambient") return object;
  const change = Object.hasOwn(IN_SIDECAR_MODE, object.kind) ? IN_SIDECAR_MODE[object.kind] : undefined;
  return change === undefined ? object : change(object, mesh);
}

/** What a proxy in the pod changes, by kind. */
const IN_SIDECAR_MODE: Readonly<Record<string, (object: KubernetesObject, mesh: Mesh) => KubernetesObject>> = {
  Deployment: (object) => withPods(object as Deployment),
  Rollout: (object) => withPods(object as Deployment),
  StatefulSet: (object) => withPods(object as Deployment),
  CronJob: (object) => {
    const job = object as CronJob;
    const { jobTemplate } = job.spec ?? {};
    if (job.spec === undefined || jobTemplate?.spec === undefined) return job;
    const template = annotated(jobTemplate.spec.template as PodTemplate);
    return {
      ...job,
      spec: { ...job.spec, jobTemplate: { ...jobTemplate, spec: { ...jobTemplate.spec, template } } },
    } as CronJob;
  },
  HorizontalPodAutoscaler: (object) => programOnly(object as HorizontalPodAutoscaler),
  ServiceMonitor: (object, mesh) => scraped(object, "endpoints", mesh),
  PodMonitor: (object, mesh) => scraped(object, "podMetricsEndpoints", mesh),
};

function withPods(workload: Deployment): Deployment {
  if (workload.spec === undefined || !("template" in workload.spec)) return workload;
  return {
    ...workload,
    spec: { ...workload.spec, template: annotated(workload.spec.template as PodTemplate) },
  } as Deployment;
}

/** What the pod says of its proxy itself stays. */
function annotated(template: PodTemplate): PodTemplate {
  const { metadata } = template;
  return { ...template, metadata: { ...metadata, annotations: { ...PROXY, ...metadata.annotations } } };
}

/** Load is measured at the program: a proxy that idles beside it would make every pod look half as busy. */
function programOnly(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const container = autoscaler.spec?.scaleTargetRef.name;
  return {
    ...autoscaler,
    spec: {
      ...autoscaler.spec,
      metrics: (autoscaler.spec?.metrics ?? []).map((metric) =>
        metric.type === "Resource" && metric.resource !== undefined
          ? { type: "ContainerResource", containerResource: { ...metric.resource, container } }
          : metric,
      ),
    },
  } as HorizontalPodAutoscaler;
}

/** Prometheus shows a certificate of the mesh: which files it has them in stands once, in its own scrape class. */
function scraped(
  object: KubernetesObject & { readonly spec?: Readonly<Record<string, unknown>> },
  property: string,
  mesh: Mesh,
): KubernetesObject {
  const endpoints = object.spec?.[property];
  if (!Array.isArray(endpoints)) return object;
  const scrapes = endpoints.map((endpoint: object) => ({ ...endpoint, scheme: "https" }));
  const scrapeClass = mesh.prometheus?.scrapeClass ?? SCRAPE_CLASS;
  return { ...object, spec: { scrapeClass, ...object.spec, [property]: scrapes } } as KubernetesObject;
}
