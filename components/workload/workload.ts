import * as z from "zod";
import { type Call, callShape } from "../core/call.ts";
import { labels } from "../core/name.ts";
import type { Leaf } from "../core/object.ts";
import { type Quantity, quantityValue } from "../core/quantity.ts";
import {
  absolutePath,
  componentName,
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
} from "../core/shape.ts";
import { type ConfigFiles, configShape, variablesOf, variablesShape } from "./config.ts";
import { type CompanionProps, companionShape, imageShape, type Security, securityShape } from "./container.ts";
import { type GoRuntime, goRuntimeShape } from "./go-runtime.ts";
import { type ResolvedResources, type Resources, resolveResources, resourcesShape } from "./resources.ts";
import { type Secrets, secretsShape } from "./secret.ts";

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

/** What volumes without a claim may hold together. */
export function volumeBytes(
  volumes: WorkloadProps["volumes"] = {},
  counts: (volume: WritableVolume) => boolean,
): number {
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
