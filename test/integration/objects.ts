import type { KubernetesObject } from "../../components/index.ts";
import { clusterApi, readKubeconfig } from "../../toolchain/cluster-api.ts";
import type { KindReference } from "../../toolchain/crds.ts";

/** What the API server keeps for itself and what changes with each write. */
const OWN: readonly string[] = ["managedFields", "resourceVersion", "generation"];

/** A cluster's objects, as its API server has them. */
export interface ClusterObjects {
  readonly read: (object: KubernetesObject) => Promise<KubernetesObject>;
  /** What a server-side apply would make of it, unknown fields refused. Nothing is changed. */
  readonly dryRun: (object: KubernetesObject) => Promise<KubernetesObject>;
  /** Makes or changes it, by a server-side apply. */
  readonly apply: (object: KubernetesObject) => Promise<void>;
  readonly remove: (object: KubernetesObject) => Promise<void>;
  /** Those of a kind in a namespace. */
  readonly listKind: (kind: KindReference, namespace: string) => Promise<readonly KubernetesObject[]>;
  readonly list: (apiVersion: string, plural: string, namespace?: string) => Promise<readonly KubernetesObject[]>;
}

export function clusterObjects(kubeconfig: string): ClusterObjects {
  const api = clusterApi(readKubeconfig(kubeconfig));
  const plurals = new Map<string, ReadonlyMap<string, string>>();
  const root = (apiVersion: string) => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);
  const pluralsOf = async (apiVersion: string) => {
    const { resources } = (await api(root(apiVersion))) as {
      readonly resources: readonly { readonly name: string; readonly kind: string }[];
    };
    return new Map(resources.filter(({ name }) => !name.includes("/")).map(({ name, kind }) => [kind, name]));
  };
  const pluralOf = async ({ apiVersion, kind }: KindReference) => {
    // Kinds of a group come with the environments that use them.
    if (plurals.get(apiVersion)?.has(kind) !== true) plurals.set(apiVersion, await pluralsOf(apiVersion));
    return plurals.get(apiVersion)?.get(kind);
  };
  const folderOf = async (kind: KindReference, namespace: string | undefined) =>
    `${root(kind.apiVersion)}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${await pluralOf(kind)}`;
  const pathOf = async (object: KubernetesObject) =>
    `${await folderOf(object, object.metadata.namespace)}/${object.metadata.name}`;
  const items = async (folder: string) =>
    ((await api(folder)) as { readonly items: readonly KubernetesObject[] }).items;
  const patch = async (object: KubernetesObject, query = "") =>
    api(`${await pathOf(object)}?force=true&fieldManager=fairlead-test&fieldValidation=Strict${query}`, {
      method: "PATCH",
      body: object,
      contentType: "application/apply-patch+yaml",
    });
  return {
    read: async (object) => stripped(await api(await pathOf(object))),
    dryRun: async (object) => stripped(await patch(object, "&dryRun=All")),
    apply: async (object) => {
      await patch(object);
    },
    remove: async (object) => {
      await api(await pathOf(object), { method: "DELETE" });
    },
    listKind: async (kind, namespace) => items(await folderOf(kind, namespace)),
    list: async (apiVersion, plural, namespace) =>
      items(`${root(apiVersion)}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plural}`),
  };
}

function stripped(object: unknown): KubernetesObject {
  const copy = object as KubernetesObject & { readonly metadata: Record<string, unknown> };
  for (const key of OWN) delete copy.metadata[key];
  return copy;
}
