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
  Service,
  ServiceAccount,
} from "../core/kind.ts";
import { type Metadata, type Objects, present } from "../core/object.ts";
import { checked, checkShape, maybe, port, recordOf, strict, whole } from "../core/shape.ts";
import { autoscaler, checkScale, type Scale, scaleShape } from "./autoscaler.ts";
import { configuration } from "./config.ts";
import { deployment, serviceAccount } from "./deployment.ts";
import { checkDisruption, type Disruption, disruptionBudget, disruptionShape } from "./disruption-budget.ts";
import { networkPolicy } from "./network-policy.ts";
import { podTemplate } from "./pod.ts";
import { checkProbes, containerProbes, type Probes, probesShape } from "./probe.ts";
import { type ExternalSecret, secretObjects } from "./secret.ts";
import { clusterService, headlessService } from "./service.ts";
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

/** Ports that a microservice listens on. Any other name is a port of its own. */
export type Ports = Readonly<Record<string, number>> & {
  readonly http?: number;
  readonly grpc?: number;
  /** Where /metrics is served. @default the http port */
  readonly metrics?: number;
};

/** A service that others call. */
export interface MicroserviceProps extends WorkloadProps, Stopping {
  readonly ports: Ports;
  /** Pods, where no autoscaler decides. @default 2 */
  readonly replicas?: number;
  /** Lets load decide how many pods there are. Instead of replicas. */
  readonly scale?: Scale;
  readonly probes?: Probes;
  readonly disruption?: Disruption;
  /** How strictly pods are spread over zones and nodes. @default "preferred" */
  readonly spread?: "required" | "preferred" | false;
  /** Who calls it. @default not declared: whoever reaches it. [] for nobody */
  readonly calledBy?: readonly Caller[];
  /** The namespace that Prometheus scrapes from; false: it is not scraped. @default "monitoring" */
  readonly scrapedFrom?: string | false;
  /** Who balances gRPC calls: the client, over a headless Service, or a mesh. @default "client" */
  readonly grpcBalancing?: "client" | "mesh";
}

/** Everything that runs one microservice. */
export interface MicroserviceObjects extends Objects {
  readonly serviceAccount: ServiceAccount;
  readonly deployment: Deployment;
  readonly service: Service;
  /** For gRPC clients that balance by themselves. */
  readonly headless?: Service;
  readonly config?: ConfigMap;
  readonly configReloaded?: ConfigMap;
  readonly variables?: ConfigMap;
  readonly secret?: Secret;
  readonly [externalSecret: `externalSecret-${string}`]: ExternalSecret;
  readonly autoscaler?: HorizontalPodAutoscaler;
  readonly disruptionBudget: PodDisruptionBudget;
  readonly networkPolicy: NetworkPolicy;
}

const portsShape = checked(recordOf(port), (ports) =>
  Object.keys(ports).length === 0
    ? ["but a service without a port cannot be called", "give ports: { http: 8080 }, or make it a Worker"]
    : undefined,
) as z.ZodType<Ports>;

export const microserviceShape = strict<MicroserviceProps>({
  ...workloadShape,
  ...stoppingShape,
  ports: portsShape,
  replicas: maybe(whole(1)),
  scale: maybe(scaleShape),
  probes: maybe(probesShape),
  disruption: maybe(disruptionShape),
  spread: maybe(z.union([z.enum(["required", "preferred"]), z.literal(false)])),
  calledBy: maybe(z.array(callerShape)),
  scrapedFrom: maybe(z.union([z.string(), z.literal(false)])),
  grpcBalancing: maybe(z.enum(["client", "mesh"])),
});

/**
 * A microservice: workload, addresses, configuration, autoscaling, disruption budget and network policy that agree.
 * @throws FaultError with everything that is wrong with the props.
 */
export function microservice(props: MicroserviceProps): MicroserviceObjects {
  validate(props);
  const labels = workloadLabels(props, "service");
  const metadata: Metadata = { name: props.name, namespace: props.namespace, labels };
  const owner = { name: props.name, namespace: props.namespace, labels };
  const config = configuration(owner, props.config, props.variables);
  const secrets = secretObjects(owner, props.secrets);
  const pods = podTemplate(props, {
    labels,
    config,
    ports: props.ports,
    probes: containerProbes(props.ports, props.probes),
    stopping: stoppingTimes(props),
    spread: props.spread ?? "preferred",
  });
  const workload = deployment(metadata, pods, props.scale === undefined ? (props.replicas ?? 2) : undefined);
  const balancesItself = props.ports.grpc !== undefined && (props.grpcBalancing ?? "client") === "client";
  return present({
    serviceAccount: serviceAccount(metadata),
    config: config.files,
    configReloaded: config.reloaded,
    variables: config.variables,
    secret: secrets.secret,
    ...secrets.externalSecrets,
    deployment: workload,
    service: clusterService(metadata, props.name, props.ports),
    headless: balancesItself
      ? headlessService({ ...metadata, name: `${props.name}-headless` }, props.name, props.ports)
      : undefined,
    autoscaler: props.scale === undefined ? undefined : autoscaler(metadata, workload, props.scale),
    disruptionBudget: disruptionBudget(metadata, props.disruption),
    networkPolicy: networkPolicy({
      ...owner,
      ports: Object.values(props.ports),
      calls: props.calls,
      calledBy: props.calledBy,
      scrape: scrape(props),
    }),
  }) as MicroserviceObjects;
}

function scrape(props: MicroserviceProps): { readonly port: number; readonly namespace: string } | undefined {
  const metricsPort = props.ports.metrics ?? props.ports.http;
  if (props.scrapedFrom === false || metricsPort === undefined) return undefined;
  return { port: metricsPort, namespace: props.scrapedFrom ?? "monitoring" };
}

function validate(props: MicroserviceProps): void {
  const faults = new Faults(typeof props.name === "string" ? props.name : "microservice");
  if (checkShape(faults, microserviceShape, props)) {
    checkWorkload(faults, props, props.ports);
    checkProbes(faults, props.ports, props.probes);
    checkStopping(faults, props);
    checkScale(faults, props.scale);
    if (props.scale !== undefined && props.replicas !== undefined) {
      faults.add("replicas", props.replicas, "but scale decides how many pods there are", "leave out one of the two");
    }
    const fewest =
      props.scale === undefined
        ? { path: "replicas", pods: props.replicas ?? 2 }
        : { path: "scale.min", pods: props.scale.min };
    checkDisruption(faults, props.disruption, fewest);
  }
  faults.check();
}
