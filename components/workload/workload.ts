import * as z from "zod";
import { type Call, callShape } from "../core/call.ts";
import { type Duration, seconds } from "../core/duration.ts";
import type { Faults } from "../core/fault.ts";
import { labels } from "../core/name.ts";
import type { Leaf } from "../core/object.ts";
import { bytes, type Quantity, quantityValue } from "../core/quantity.ts";
import {
  checked,
  componentName,
  duration,
  filled,
  labelValue,
  leafText,
  maybe,
  namespaceName,
  partName,
  quantity,
  recordOf,
  type ShapeOf,
  strict,
  whereSound,
} from "../core/shape.ts";
import { type ConfigFiles, checkConfig, configShape, variablesOf, variablesShape } from "./config.ts";
import {
  type CompanionProps,
  checkPorts,
  companionShape,
  imageShape,
  type Security,
  securityShape,
} from "./container.ts";
import { type GoRuntime, goRuntimeShape } from "./go-runtime.ts";
import {
  checkResources,
  type ResolvedResources,
  type Resources,
  resolveResources,
  resourcesShape,
} from "./resources.ts";
import { checkSecrets, type Secrets, secretsShape } from "./secret.ts";

/** What every program that runs in pods has: services, workers and jobs. */
export interface WorkloadProps {
  /** DNS label of at most 52 characters; the name of nearly every object. */
  readonly name: string;
  readonly namespace: string;
  /** Image with a tag or digest. An Output of a build rolls exactly the pods that use it. */
  readonly image: Leaf<string>;
  /** The team that is called when it breaks. */
  readonly owner?: string;
  /** The application it belongs to. */
  readonly partOf?: string;
  /** What runs, for people and dashboards, such as "1.4.2". */
  readonly version?: string;
  /** @default the image's entrypoint */
  readonly command?: readonly Leaf<string>[];
  readonly args?: readonly Leaf<string>[];
  readonly resources?: Resources;
  /** The Go runtime's limits; false for a program that is not written in Go. @default derived from resources */
  readonly go?: GoRuntime | false;
  /** Files in /etc/<name>. A change rolls the pods, unless the file says reload. */
  readonly config?: ConfigFiles;
  /** Plain variables; a change rolls the pods. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Variables whose values only the engine knows, such as the address of a database it makes. */
  readonly outputs?: Readonly<Record<string, Leaf<string>>>;
  readonly secrets?: Secrets;
  /** Whom it calls. @default not declared: nothing is cut off. [] cuts off everything but DNS */
  readonly calls?: readonly Call[];
  /** Writable folders; the root file system is read-only. */
  readonly volumes?: Readonly<Record<string, WritableVolume>>;
  /** Containers that run beside it, started before and stopped after it. */
  readonly sidecars?: Readonly<Record<string, CompanionProps>>;
  /** Containers that run to their end before it starts, in this order. */
  readonly initContainers?: Readonly<Record<string, CompanionProps>>;
  /** Departures from the restricted defaults, each with its reason. */
  readonly security?: Security;
  /** Where the environment allows debugging. @default neither */
  readonly debug?: Debug;
  /** @default the namespace's */
  readonly priorityClass?: string;
}

/** A folder that the program may write to. */
export interface WritableVolume {
  /** Absolute path in the container. */
  readonly path: string;
  /** Most that may be written. @default "64Mi" */
  readonly size?: Quantity;
  /** Keeps it in memory, counted against the memory limit. @default false */
  readonly memory?: boolean;
  /** A PersistentVolumeClaim that outlives the pod. @default none: the folder goes with the pod */
  readonly claim?: string;
}

/** The size of a volume that says none. */
export const VOLUME_SIZE: Quantity = "64Mi";

/** Ways to look into a running program. Never in prod. */
export interface Debug {
  /** net/http/pprof on port 6060. The program reads PPROF_PORT. @default false */
  readonly pprof?: boolean;
  /** Runs the program under Delve, headless on port 2345; needs `command`, and dlv in the image. @default false */
  readonly delve?: boolean;
}

/** https://pkg.go.dev/net/http/pprof */
export const PPROF_PORT = 6060;
/** https://github.com/go-delve/delve */
export const DELVE_PORT = 2345;

const absolutePath = checked(z.string(), (path) =>
  /^(\/[^/:]+)+$/.test(path)
    ? undefined
    : ["but it is no absolute path of a folder, or has a slash or colon too many", 'use for example "/tmp"'],
);

export const workloadShape: ShapeOf<WorkloadProps> = {
  name: componentName,
  namespace: namespaceName,
  image: imageShape,
  owner: maybe(labelValue),
  partOf: maybe(labelValue),
  version: maybe(labelValue),
  command: maybe(z.array(leafText)),
  args: maybe(z.array(leafText)),
  resources: maybe(resourcesShape),
  go: maybe(z.union([goRuntimeShape, z.literal(false)])),
  config: maybe(configShape),
  variables: maybe(variablesShape),
  outputs: maybe(variablesOf(leafText)),
  secrets: maybe(secretsShape),
  calls: maybe(z.array(callShape)),
  volumes: maybe(
    recordOf(
      strict<WritableVolume>({
        path: absolutePath,
        size: maybe(quantity),
        memory: maybe(z.boolean()),
        claim: maybe(filled),
      }),
      partName,
    ),
  ),
  sidecars: maybe(recordOf(companionShape, partName)),
  initContainers: maybe(recordOf(companionShape, partName)),
  security: maybe(securityShape),
  debug: maybe(strict<Debug>({ pprof: maybe(z.boolean()), delve: maybe(z.boolean()) })),
  priorityClass: maybe(filled),
};

/** How a program that serves is stopped. */
export interface Stopping {
  /** Wait before the program is told to stop, while the last callers learn that it goes. @default "5s" */
  readonly preStop?: Duration;
  /** How long it may finish requests after it was told to stop. Read by the program as DRAIN_TIMEOUT. @default "30s" */
  readonly drain?: Duration;
  /** When it is killed, counted from the beginning. @default preStop + drain + 5 s */
  readonly gracePeriod?: Duration;
}

const wholeSeconds = checked(duration, (text) =>
  Number.isInteger(seconds(text)) ? undefined : ["but Kubernetes counts whole seconds here", 'use for example "5s"'],
);

export const stoppingShape: ShapeOf<Stopping> = {
  preStop: maybe(wholeSeconds),
  drain: maybe(wholeSeconds),
  gracePeriod: maybe(wholeSeconds),
};

/** Stopping with every default filled in, in seconds. */
export interface StoppingTimes {
  readonly preStop: number;
  readonly drain: number;
  readonly grace: number;
}

/** Seconds between the end of the drain and the kill, for flushing traces and closing files. */
const MARGIN = 5;

export function stoppingTimes(props: Stopping, preStopDefault: Duration = "5s"): StoppingTimes {
  const preStop = seconds(props.preStop ?? preStopDefault) ?? 0;
  const drain = seconds(props.drain ?? "30s") ?? 0;
  const grace = props.gracePeriod === undefined ? preStop + drain + MARGIN : (seconds(props.gracePeriod) ?? 0);
  return { preStop, drain, grace };
}

/** Notes a grace period that would kill the program while it still finishes requests. */
export function checkStopping(faults: Faults, props: Stopping, preStopDefault?: Duration): void {
  const { preStop, drain, grace } = stoppingTimes(props, preStopDefault);
  if (grace <= preStop + drain) {
    faults.add(
      "gracePeriod",
      props.gracePeriod,
      `but it ${preStop === 0 ? "" : `waits ${preStop} s and then `}drains up to ${drain} s, so it would be killed while it finishes requests`,
      `use "${preStop + drain + MARGIN}s", or a shorter drain`,
    );
  }
}

/** Volume names that the pod itself uses. */
const OWN_VOLUMES: readonly string[] = ["config", "secrets"];

/** Notes what no single property shows: clashes and references into nothing. */
export function checkWorkload(faults: Faults, props: WorkloadProps): void {
  whereSound(faults, props, ["resources", "sidecars", "initContainers"], (part) => {
    checkResources(faults, "resources", part.resources);
    for (const [path, companion] of companions(part)) checkResources(faults, `${path}.resources`, companion.resources);
  });
  whereSound(faults, props, ["resources", "volumes"], (part) => checkVolumeSizes(faults, part));
  whereSound(faults, props, ["config"], ({ config }) => checkConfig(faults, config));
  whereSound(faults, props, ["secrets"], ({ secrets }) => checkSecrets(faults, secrets));
  whereSound(faults, props, ["variables", "outputs", "secrets"], (part) => checkVariables(faults, part));
  whereSound(faults, props, ["name", "config", "secrets", "volumes"], (part) => checkVolumes(faults, part));
  whereSound(faults, props, ["name", "config", "volumes", "sidecars", "initContainers"], (part) =>
    checkCompanions(faults, part),
  );
  whereSound(faults, props, ["debug", "command"], ({ debug, command }) => {
    if (debug?.delve !== true || (command ?? []).length > 0) return;
    faults.add("command", command, "but Delve must be told what to run", 'give it, such as command: ["/order"]');
  });
}

/** Notes ports of one pod that two containers, or the program and a debugger, would fight over. */
export function checkPodPorts(
  faults: Faults,
  props: Pick<WorkloadProps, "debug" | "sidecars">,
  path: string,
  ports: Readonly<Record<string, number>>,
): void {
  checkPorts(faults, {
    [path]: ports,
    debug: debugPorts(props.debug),
    ...Object.fromEntries(
      Object.entries(props.sidecars ?? {}).map(([name, sidecar]) => [`sidecars.${name}.ports`, sidecar.ports]),
    ),
  });
}

/** Containers beside the main one, by the path at which they are declared. */
function companions(
  props: Pick<WorkloadProps, "sidecars" | "initContainers">,
): readonly (readonly [path: string, container: CompanionProps, name: string])[] {
  return (["sidecars", "initContainers"] as const).flatMap((group) =>
    Object.entries(props[group] ?? {}).map(([name, container]) => [`${group}.${name}`, container, name] as const),
  );
}

function checkVariables(faults: Faults, props: Pick<WorkloadProps, "variables" | "outputs" | "secrets">): void {
  const seen = new Map<string, string>();
  for (const source of ["variables", "outputs", "secrets"] as const) {
    for (const [name, value] of Object.entries(props[source] ?? {})) {
      if (source === "secrets" && typeof value === "object" && "file" in value && value.file === true) continue;
      const other = seen.get(name);
      if (other !== undefined)
        faults.add(`${source}.${name}`, name, `but ${other} sets that variable too`, "keep one of the two");
      seen.set(name, source);
    }
  }
}

function checkVolumes(faults: Faults, props: Pick<WorkloadProps, "name" | "config" | "secrets" | "volumes">): void {
  const paths = new Map<string, string>([
    ...(Object.keys(props.config ?? {}).length === 0 ? [] : [[`/etc/${props.name}`, "config"] as const]),
    ...(Object.values(props.secrets ?? {}).some(({ file }) => file === true)
      ? [["/run/secrets", "secrets"] as const]
      : []),
  ]);
  for (const [name, volume] of Object.entries(props.volumes ?? {})) {
    if (OWN_VOLUMES.includes(name)) {
      faults.add(`volumes.${name}`, name, "but the pod uses that name itself", `use another, such as "${name}-data"`);
    }
    const other = paths.get(volume.path);
    if (other !== undefined)
      faults.add(`volumes.${name}.path`, volume.path, `but ${other} is mounted there too`, "use another path");
    paths.set(volume.path, name);
    for (const property of ["size", "memory"] as const) {
      if (volume.claim === undefined || volume[property] === undefined) continue;
      faults.add(
        `volumes.${name}.${property}`,
        volume[property],
        `but the claim ${volume.claim} decides that`,
        `leave out ${property} or claim`,
      );
    }
  }
}

/** Notes folders that could never be filled: the pod would be evicted, or killed for its memory, before. */
function checkVolumeSizes(faults: Faults, props: Pick<WorkloadProps, "resources" | "volumes">): void {
  const { limits } = mainResources(props);
  const kinds = [
    ["memory", (volume: WritableVolume) => volume.memory === true, limits.memory],
    ["ephemeralStorage", (volume: WritableVolume) => volume.memory !== true, limits["ephemeral-storage"]],
  ] as const;
  for (const [kind, counts, limit] of kinds) {
    const size = volumeBytes(props.volumes, counts);
    if (size === 0 || size < (quantityValue(limit) ?? 0)) continue;
    faults.add(
      `resources.limits.${kind}`,
      limit,
      `but the volumes that count against it may hold ${bytes(size)}`,
      "raise the limit, or give the volumes a smaller size",
    );
  }
}

function checkCompanions(
  faults: Faults,
  props: Pick<WorkloadProps, "name" | "config" | "volumes" | "sidecars" | "initContainers">,
): void {
  const known = Object.keys(props.volumes ?? {});
  const names = new Map([[props.name, "the main container"]]);
  for (const [path, container, name] of companions(props)) {
    const namesake = names.get(name);
    if (namesake !== undefined) faults.add(path, name, `but ${namesake} has that name too`, "use another name");
    names.set(name, path);
    if (container.config === true && Object.keys(props.config ?? {}).length === 0) {
      faults.add(`${path}.config`, true, "but the component has no configuration files", "leave it out");
    }
    for (const volume of container.volumes ?? []) {
      if (known.includes(volume)) continue;
      const remedy =
        known.length === 0 ? `declare it: volumes: { ${volume}: { path: … } }` : `use one of ${known.join(", ")}`;
      faults.add(`${path}.volumes`, volume, "but the pod has no such volume", remedy);
    }
  }
}

/** What volumes without a claim may hold together. */
function volumeBytes(volumes: WorkloadProps["volumes"] = {}, counts: (volume: WritableVolume) => boolean): number {
  return Object.values(volumes)
    .filter((volume) => volume.claim === undefined && counts(volume))
    .reduce((sum, { size }) => sum + (quantityValue(size ?? VOLUME_SIZE) ?? 0), 0);
}

/** The main container's resources; what its volumes may hold comes on top of the default for ephemeral storage. */
export function mainResources(props: Pick<WorkloadProps, "resources" | "volumes">): ResolvedResources {
  return resolveResources(
    props.resources,
    volumeBytes(props.volumes, (volume) => volume.memory !== true),
  );
}

/** Ports that debugging opens. */
export function debugPorts(debug: Debug = {}): Readonly<Record<string, number>> {
  return {
    ...(debug.pprof === true ? { pprof: PPROF_PORT } : {}),
    ...(debug.delve === true ? { delve: DELVE_PORT } : {}),
  };
}

/** The labels of a workload's objects. */
export function workloadLabels(props: WorkloadProps, component: string): Readonly<Record<string, string>> {
  return labels({ name: props.name, partOf: props.partOf, owner: props.owner, version: props.version, component });
}
