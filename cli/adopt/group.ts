import { FaultError } from "../../components/core/fault.ts";
import { identity, type KubernetesObject } from "../../components/core/object.ts";
import { at, list, map, text, textMap } from "./read.ts";

/** An object with the file it was read from. */
export interface Source {
  readonly file: string;
  readonly object: KubernetesObject;
}

/** A Deployment and what belongs to it. */
export interface Group {
  readonly file: string;
  readonly deployment: KubernetesObject;
  /** The Service that becomes the component's. */
  readonly service?: KubernetesObject;
  readonly headless?: KubernetesObject;
  readonly serviceAccount?: KubernetesObject;
  readonly autoscaler?: KubernetesObject;
  readonly disruptionBudget?: KubernetesObject;
  /** Policies over its pods; they stay beside the component. */
  readonly networkPolicies: readonly KubernetesObject[];
  /** Why the pods need a token for the Kubernetes API; undefined where they do not. */
  readonly bound?: string;
}

/** What was read, sorted. */
export interface Found {
  readonly groups: readonly Group[];
  /** ConfigMaps by name; which of them becomes whose is decided by who mounts them. */
  readonly configMaps: ReadonlyMap<string, KubernetesObject>;
  /** Names of Secrets and their keys. Never a value. */
  readonly secretKeys: ReadonlyMap<string, readonly string[]>;
  readonly sources: readonly Source[];
}

/**
 * Sorts objects by the Deployment they belong to.
 * @throws FaultError where there is none, and for an object that is declared twice.
 */
export function group(sources: readonly Source[]): Found {
  const seen = new Map<string, string>();
  const faults = sources.flatMap(({ file, object }) => {
    const key = identity(object);
    const first = seen.get(key);
    seen.set(key, first ?? file);
    if (first === undefined) return [];
    const problem = `declares ${key} a second time, after ${first}`;
    return [{ component: file, path: "", problem, remedy: "leave one of the two files out" }];
  });
  const objects = sources.map(({ object }) => object);
  const deployments = sources.filter(({ object }) => isA(object, "apps/", "Deployment"));
  if (deployments.length === 0 && faults.length === 0) {
    const kinds = [...new Set(objects.map(({ kind }) => kind))].join(", ");
    const problem = `but there is no Deployment in them${kinds === "" ? "" : `, only ${kinds}`}`;
    const files = [...new Set(sources.map(({ file }) => file))].join(", ") || "nothing";
    faults.push({ component: "adopt", path: "", ...{ value: files }, problem, remedy: "name the files of what runs" });
  }
  if (faults.length > 0) throw new FaultError(faults);
  const taken = new Set<KubernetesObject>();
  return {
    groups: deployments.map(({ file, object }) => groupOf(file, object, objects, taken)),
    configMaps: new Map(objects.flatMap((one) => (isA(one, "v1", "ConfigMap") ? [[one.metadata.name, one]] : []))),
    secretKeys: new Map(objects.flatMap((one) => (isA(one, "v1", "Secret") ? [[one.metadata.name, keysOf(one)]] : []))),
    sources,
  };
}

function groupOf(
  file: string,
  deployment: KubernetesObject,
  objects: readonly KubernetesObject[],
  taken: Set<KubernetesObject>,
): Group {
  const pods = textMap(at(deployment, "spec", "template", "metadata", "labels"));
  const account = text(at(deployment, "spec", "template", "spec", "serviceAccountName"));
  const free = (group: string, kind: string, fits: (object: KubernetesObject) => boolean) => {
    const found = objects.filter((one) => !taken.has(one) && isA(one, group, kind) && fits(one));
    const first = found.find(({ metadata }) => metadata.name === deployment.metadata.name) ?? found[0];
    if (first !== undefined) taken.add(first);
    return first;
  };
  const selects = (selector: unknown) => isSelected(pods, textMap(selector));
  const isHeadless = (one: KubernetesObject) => at(one, "spec", "clusterIP") === "None";
  const isPlain = (one: KubernetesObject) => (text(at(one, "spec", "type")) ?? "ClusterIP") === "ClusterIP";
  const ofPods = (one: KubernetesObject) => selects(at(one, "spec", "selector")) && isPlain(one);
  const parts = {
    service: free("v1", "Service", (one) => ofPods(one) && !isHeadless(one)),
    headless: hasGrpc(deployment) ? free("v1", "Service", (one) => ofPods(one) && isHeadless(one)) : undefined,
    serviceAccount: free("v1", "ServiceAccount", ({ metadata }) => metadata.name === account),
    autoscaler: free("autoscaling/", "HorizontalPodAutoscaler", (one) => {
      const target = at(one, "spec", "scaleTargetRef");
      return at(target, "kind") === "Deployment" && at(target, "name") === deployment.metadata.name;
    }),
    disruptionBudget: free("policy/", "PodDisruptionBudget", (one) =>
      selects(at(one, "spec", "selector", "matchLabels")),
    ),
    bound: account === undefined ? undefined : binding(account, objects),
  };
  const present = Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
  const networkPolicies = objects.filter(
    (one) => isA(one, "networking.k8s.io/", "NetworkPolicy") && selects(at(one, "spec", "podSelector", "matchLabels")),
  );
  return { file, deployment, networkPolicies, ...present };
}

/** Whether pods with these labels are selected; an empty selector is meant for all and belongs to nobody. */
function isSelected(pods: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => pods[key] === value);
}

function hasGrpc(deployment: KubernetesObject): boolean {
  const ports = at(deployment, "spec", "template", "spec", "containers", 0, "ports");
  return list(ports).some((port) => at(port, "name") === "grpc");
}

function binding(account: string, objects: readonly KubernetesObject[]): string | undefined {
  const found = objects.find(
    (one) =>
      /^(Cluster)?RoleBinding$/.test(one.kind) &&
      list(at(one, "subjects")).some((who) => at(who, "kind") === "ServiceAccount" && at(who, "name") === account),
  );
  return found === undefined ? undefined : `${found.kind} ${found.metadata.name}`;
}

export function isA({ apiVersion, kind }: KubernetesObject, group: string, wanted: string): boolean {
  return kind === wanted && apiVersion.startsWith(group) && (group.endsWith("/") || apiVersion === group);
}

function keysOf(secret: KubernetesObject): readonly string[] {
  return [...Object.keys(map(at(secret, "data"))), ...Object.keys(map(at(secret, "stringData")))];
}
