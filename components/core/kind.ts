import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IHorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import type { ICronJob } from "kubernetes-models/batch/v1/CronJob";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { ILimitRange } from "kubernetes-models/v1/LimitRange";
import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import type { IProbe } from "kubernetes-models/v1/Probe";
import type { IResourceQuota } from "kubernetes-models/v1/ResourceQuota";
import type { ISecret } from "kubernetes-models/v1/Secret";
import type { IService } from "kubernetes-models/v1/Service";
import type { IServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import type { IVolume } from "kubernetes-models/v1/Volume";
import type { Manifest, Resource } from "./object.ts";

// The objects that components yield, typed by the field's own models; nothing of them is loaded at run time.
export type ConfigMap = Resource<IConfigMap>;
export type CronJob = Resource<ICronJob>;
export type Deployment = Resource<IDeployment>;
export type HorizontalPodAutoscaler = Resource<IHorizontalPodAutoscaler>;
export type LimitRange = Resource<ILimitRange>;
export type Namespace = Resource<INamespace>;
export type NetworkPolicy = Resource<INetworkPolicy>;
export type PodDisruptionBudget = Resource<IPodDisruptionBudget>;
export type ResourceQuota = Resource<IResourceQuota>;
export type Secret = Resource<ISecret>;
export type Service = Resource<IService>;
export type ServiceAccount = Resource<IServiceAccount>;

export type Container = Manifest<IContainer>;
export type PodSpec = Manifest<IPodSpec>;
export type PodTemplate = Manifest<Omit<IPodTemplateSpec, "metadata">> & {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
};
export type Probe = Manifest<IProbe>;
export type Volume = Manifest<IVolume>;
