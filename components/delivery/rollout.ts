import { seconds } from "../core/duration.ts";
import type { Deployment, HorizontalPodAutoscaler, Service } from "../core/kind.ts";
import { type KubernetesObject, type Metadata, type Objects, present } from "../core/object.ts";
import { asked, objectivesTemplate, smokeTemplate } from "./analysis-template.ts";
import { canaryStrategy } from "./canary.ts";
import type { AnalysisTemplate, BlueGreenStrategy, CanaryStrategy, Rollout } from "./kind.ts";
import { judges, validate } from "./rollout-check.ts";
import type { BlueGreen, RolloutProps, RolloutStrategy } from "./rollout-props.ts";

/** The workload's other objects, with these in the place of its Deployment. */
export interface RolloutObjects extends Objects {
  readonly rollout: Rollout;
  /** Only while a Deployment becomes a Rollout, or the other way round. */
  readonly deployment?: Deployment;
  /** The address of the new version alone. */
  readonly canary?: Service;
  readonly preview?: Service;
  /** What the new version is judged by. */
  readonly analysis?: AnalysisTemplate;
  /** What it is asked before it is switched to. */
  readonly smoke?: AnalysisTemplate;
}

const KEEP = "10m";

/**
 * A workload whose new versions take over step by step and go back by themselves when what it promises is broken. The
 * Rollout takes the Deployment's place; whatever scaled that scales the Rollout.
 * @throws FaultError with everything that is wrong with the strategy.
 */
export function rollout(props: RolloutProps): RolloutObjects {
  validate(props);
  const { name, objects, move } = props;
  const { deployment: source, autoscaler, ...others } = objects;
  const deployment = source as Deployment;
  const { namespace } = deployment.metadata;
  const metadata: Metadata = { ...deployment.metadata, name, ...(namespace === undefined ? {} : { namespace }) };
  const { strategy, ...parts } = partsOf(props, metadata);
  const target = {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: deployment.metadata,
    spec: {
      ...amount(props, deployment),
      ...pods(props, deployment),
      selector: deployment.spec?.selector,
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: 300,
      // A version whose pods never become ready goes back too, and does not stand half-way for ever.
      progressDeadlineAbort: true,
      strategy,
    },
  } as Rollout;
  const scales = autoscaler !== undefined && move === undefined;
  return present({
    ...others,
    rollout: target,
    deployment: move === undefined ? undefined : beside(deployment, props),
    autoscaler: scales ? retargeted(autoscaler as HorizontalPodAutoscaler, target) : undefined,
    ...parts,
  }) as RolloutObjects;
}

/** How a version takes over, and the objects that this needs. */
interface Parts extends Pick<RolloutObjects, "canary" | "preview" | "analysis" | "smoke"> {
  readonly strategy: { readonly canary: CanaryStrategy } | { readonly blueGreen: BlueGreenStrategy };
}

function partsOf(props: RolloutProps, metadata: Metadata): Parts {
  const { name, objects, canary, blueGreen = {}, move } = props;
  // Its Services are let go first, so that they find the Deployment's pods when its own are gone.
  if (move?.to === "deployment") return { strategy: { canary: { maxSurge: 1, maxUnavailable: 0 } } };
  const service = objects["service"] as Service | undefined;
  const stable = service?.metadata.name ?? name;
  const judging = judges(props);
  const analysis =
    judging.length === 0 || props.prometheus === undefined
      ? undefined
      : objectivesTemplate(metadata, name, judging, props.analysis || {}, {
          address: props.prometheus,
          endless: canary !== undefined,
        });
  const judged = analysis === undefined ? {} : { analysis };
  if (canary !== undefined) {
    const router = canary.router ?? props.router ?? "replicas";
    const second = service === undefined || router === "replicas" ? undefined : sibling(service, `${stable}-canary`);
    const { routes = ["primary"], gatewayRoutes = { http: [name] } } = props;
    const gateway = { ...gatewayRoutes, namespace: metadata.namespace };
    const destinations = { stable, canary: second?.metadata.name ?? stable, router, routes, gateway };
    return {
      strategy: { canary: canaryStrategy(canary, destinations, analysis && asked(analysis)) },
      ...(second === undefined ? {} : { canary: second }),
      ...judged,
    };
  }
  const preview = service === undefined ? undefined : sibling(service, `${stable}-preview`);
  const smoke =
    blueGreen.smoke === undefined || preview === undefined
      ? undefined
      : smokeTemplate(metadata, name, blueGreen.smoke, host(preview, blueGreen.smoke.port ?? "http"));
  return {
    strategy: { blueGreen: blueGreenStrategy(blueGreen, stable, preview?.metadata.name ?? name, analysis, smoke) },
    ...(preview === undefined ? {} : { preview }),
    ...judged,
    ...(smoke === undefined ? {} : { smoke }),
  };
}

function blueGreenStrategy(
  { promotion = "automatic", keep = KEEP, previewReplicas }: BlueGreen,
  active: string,
  preview: string,
  analysis: AnalysisTemplate | undefined,
  smoke: AnalysisTemplate | undefined,
): BlueGreenStrategy {
  return {
    activeService: active,
    previewService: preview,
    autoPromotionEnabled: promotion === "automatic",
    scaleDownDelaySeconds: seconds(keep) ?? 0,
    ...(previewReplicas === undefined ? {} : { previewReplicaCount: previewReplicas }),
    ...(smoke === undefined ? {} : { prePromotionAnalysis: asked(smoke) }),
    ...(analysis === undefined ? {} : { postPromotionAnalysis: asked(analysis) }),
  };
}

/** A second address of the same pods; the controller narrows each to one version. */
function sibling(service: Service, name: string): Service {
  return { ...service, metadata: { ...service.metadata, name } };
}

function host(service: Service, port: string): string {
  const { name, namespace = "default" } = service.metadata;
  const number = service.spec?.ports?.find((one) => one.name === port)?.port ?? 80;
  return `${name}.${namespace}:${String(number)}`;
}

/** Pods where nothing scales them; while both run, their number is fixed: a number left out would mean one pod. */
function amount({ objects, move }: RolloutProps, deployment: Deployment): { readonly replicas?: unknown } {
  if (move !== undefined) return { replicas: move.replicas };
  const fixed = deployment.spec?.replicas;
  return objects["autoscaler"] !== undefined || fixed === undefined ? {} : { replicas: fixed };
}

/** A Rollout that takes over runs what the Deployment says, and scales that down once it is well itself. */
function pods({ move }: RolloutStrategy, deployment: Deployment) {
  const { apiVersion, kind, metadata } = deployment;
  return move?.to === "rollout"
    ? { workloadRef: { apiVersion, kind, name: metadata.name, scaleDown: "onsuccess" } }
    : { template: deployment.spec?.template };
}

/** The Deployment beside the Rollout: left as it is when that takes over, in full strength when it takes over itself. */
function beside(deployment: Deployment, { move }: RolloutProps): Deployment {
  if (move?.to !== "deployment") return deployment;
  return { ...deployment, spec: { ...deployment.spec, replicas: move.replicas } as NonNullable<Deployment["spec"]> };
}

function retargeted(autoscaler: HorizontalPodAutoscaler, target: KubernetesObject): HorizontalPodAutoscaler {
  const { apiVersion, kind, metadata } = target;
  const spec = { ...autoscaler.spec, scaleTargetRef: { apiVersion, kind, name: metadata.name } };
  return { ...autoscaler, spec: spec as NonNullable<HorizontalPodAutoscaler["spec"]> };
}
