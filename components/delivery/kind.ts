import type { IApplication } from "@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application";
import type { IApplicationSet } from "@kubernetes-models/argo-cd/argoproj.io/v1alpha1/ApplicationSet";
import type { IAppProject } from "@kubernetes-models/argo-cd/argoproj.io/v1alpha1/AppProject";
import type { IAnalysisTemplate } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1/AnalysisTemplate";
import type { IRollout } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1/Rollout";
import type { IScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
import type { ITriggerAuthentication } from "@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication";
import type { Manifest, Resource } from "../core/object.ts";

// Typed by the models of Argo CD, Argo Rollouts and KEDA; nothing of them is loaded at run time.
export type AnalysisTemplate = Resource<IAnalysisTemplate>;
export type Rollout = Resource<IRollout>;

export type ScaledObject = Resource<IScaledObject>;
export type TriggerAuthentication = Resource<ITriggerAuthentication>;

type Strategy = NonNullable<IRollout["spec"]["strategy"]>;
export type CanaryStrategy = Manifest<NonNullable<Strategy["canary"]>>;
export type BlueGreenStrategy = Manifest<NonNullable<Strategy["blueGreen"]>>;
export type TrafficRouting = NonNullable<CanaryStrategy["trafficRouting"]>;
export type RolloutStep = NonNullable<CanaryStrategy["steps"]>[number];
export type RolloutAnalysis = NonNullable<CanaryStrategy["analysis"]>;

export type AppProject = Resource<IAppProject>;
export type Application = Resource<IApplication>;
export type ApplicationSet = Resource<IApplicationSet>;

export const ARGO_CD = "argoproj.io/v1alpha1";
