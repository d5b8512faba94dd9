import { type Environment, placed } from "../components/core/environment.ts";
import type { KubernetesObject } from "../components/core/object.ts";
import type { ClusterReader } from "./cluster-reader.ts";
import { table } from "./table.ts";

/** Kinds that run something: where the API server has them, and what their state is called. */
const WORKLOADS: Readonly<Record<string, { readonly path: string; readonly state: (object: unknown) => string }>> = {
  "apps/v1 Deployment": { path: "apis/apps/v1", state: readyOf("readyReplicas", "replicas") },
  "apps/v1 StatefulSet": { path: "apis/apps/v1", state: readyOf("readyReplicas", "replicas") },
  "apps/v1 DaemonSet": { path: "apis/apps/v1", state: readyOf("numberReady", "desiredNumberScheduled") },
  "batch/v1 CronJob": { path: "apis/batch/v1", state: scheduleOf },
  "batch/v1 Job": { path: "apis/batch/v1", state: readyOf("succeeded", "completions") },
  "argoproj.io/v1alpha1 Rollout": { path: "apis/argoproj.io/v1alpha1", state: rolloutState },
};

/** What runs, as the cluster itself says: each workload with its ready pods, and where each component answers. */
export async function running(read: ClusterReader, environment: Environment): Promise<string> {
  const rows = await Promise.all(
    [...placed(environment)].flatMap(({ component, object }) => {
      const workload = WORKLOADS[`${object.apiVersion} ${object.kind}`];
      return workload === undefined ? [] : [row(read, environment, component, object, workload)];
    }),
  );
  return table([["COMPONENT", "KIND", "READY", "IMAGE", "ANSWERS AT"], ...rows]);
}

/** Namespaces that the environment's objects stand in. */
export function namespacesOf(environment: Environment): readonly string[] {
  return [...new Set([...placed(environment)].flatMap(({ object }) => object.metadata.namespace ?? []))];
}

async function row(
  read: ClusterReader,
  environment: Environment,
  component: string,
  object: KubernetesObject,
  { path, state }: { readonly path: string; readonly state: (object: unknown) => string },
): Promise<readonly string[]> {
  const { name, namespace = "default" } = object.metadata;
  const [found, addresses] = await Promise.all([
    read(`/${path}/namespaces/${namespace}/${object.kind.toLowerCase()}s/${name}`),
    addressesOf(read, environment, component),
  ]);
  if (found === undefined) return [component, object.kind, "not there", "", addresses];
  return [component, object.kind, state(found), imageOf(found), addresses];
}

/** Where a component answers inside the cluster: its Services but for headless ones, which only some clients can use. */
async function addressesOf(read: ClusterReader, environment: Environment, component: string): Promise<string> {
  const objects = Object.values(environment.members[component]?.objects ?? {});
  const services = objects.filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Service");
  const texts = await Promise.all(
    services.map(async ({ metadata: { name, namespace = "default" } }) => {
      const found = await read(`/api/v1/namespaces/${namespace}/services/${name}`);
      if (found === undefined || at(found, "spec", "clusterIP") === "None") return [];
      const ports = at(found, "spec", "ports");
      const list = (Array.isArray(ports) ? ports : []).map((port) => `${at(port, "port")} ${at(port, "name") ?? ""}`);
      return [`${name}.${namespace}:${list.map((one) => one.trim()).join(", ")}`];
    }),
  );
  return texts.flat().join("; ");
}

function readyOf(ready: string, wanted: string): (object: unknown) => string {
  return (object) => {
    const goal = at(object, "spec", wanted) ?? at(object, "status", wanted) ?? 0;
    return `${at(object, "status", ready) ?? 0}/${goal}`;
  };
}

/** Pods of a Rollout, and how far a new version has come. */
function rolloutState(object: unknown): string {
  const pods = readyOf("readyReplicas", "replicas")(object);
  const phase = at(object, "status", "phase");
  if (phase === undefined) return `${pods}, no controller has seen it`;
  if (phase === "Healthy") return pods;
  const steps = at(object, "spec", "strategy", "canary", "steps");
  const step = at(object, "status", "currentStepIndex");
  const way = Array.isArray(steps) && typeof step === "number" ? `, step ${step} of ${steps.length}` : "";
  return `${pods}, ${String(phase).toLowerCase()}${way}`;
}

function scheduleOf(object: unknown): string {
  const schedule = String(at(object, "spec", "schedule"));
  return at(object, "spec", "suspend") === true ? `${schedule}, suspended` : schedule;
}

function imageOf(object: unknown): string {
  const template = at(object, "spec", "jobTemplate") ?? object;
  const containers = at(template, "spec", "template", "spec", "containers");
  return String(at(Array.isArray(containers) ? containers[0] : undefined, "image") ?? "");
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Reflect.get(found, key);
  }
  return found ?? undefined;
}
