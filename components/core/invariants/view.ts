import { partOf } from "../delivery.ts";
import type { Environment, Placed } from "../environment.ts";
import { placed } from "../environment.ts";
import { Grouped } from "../grouped.ts";
import type { CronJob, Deployment, NetworkPolicy, PodDisruptionBudget, PodTemplate, Service } from "../kind.ts";
import { identity, type KubernetesObject } from "../object.ts";
import { inside } from "../plain.ts";

/** Pods that an environment will run, whatever kind of object makes them. */
export interface Workload extends Placed {
  readonly template: PodTemplate;
  /** Fixed number of pods; undefined where an autoscaler decides. */
  readonly replicas: number | undefined;
}

/** What decides how many pods a workload has. */
export interface Autoscaler extends Placed {
  /** Identity of what it scales; undefined where that is not said. */
  readonly target: string | undefined;
  /** The fewest pods. */
  readonly fewest: number;
}

/** An environment, sorted so that each check is one pass. */
export interface View {
  readonly environment: string;
  readonly all: readonly Placed[];
  /** What a controller applies from the repository; nothing where delivery is direct. */
  readonly inRepository: readonly Placed[];
  readonly workloads: readonly Workload[];
  /** Workloads by namespace and the value of app.kubernetes.io/name, which nearly every selector asks for. */
  readonly workloadsByName: Grouped<Workload>;
  readonly services: readonly Placed<Service>[];
  /** Services by namespace and the value of app.kubernetes.io/name. */
  readonly servicesByName: Grouped<Placed<Service>>;
  readonly autoscalers: readonly Autoscaler[];
  readonly disruptionBudgets: readonly Placed<PodDisruptionBudget>[];
  readonly networkPolicies: readonly Placed<NetworkPolicy>[];
}

const NAME = "app.kubernetes.io/name";

export function view(environment: Environment): View {
  const all = [...placed(environment)];
  const workloads = all.flatMap(workload);
  const services = ofKind<Service>(all, "v1", "Service");
  return {
    environment: environment.name,
    all,
    inRepository: [...placed(partOf(environment, "repository"))],
    workloads,
    workloadsByName: byName(workloads, ({ template }) => template.metadata.labels),
    services,
    servicesByName: byName(services, ({ object }) => object.metadata.labels),
    autoscalers: [
      ...ofKind(all, "autoscaling/v2", "HorizontalPodAutoscaler").map((one) => autoscaler(one, "minReplicas", 1)),
      // KEDA takes a Deployment where nothing else is said. https://keda.sh/docs/latest/reference/scaledobject-spec/
      ...ofKind(all, "keda.sh/v1alpha1", "ScaledObject").map((one) => autoscaler(one, "minReplicaCount", 0)),
    ],
    disruptionBudgets: ofKind<PodDisruptionBudget>(all, "policy/v1", "PodDisruptionBudget"),
    networkPolicies: ofKind<NetworkPolicy>(all, "networking.k8s.io/v1", "NetworkPolicy"),
  };
}

function autoscaler(one: Placed, minimum: string, otherwise: number): Autoscaler {
  const spec = inside(one.object, "spec");
  const { apiVersion = "apps/v1", kind = "Deployment", name } = Object(inside(spec, "scaleTargetRef"));
  const { namespace } = one.object.metadata;
  const fewest = inside(spec, minimum);
  const metadata = { name: String(name), ...(namespace === undefined ? {} : { namespace }) };
  return {
    ...one,
    target: name === undefined ? undefined : identity({ apiVersion: String(apiVersion), kind: String(kind), metadata }),
    fewest: typeof fewest === "number" ? fewest : otherwise,
  };
}

function byName<T extends Placed>(all: readonly T[], labelsOf: (one: T) => Labels | undefined): Grouped<T> {
  const found = new Grouped<T>();
  for (const one of all) found.add(one.object.metadata.namespace ?? "", labelsOf(one)?.[NAME] ?? "", one);
  return found;
}

/** What was sorted before: many checks ask for kinds of the same environment. */
const SORTED = new WeakMap<readonly Placed[], Grouped<Placed>>();

/** The objects of one kind. */
export function ofKind<T extends KubernetesObject>(
  all: readonly Placed[],
  apiVersion: string,
  kind: string,
): readonly Placed<T>[] {
  const known = SORTED.get(all) ?? byKind(all);
  SORTED.set(all, known);
  // They were sorted by just that.
  return known.of(kind, apiVersion) as readonly Placed<T>[];
}

function byKind(all: readonly Placed[]): Grouped<Placed> {
  const found = new Grouped<Placed>();
  for (const one of all) found.add(one.object.kind, one.object.apiVersion, one);
  return found;
}

function workload(one: Placed): readonly Workload[] {
  const { object } = one;
  if (object.apiVersion === "batch/v1" && object.kind === "CronJob") {
    const template = (object as CronJob).spec?.jobTemplate.spec?.template;
    return template === undefined ? [] : [{ ...one, template: template as PodTemplate, replicas: 1 }];
  }
  // Everything else that makes pods has the Deployment's shape: Deployment, StatefulSet, DaemonSet, Rollout.
  const spec = (object as Deployment).spec;
  const template = spec !== null && typeof spec === "object" && "template" in spec ? spec.template : undefined;
  if (template?.spec === undefined || !("containers" in template.spec)) return [];
  const replicas = typeof spec?.replicas === "number" ? spec.replicas : undefined;
  return [{ ...one, template: template as PodTemplate, replicas }];
}

/** The workloads of a namespace that a label selector picks. */
export function selected(view: View, namespace: string | undefined, matchLabels: Selector): readonly Workload[] {
  return picked(
    view.workloads,
    view.workloadsByName,
    namespace,
    matchLabels,
    ({ template }) => template.metadata.labels,
  );
}

/** The Services of a namespace that a label selector picks. */
export function selectedServices(
  view: View,
  namespace: string | undefined,
  matchLabels: Selector,
): readonly Placed<Service>[] {
  return picked(view.services, view.servicesByName, namespace, matchLabels, ({ object }) => object.metadata.labels);
}

type Selector = Readonly<Record<string, unknown>>;
type Labels = Readonly<Record<string, string>>;

/** Asks by name where it can, so that a large environment stays linear. */
function picked<T extends Placed>(
  all: readonly T[],
  named: Grouped<T>,
  namespace: string | undefined,
  matchLabels: Selector,
  labelsOf: (one: T) => Labels | undefined,
): readonly T[] {
  const name = matchLabels[NAME];
  const candidates =
    typeof name === "string"
      ? named.of(namespace ?? "", name)
      : all.filter((one) => one.object.metadata.namespace === namespace);
  const keys = Object.keys(matchLabels);
  return candidates.filter((one) => {
    const labels = labelsOf(one);
    return keys.every((key) => labels?.[key] === matchLabels[key]);
  });
}
