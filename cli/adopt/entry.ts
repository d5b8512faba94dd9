import { FaultError } from "../../components/core/fault.ts";
import { nameProblem } from "../../components/core/name.ts";
import type { Adopted, Disruption, Entry, HostCall, KubernetesObject, Scale } from "../../components/index.ts";
import { podCount } from "../../components/workload/disruption-budget.ts";
import { callsIn } from "./calls.ts";
import type { Found, Group } from "./group.ts";
import { companionsOf, foldersOf, resourcesOf, securityOf, sleepOf, some } from "./pod.ts";
import { portsOf } from "./ports.ts";
import { probesOf } from "./probes.ts";
import { at, given, list, map, number, text, textMap, texts } from "./read.ts";
import { environs } from "./variables.ts";

/** What a service becomes. */
export interface Derived {
  readonly name: string;
  /** The catalogue's entry. */
  readonly entry: Entry;
  /** What is this environment's own, for its settings: version, replicas or scale. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Role -> the object that lives on in it. */
  readonly kept: Readonly<Record<string, KubernetesObject>>;
  /** What is not carried over, or what the component adds that must be known. */
  readonly notes: readonly string[];
}

export interface DeriveOptions {
  /** Component's name. @default the Deployment's */
  readonly name?: string | undefined;
  readonly owner?: string | undefined;
  /** Service name -> component, of all that are adopted at once. */
  readonly services: ReadonlyMap<string, string>;
  /** ConfigMaps that an earlier component has taken. */
  readonly taken: Set<string>;
}

/** The component's name: the Deployment's, unless another is wished. */
export function componentName(group: Group, wish: string | undefined): string {
  return wish ?? group.deployment.metadata.name;
}

/**
 * A Deployment with all that belongs to it, as an entry of the catalogue that keeps every one of the objects.
 * @throws FaultError for what cannot be kept.
 */
export function derive(group: Group, found: Found, options: DeriveOptions): Derived {
  const { deployment } = group;
  const name = componentName(group, options.name);
  refuseUnkeepable(group, name);
  const pod = at(deployment, "spec", "template", "spec");
  const container = at(pod, "containers", 0);
  const image = imageOf(group, text(at(container, "image")) ?? "");
  const { ports, servicePorts, lost: lostPorts } = portsOf(container, group.service);
  const probes = probesOf(container, ports);
  const read = environs(container, found);
  const folders = foldersOf(pod, container, found);
  const config = configOf(folders.config?.name, read.wholeMaps, found, options.taken);
  const { security, lost: lostSecurity } = securityOf(pod, container, ports, group.bound);
  const companions = companionsOf(pod, folders, found);
  const scale = scaleOf(group.autoscaler);
  const replicas = number(at(deployment, "spec", "replicas")) ?? 1;
  const disruption = disruptionOf(group.disruptionBudget, scale?.min ?? replicas);
  const calls = callsIn([...Object.values(read.variables), ...Object.values(config.files)], options.services, name);
  const stopping = stoppingOf(pod, container);
  const owner = options.owner ?? ownerOf(deployment);
  const isOpen = group.networkPolicies.length === 0;
  const names = namesOf(group, name, config.kept);
  const adopted: Adopted = {
    selector: textMap(at(deployment, "spec", "selector", "matchLabels")),
    ...given("names", names),
    ...given("servicePorts", servicePorts),
    ...given("configPath", folders.config?.path === `/etc/${name}` ? undefined : folders.config?.path),
    ...given("openNetwork", isOpen ? true : undefined),
  };
  const entry = {
    owner: owner ?? "unknown",
    image: image.repository,
    ...given("ports", ports),
    calls: calls satisfies readonly (string | HostCall)[],
    ...given("command", some(texts(at(container, "command")))),
    ...given("args", some(texts(at(container, "args")))),
    ...given("resources", resourcesOf(container)),
    ...given("variables", read.variables),
    ...given("secrets", read.secrets),
    ...given("config", Object.fromEntries(Object.entries(config.files).map(([file, content]) => [file, { content }]))),
    ...given("volumes", folders.volumes),
    ...given("probes", probes.probes),
    ...given("scale", scale),
    ...given("disruption", disruption.disruption),
    ...stopping,
    ...given("sidecars", companions.sidecars),
    ...given("initContainers", companions.initContainers),
    ...given("security", security),
    ...given("priorityClass", text(at(pod, "priorityClassName"))),
    adopted,
  };
  const notes = [
    ...lostPorts,
    ...read.lost,
    ...folders.lost,
    ...config.lost,
    ...probes.notes,
    ...lostSecurity,
    ...companions.lost,
    ...disruption.notes,
    ...(owner === undefined ? ["owner: nobody is named; write the team that is called when it breaks"] : []),
    ...(isOpen
      ? ["calls: read from the settings; look it over, and take adopted.openNetwork away when it is complete"]
      : group.networkPolicies.map(({ metadata }) => `NetworkPolicy ${metadata.name} stays beside the component's own`)),
    ...(resourcesOf(container).limits?.memory === undefined
      ? ["resources.limits.memory: it had none, and has the request or 128Mi now"]
      : []),
  ];
  const settings = { ...image.version, ...(scale === undefined ? { replicas } : { scale }) };
  return { name, entry: entry as Entry, settings, kept: keptObjects(group, config.kept, found), notes };
}

function refuseUnkeepable({ file, deployment }: Group, name: string): void {
  const fault = (path: string, value: unknown, problem: string, remedy: string) => ({
    component: `${file} Deployment ${deployment.metadata.name}`,
    path,
    value,
    problem,
    remedy,
  });
  const problem = nameProblem(name);
  const expressions = at(deployment, "spec", "selector", "matchExpressions");
  const labels = textMap(at(deployment, "spec", "selector", "matchLabels"));
  const faults = [
    ...(problem === undefined ? [] : [fault("metadata.name", name, problem, "give the component another one: --name")]),
    ...(list(expressions).length === 0 && Object.keys(labels).length > 0
      ? []
      : [
          fault(
            "spec.selector",
            at(deployment, "spec", "selector"),
            "but a component selects by matchLabels alone, and a selector can never change",
            "leave this Deployment out",
          ),
        ]),
    ...(list(at(deployment, "spec", "template", "spec", "containers")).length > 0
      ? []
      : [fault("spec.template.spec.containers", undefined, "but a pod has one at least", "give the whole Deployment")]),
  ];
  if (faults.length > 0) throw new FaultError(faults);
}

function imageOf({ file, deployment }: Group, image: string) {
  const [tagged = "", digest] = image.split("@");
  const [, repository = "", tag] = /^(.*?)(?::([^:/]+))?$/.exec(tagged) ?? [];
  if (digest !== undefined) return { repository, version: { digest } };
  if (tag !== undefined) return { repository, version: { version: tag } };
  const component = `${file} Deployment ${deployment.metadata.name}`;
  const problem = "but it has no tag, so nobody knows what runs";
  const remedy = "write the tag or digest that the pods run with";
  throw new FaultError([{ component, path: "spec.template.spec.containers.0.image", value: image, problem, remedy }]);
}

/** ConfigMaps that live on under their name, and the files in them. */
function configOf(mounted: string | undefined, read: readonly string[], found: Found, taken: Set<string>) {
  const kept: { config?: string; variables?: string } = {};
  const lost: string[] = [];
  const keep = (role: "config" | "variables", name: string) => {
    const configMap = found.configMaps.get(name);
    if (taken.has(name)) lost.push(`ConfigMap ${name} belongs to another component; this one gets a copy of its own`);
    else if (at(configMap, "immutable") === true || at(configMap, "binaryData") !== undefined) {
      lost.push(`ConfigMap ${name} is immutable or binary, and stays as it is; the component makes its own`);
    } else {
      taken.add(name);
      kept[role] = name;
    }
  };
  const files = textMap(at(found.configMaps.get(mounted ?? ""), "data"));
  if (mounted !== undefined && Object.keys(files).length > 0) keep("config", mounted);
  for (const [index, name] of read.entries()) {
    if (index === 0) keep("variables", name);
    else lost.push(`ConfigMap ${name} stays as it is; its variables stand with the component's others`);
  }
  return { kept, files, lost };
}

function scaleOf(autoscaler: KubernetesObject | undefined): Scale | undefined {
  if (autoscaler === undefined) return undefined;
  const metrics = list(at(autoscaler, "spec", "metrics"));
  const use = (name: string) =>
    number(
      metrics
        .filter((one) => at(one, "resource", "name") === name)
        .map((one) => at(one, "resource", "target", "averageUtilization"))[0],
    );
  const own = metrics.flatMap((one) => {
    const name = text(at(one, "pods", "metric", "name"));
    const average = text(at(one, "pods", "target", "averageValue"));
    return name === undefined || average === undefined ? [] : [{ name, average }];
  });
  const cpu = use("cpu") ?? number(at(autoscaler, "spec", "targetCPUUtilizationPercentage"));
  const decidesOtherwise = use("memory") !== undefined || own.length > 0;
  return {
    min: number(at(autoscaler, "spec", "minReplicas")) ?? 1,
    max: number(at(autoscaler, "spec", "maxReplicas")) ?? 1,
    ...given("cpu", cpu ?? (decidesOtherwise ? (false as const) : undefined)),
    ...given("memory", use("memory")),
    ...given("metrics", some(own)),
  };
}

function disruptionOf(budget: KubernetesObject | undefined, pods: number) {
  const share = (key: string) => number(at(budget, "spec", key)) ?? text(at(budget, "spec", key));
  const least = share("minAvailable");
  const most = share("maxUnavailable");
  const blocks =
    (least !== undefined && podCount(least, pods) >= pods) || (most !== undefined && podCount(most, pods) < 1);
  const disruption: Disruption = { ...given("minAvailable", least), ...given("maxUnavailable", most) };
  const note = `PodDisruptionBudget ${budget?.metadata.name}: of ${pods} pods it let no drain take one; one may go now`;
  return blocks ? { disruption: {}, notes: [note] } : { disruption, notes: [] };
}

/** The same time in all: what the hook does not sleep, and a margin, is for the requests that are left. */
function stoppingOf(pod: unknown, container: unknown) {
  const sleep = sleepOf(container);
  const grace = number(at(pod, "terminationGracePeriodSeconds")) ?? 30;
  const preStop = sleep ?? Math.min(5, Math.max(0, grace - 6));
  return {
    preStop: `${preStop}s`,
    drain: `${Math.max(1, grace - preStop - 5)}s`,
    gracePeriod: `${Math.max(grace, preStop + 2)}s`,
  };
}

function ownerOf(deployment: KubernetesObject): string | undefined {
  const labels = map(at(deployment, "metadata", "labels"));
  return ["fairlead.dev/owner", "owner", "team"].map((key) => text(labels[key])).find((one) => one !== undefined);
}

function namesOf(group: Group, name: string, config: Readonly<Record<string, string>>): NonNullable<Adopted["names"]> {
  const roles = ["serviceAccount", "deployment", "service", "headless", "autoscaler", "disruptionBudget"] as const;
  const different = roles.flatMap((role) => {
    const kept = group[role]?.metadata.name;
    const own = role === "headless" ? `${name}-headless` : name;
    return kept === undefined || kept === own ? [] : [[role, kept]];
  });
  const policy = group.networkPolicies.some(({ metadata }) => metadata.name === name);
  return { ...Object.fromEntries(different), ...config, ...(policy ? { networkPolicy: `${name}-component` } : {}) };
}

function keptObjects(
  group: Group,
  config: Readonly<Record<string, string>>,
  found: Found,
): Readonly<Record<string, KubernetesObject>> {
  const { file: _, networkPolicies: __, bound: ___, ...objects } = group;
  const maps = Object.entries(config).flatMap(([role, name]) => {
    const configMap = found.configMaps.get(name);
    return configMap === undefined ? [] : [[role, configMap] as const];
  });
  return { ...objects, ...Object.fromEntries(maps) };
}
