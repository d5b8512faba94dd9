import type { ClusterReader } from "../cluster-reader.ts";
import type { Resource } from "../state.ts";

/** The part that we read of an object in a cluster. */
export interface LiveObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly { readonly manager?: string; readonly time?: string }[];
  };
}

/** What tells which object it is. */
interface Named {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** Which object it is, whatever its version; undefined for what is none, or was given no name. */
export function identityOf(inputs: Named | undefined, namespaced = false): string | undefined {
  const { apiVersion, kind, metadata } = inputs ?? {};
  if (apiVersion === undefined || kind === undefined || metadata?.name === undefined) return undefined;
  const group = apiVersion.slice(0, Math.max(0, apiVersion.indexOf("/")));
  return [group, kind, metadata.namespace ?? (namespaced ? "default" : ""), metadata.name].join(" ");
}

/** A kind of objects, as the API server serves it. */
interface Served {
  readonly namespaced: boolean;
  /** Path of the objects of a namespace, or of all. */
  readonly path: (namespace?: string) => string;
}

/** An object of a cluster, and the API server's path of it. */
export interface FoundObject {
  readonly path: string;
  readonly object: unknown;
}

/** An object that is there; undefined when it is not, and for what is no object of a cluster. */
export async function findObject(read: ClusterReader, object: Resource["inputs"]): Promise<FoundObject | undefined> {
  const { name, namespace } = object?.metadata ?? {};
  const served = await servedAs(read, object);
  if (served === undefined || name === undefined) return undefined;
  const path = `${served.path(namespace)}/${name}`;
  const live = await read(path);
  return live === undefined ? undefined : { path, object: live };
}

/** Resources of one kind, and what the cluster has of that kind. */
export interface OfKind<R> {
  readonly resources: readonly R[];
  /** Which object each is, as far as it has a name. */
  readonly identity: (inputs: Resource["inputs"]) => string | undefined;
  /** Identity -> object, whatever its namespace. */
  readonly live: ReadonlyMap<string, LiveObject>;
}

/** Objects kind by kind, as the names of all objects of a kind come in one answer; nothing of kinds that the cluster does not know. */
export async function* byKind<R extends Resource>(
  read: ClusterReader,
  resources: readonly R[],
): AsyncGenerator<OfKind<R>> {
  const kinds = Map.groupBy(resources.filter(isObject), ({ inputs }) => `${inputs?.apiVersion} ${inputs?.kind}`);
  for (const ofKind of kinds.values()) {
    const inputs = ofKind[0]?.inputs;
    const served = await servedAs(read, inputs);
    if (served === undefined) continue;
    const list = (await read(served.path())) as { readonly items?: readonly LiveObject[] } | undefined;
    const identity = (one: Named | undefined) => identityOf(one, served.namespaced);
    const named = (list?.items ?? []).map((object) => [identity({ ...inputs, ...object }) ?? "", object] as const);
    yield { resources: ofKind, identity, live: new Map(named) };
  }
}

/** Whether it is an object of the cluster. */
export function isObject({ type, custom }: Resource): boolean {
  return custom !== false && type.startsWith("kubernetes:");
}

async function servedAs(read: ClusterReader, object: Resource["inputs"]): Promise<Served | undefined> {
  const { apiVersion, kind } = object ?? {};
  if (apiVersion === undefined || kind === undefined) return undefined;
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const list = (await read(root)) as
    | {
        readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced?: boolean }[];
      }
    | undefined;
  const found = list?.resources?.find((one) => one.kind === kind && !one.name.includes("/"));
  if (found === undefined) return undefined;
  return {
    namespaced: found.namespaced === true,
    path: (namespace) => `${root}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${found.name}`,
  };
}

/** What the Kubernetes provider calls the changes of one resource; undefined for what it did not make. */
function fieldManager({ metadata }: LiveObject): string | undefined {
  return metadata?.managedFields?.map(({ manager = "" }) => manager).find((one) => one.startsWith(PROVIDER));
}

const PROVIDER = "pulumi-kubernetes";

/** Whether the provider has written to it since then. The API server tells whole seconds. */
export function isWrittenSince({ metadata }: LiveObject, since: Date): boolean {
  const second = Math.floor(since.getTime() / 1000) * 1000;
  return (metadata?.managedFields ?? []).some(
    ({ manager = "", time = "" }) => manager.startsWith(PROVIDER) && Date.parse(time) >= second,
  );
}

/** A resource with what it came to, as the engine would have written it; a refresh then reads the rest. */
export function asMade<R extends Resource>(resource: R, live: LiveObject): R {
  const { inputs = {} } = resource;
  const manager = fieldManager(live);
  return {
    ...resource,
    id: idOf(inputs),
    // Under another name its next change would be in conflict with its first.
    outputs: {
      ...inputs,
      __inputs: inputs,
      __initialApiVersion: inputs.apiVersion,
      ...(manager === undefined ? {} : { __fieldManager: manager }),
    },
  };
}

/** As the Kubernetes provider spells it. */
function idOf({ metadata }: NonNullable<Resource["inputs"]>): string {
  const { name = "", namespace } = metadata ?? {};
  return namespace === undefined ? name : `${namespace}/${name}`;
}
