import * as z from "zod";
import { type Caller, callerShape } from "../core/call.ts";
import type { Duration } from "../core/duration.ts";
import type { Faults } from "../core/fault.ts";
import type {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  NetworkPolicy,
  PodDisruptionBudget,
  Secret,
  ServiceAccount,
} from "../core/kind.ts";
import { type Objects, present } from "../core/object.ts";
import { maybe, namespaceName, type ShapeOf, whereSound, whole } from "../core/shape.ts";
import { type Adopted, adoptedShape, checkAdoptedPath, named, selectorOf } from "./adopted.ts";
import { autoscaler, checkScale, type Scale, scaleShape } from "./autoscaler.ts";
import { configuration } from "./config.ts";
import { deployment, serviceAccount } from "./deployment.ts";
import { checkDisruption, type Disruption, disruptionBudget, disruptionShape } from "./disruption-budget.ts";
import { networkPolicy } from "./network-policy.ts";
import { type PodFacts, podTemplate } from "./pod.ts";
import { checkProbes, containerProbes, type Probes, probesShape } from "./probe.ts";
import { type ExternalSecret, secretObjects } from "./secret.ts";
import { checkStopping, type Stopping, type StoppingTimes, stoppingShape } from "./stopping.ts";
import { type WorkloadProps, workloadLabels, workloadShape } from "./workload.ts";
import { checkPodPorts, checkWorkload } from "./workload-check.ts";

/** What programs have that run until they are stopped: microservices and workers. */
export interface ServingProps extends WorkloadProps, Stopping {
  /** Pods, where no autoscaler decides. @default 2 of a microservice, 1 of a worker */
  readonly replicas?: number;
  /** Lets load decide how many pods there are. Instead of replicas. */
  readonly scale?: Scale;
  /** @default by the ports of a microservice; none of a worker, which its queue tells about when it is stuck */
  readonly probes?: Probes;
  readonly disruption?: Disruption;
  /** The namespace that Prometheus scrapes from; false: it is not scraped. @default "monitoring" */
  readonly scrapedFrom?: string | false;
  /** Who calls it; [] for nobody. @default whoever reaches a microservice; nobody but Prometheus a worker */
  readonly calledBy?: readonly Caller[];
  /** What it keeps of the objects that ran before it was a component. @default nothing: it begins here */
  readonly adopted?: Adopted;
}

/** What runs one of them. */
export interface ServingObjects extends Objects {
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

export const servingShape: ShapeOf<ServingProps> = {
  ...workloadShape,
  ...stoppingShape,
  replicas: maybe(whole(1)),
  scale: maybe(scaleShape),
  probes: maybe(probesShape),
  disruption: maybe(disruptionShape),
  scrapedFrom: maybe(z.union([namespaceName, z.literal(false)])),
  calledBy: maybe(z.array(callerShape)),
  adopted: maybe(adoptedShape),
};

/** What the two kinds differ in. */
export interface ServingFacts {
  /** Value of the label app.kubernetes.io/component. */
  readonly component: "service" | "worker";
  /** Ports of the main container by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** The one with /metrics; undefined where none has. */
  readonly metricsPort: number | undefined;
  /** Pods, where the props say nothing. */
  readonly replicas: number;
  readonly stopping: StoppingTimes;
  readonly spread?: PodFacts["spread"];
  readonly grpc?: PodFacts["grpc"];
}

/** Notes what no single property shows. */
export function checkServing(
  faults: Faults,
  props: ServingProps,
  facts: Pick<ServingFacts, "replicas"> & { readonly preStop?: Duration },
): void {
  checkWorkload(faults, props);
  whereSound(faults, props, ["adopted", "volumes", "config"], (part) => checkAdoptedPath(faults, part));
  whereSound(faults, props, ["preStop", "drain", "gracePeriod"], (part) => checkStopping(faults, part, facts.preStop));
  whereSound(faults, props, ["scale"], ({ scale }) => checkScale(faults, scale));
  whereSound(faults, props, ["scale", "replicas", "disruption"], ({ scale, replicas, disruption }) => {
    if (scale !== undefined && replicas !== undefined) {
      faults.add("replicas", replicas, "but scale decides how many pods there are", "leave out one of the two");
    }
    const fewest =
      scale === undefined
        ? { path: "replicas", pods: replicas ?? facts.replicas }
        : { path: "scale.min", pods: scale.min };
    checkDisruption(faults, disruption, fewest);
  });
}

/** Notes ports that two would fight over, and probes on ports that nobody opens. */
export function checkServingPorts(
  faults: Faults,
  props: Pick<ServingProps, "debug" | "sidecars" | "probes">,
  path: string,
  ports: ServingFacts["ports"],
): void {
  whereSound(faults, props, ["debug", "sidecars"], (part) => checkPodPorts(faults, part, path, ports));
  whereSound(faults, props, ["probes"], ({ probes }) => checkProbes(faults, ports, probes));
}

/** Everything that both have. */
export function servingObjects(props: ServingProps, facts: ServingFacts): ServingObjects {
  const labels = workloadLabels(props, facts.component);
  const metadata = { name: props.name, namespace: props.namespace, labels };
  const { adopted } = props;
  const selector = selectorOf(props);
  const account = named(metadata, "serviceAccount", adopted);
  const config = configuration(metadata, props.config, props.variables, adopted?.names);
  const secrets = secretObjects(metadata, props.secrets);
  const pods = podTemplate(props, {
    labels: { ...labels, ...selector },
    selector,
    serviceAccount: account.name,
    configPath: adopted?.configPath,
    config,
    ports: facts.ports,
    probes: containerProbes(facts.ports, props.probes),
    stopping: facts.stopping,
    spread: facts.spread ?? "preferred",
    ...(facts.grpc === undefined ? {} : { grpc: facts.grpc }),
  });
  const fixed = props.scale === undefined ? (props.replicas ?? facts.replicas) : undefined;
  const workload = deployment(named(metadata, "deployment", adopted), selector, pods, fixed);
  return present({
    serviceAccount: serviceAccount(account),
    config: config.files,
    configReloaded: config.reloaded,
    variables: config.variables,
    secret: secrets.secret,
    ...secrets.externalSecrets,
    deployment: workload,
    autoscaler:
      props.scale === undefined ? undefined : autoscaler(named(metadata, "autoscaler", adopted), workload, props.scale),
    disruptionBudget: disruptionBudget(named(metadata, "disruptionBudget", adopted), selector, props.disruption),
    networkPolicy: networkPolicy({
      ...named(metadata, "networkPolicy", adopted),
      selector,
      ports: Object.values(facts.ports),
      calls: adopted?.openNetwork === true ? undefined : props.calls,
      calledBy: adopted?.openNetwork === true ? undefined : props.calledBy,
      scrape:
        props.scrapedFrom === false || facts.metricsPort === undefined
          ? undefined
          : { port: facts.metricsPort, namespace: props.scrapedFrom ?? "monitoring" },
    }),
  }) as ServingObjects;
}
