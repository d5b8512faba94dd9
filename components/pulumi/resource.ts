import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../core/object.ts";
import { plainCopy } from "../core/plain.ts";
import { refusal } from "./failure.ts";

/** The engine's class for each object that components yield, by apiVersion and kind. What is not here is a CustomResource. */
interface Classes {
  "v1 ConfigMap": k8s.core.v1.ConfigMap;
  "v1 LimitRange": k8s.core.v1.LimitRange;
  "v1 Namespace": k8s.core.v1.Namespace;
  "v1 PersistentVolumeClaim": k8s.core.v1.PersistentVolumeClaim;
  "v1 ResourceQuota": k8s.core.v1.ResourceQuota;
  "v1 Secret": k8s.core.v1.Secret;
  "v1 Service": k8s.core.v1.Service;
  "v1 ServiceAccount": k8s.core.v1.ServiceAccount;
  "apps/v1 Deployment": k8s.apps.v1.Deployment;
  "apps/v1 StatefulSet": k8s.apps.v1.StatefulSet;
  "apps/v1 DaemonSet": k8s.apps.v1.DaemonSet;
  "autoscaling/v2 HorizontalPodAutoscaler": k8s.autoscaling.v2.HorizontalPodAutoscaler;
  "batch/v1 CronJob": k8s.batch.v1.CronJob;
  "batch/v1 Job": k8s.batch.v1.Job;
  "networking.k8s.io/v1 Ingress": k8s.networking.v1.Ingress;
  "networking.k8s.io/v1 NetworkPolicy": k8s.networking.v1.NetworkPolicy;
  "policy/v1 PodDisruptionBudget": k8s.policy.v1.PodDisruptionBudget;
  "rbac.authorization.k8s.io/v1 ClusterRole": k8s.rbac.v1.ClusterRole;
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": k8s.rbac.v1.ClusterRoleBinding;
  "rbac.authorization.k8s.io/v1 Role": k8s.rbac.v1.Role;
  "rbac.authorization.k8s.io/v1 RoleBinding": k8s.rbac.v1.RoleBinding;
}

/** The engine's resource for an object: its typed class where there is one. */
export type ResourceOf<T extends KubernetesObject> = `${T["apiVersion"]} ${T["kind"]}` extends keyof Classes
  ? Classes[`${T["apiVersion"]} ${T["kind"]}`]
  : k8s.apiextensions.CustomResource;

type ResourceClass = new (name: string, args: object, options: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/** Groups whose module in the SDK is not the group's first word. */
const MODULES: Readonly<Record<string, string>> = { "": "core", "rbac.authorization.k8s.io": "rbac" };

/** The SDK's class for a built-in kind; undefined for every other. */
function builtIn({ apiVersion, kind }: KubernetesObject): ResourceClass | undefined {
  const slash = apiVersion.indexOf("/");
  const group = apiVersion.slice(0, Math.max(0, slash));
  const version = apiVersion.slice(slash + 1);
  const found = property(property(property(k8s, MODULES[group] ?? group.split(".")[0] ?? ""), version), kind);
  // apps.example.com begins with the same word as apps, and the SDK has components of its own among the kinds.
  const token = `kubernetes:${group === "" ? "core/" : ""}${apiVersion}:${kind}`;
  if (typeof found !== "function" || property(found, "__pulumiType") !== token) return undefined;
  return found.prototype instanceof pulumi.CustomResource ? (found as ResourceClass) : undefined;
}

function property(value: unknown, name: string): unknown {
  const holds = (typeof value === "object" && value !== null) || typeof value === "function";
  return holds && name !== "" ? Reflect.get(value, name) : undefined;
}

/**
 * The engine's resource for an object. Here our types meet the engine's.
 * @throws RunError when the SDK's class misses a property of the object, or would leave one out.
 */
export function resourceOf(
  name: string,
  object: KubernetesObject,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const Class = builtIn(object) ?? (k8s.apiextensions.CustomResource as ResourceClass);
  const resource = made(Class, name, plainCopy(object), withAssigned(object, options));
  const lost = Object.keys(object).filter((key) => Reflect.get(object, key) !== undefined && !(key in resource));
  if (lost.length > 0) {
    throw refusal(
      `${name}: ${lost.join(", ")} stands in no ${object.apiVersion} ${object.kind} that @pulumi/kubernetes knows; remove it or update the package`,
    );
  }
  return resource;
}

/**
 * A Service's address is given by the API server. One that is imported brings it into the state, and that the description
 * does not have it would mean another address, and so another Service.
 */
function withAssigned(object: KubernetesObject, options: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  if (object.apiVersion !== "v1" || object.kind !== "Service") return options;
  if (property(property(object, "spec"), "clusterIP") !== undefined) return options;
  return pulumi.mergeOptions(options, { ignoreChanges: ["spec.clusterIP", "spec.clusterIPs"] });
}

function made(
  Class: ResourceClass,
  name: string,
  object: KubernetesObject,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  try {
    return new Class(name, object, options);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("Missing required property")) throw error;
    throw refusal(`${name}: ${error.message} of ${object.apiVersion} ${object.kind}; add it`, error);
  }
}
