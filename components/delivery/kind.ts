import type { IAnalysisTemplate } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1/AnalysisTemplate";
import type { IRollout } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1/Rollout";
import type { IScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
import type { ITriggerAuthentication } from "@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication";
import type { Manifest, Resource } from "../core/object.ts";

// Typed by the models of Argo Rollouts and KEDA; nothing of them is loaded at run time.
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
