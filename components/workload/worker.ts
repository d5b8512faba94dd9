import * as z from "zod";
import { type Caller, callerShape } from "../core/call.ts";
import { Faults } from "../core/fault.ts";
import type {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  NetworkPolicy,
  PodDisruptionBudget,
  Secret,
  ServiceAccount,
} from "../core/kind.ts";
import { type Metadata, type Objects, present } from "../core/object.ts";
import { checkShape, maybe, port, strict, whole } from "../core/shape.ts";
import { autoscaler, checkScale, type Scale, scaleShape } from "./autoscaler.ts";
import { configuration } from "./config.ts";
import { deployment, serviceAccount } from "./deployment.ts";
import { checkDisruption, type Disruption, disruptionBudget, disruptionShape } from "./disruption-budget.ts";
import { networkPolicy } from "./network-policy.ts";
import { podTemplate } from "./pod.ts";
import { checkProbes, containerProbes, type Probes, probesShape } from "./probe.ts";
import { type ExternalSecret, secretObjects } from "./secret.ts";
import {
  checkStopping,
  checkWorkload,
  type Stopping,
  stoppingShape,
  stoppingTimes,
  type WorkloadProps,
  workloadLabels,
  workloadShape,
} from "./workload.ts";

/** A program that takes its work from a queue and that nobody calls. */
export interface WorkerProps extends WorkloadProps, Stopping {
  /** Where /metrics and, where there are probes, /healthz are served. @default none */
  readonly metricsPort?: number;
  /** Pods, where no autoscaler decides. @default 1 */
  readonly replicas?: number;
  readonly scale?: Scale;
  /** @default none: a worker that is stuck is seen by its queue */
  readonly probes?: Probes;
  readonly disruption?: Disruption;
  /** The namespace that Prometheus scrapes from; false: it is not scraped. @default "monitoring" */
  readonly scrapedFrom?: string | false;
  /** Who may reach it all the same. @default nobody but Prometheus */
  readonly calledBy?: readonly Caller[];
}

/** Everything that runs one worker. */
export interface WorkerObjects extends Objects {
  readonly serviceAccount: ServiceAccount;
  readonly deployment: Deployment;
  readonly config?: ConfigMap;
  readonly configReloaded?: ConfigMap;
  readonly variables?: ConfigMap;
  readonly secret?: Secret;
  readonly [externalSecret: `externalSecret-${string}`]: ExternalSecret;
  readonly autoscaler?: HorizontalPodAutoscaler;
  readonly disruptionBudget: PodDisruptionBudget;
  readonly networkPolicy: NetworkPolicy;
}

export const workerShape = strict<WorkerProps>({
  ...workloadShape,
  ...stoppingShape,
  metricsPort: maybe(port),
  replicas: maybe(whole(1)),
  scale: maybe(scaleShape),
  probes: maybe(probesShape),
  disruption: maybe(disruptionShape),
  scrapedFrom: maybe(z.union([z.string(), z.literal(false)])),
  calledBy: maybe(z.array(callerShape)),
});

/**
 * A worker: a microservice without an address.
 * @throws FaultError with everything that is wrong with the props.
 */
export function worker(props: WorkerProps): WorkerObjects {
  validate(props);
  const labels = workloadLabels(props, "worker");
  const metadata: Metadata = { name: props.name, namespace: props.namespace, labels };
  const owner = { name: props.name, namespace: props.namespace, labels };
  const config = configuration(owner, props.config, props.variables);
  const secrets = secretObjects(owner, props.secrets);
  const pods = podTemplate(props, {
    labels,
    config,
    ports: workerPorts(props),
    probes: containerProbes(workerPorts(props), props.probes),
    // Nobody calls it, so there is no caller to wait for.
    stopping: stoppingTimes(props, "0s"),
  });
  const workload = deployment(metadata, pods, props.scale === undefined ? (props.replicas ?? 1) : undefined);
  return present({
    serviceAccount: serviceAccount(metadata),
    config: config.files,
    configReloaded: config.reloaded,
    variables: config.variables,
    secret: secrets.secret,
    ...secrets.externalSecrets,
    deployment: workload,
    autoscaler: props.scale === undefined ? undefined : autoscaler(metadata, workload, props.scale),
    disruptionBudget: disruptionBudget(metadata, props.disruption),
    networkPolicy: networkPolicy({
      ...owner,
      ports: Object.values(workerPorts(props)),
      calls: props.calls,
      calledBy: props.calledBy ?? [],
      scrape:
        props.scrapedFrom === false || props.metricsPort === undefined
          ? undefined
          : { port: props.metricsPort, namespace: props.scrapedFrom ?? "monitoring" },
    }),
  }) as WorkerObjects;
}

function workerPorts(props: WorkerProps): Readonly<Record<string, number>> {
  return props.metricsPort === undefined ? {} : { metrics: props.metricsPort };
}

function validate(props: WorkerProps): void {
  const faults = new Faults(typeof props.name === "string" ? props.name : "worker");
  if (checkShape(faults, workerShape, props)) {
    checkWorkload(faults, props, workerPorts(props));
    checkProbes(faults, workerPorts(props), props.probes);
    checkStopping(faults, props);
    checkScale(faults, props.scale);
    if (props.scale !== undefined && props.replicas !== undefined) {
      faults.add("replicas", props.replicas, "but scale decides how many pods there are", "leave out one of the two");
    }
    const fewest =
      props.scale === undefined
        ? { path: "replicas", pods: props.replicas ?? 1 }
        : { path: "scale.min", pods: props.scale.min };
    checkDisruption(faults, props.disruption, fewest);
  }
  faults.check();
}
