import type { Environment } from "../../components/core/environment.ts";
import { didYouMean, type Fault, FaultError } from "../../components/core/fault.ts";
import type { KubernetesObject } from "../../components/core/object.ts";

/** One entry of a list as `pulumi import --file` reads it. https://www.pulumi.com/docs/iac/guides/migration/import/ */
export interface ImportEntry {
  /** The engine's type, such as "kubernetes:apps/v1:Deployment". */
  readonly type: string;
  readonly name: string;
  /** As the Kubernetes provider spells it: "<namespace>/<name>". Absent for a component. */
  readonly id?: string;
  /** Name of the component. */
  readonly parent?: string;
  /** A component exists in the engine's state alone. */
  readonly component?: true;
}

export interface ImportList {
  readonly resources: readonly ImportEntry[];
}

/** The engine's type of an object of a built-in kind. */
export function typeToken({ apiVersion, kind }: Pick<KubernetesObject, "apiVersion" | "kind">): string {
  return `kubernetes:${apiVersion.includes("/") ? "" : "core/"}${apiVersion}:${kind}`;
}

/** The provider's id of an object. */
export function objectId({ metadata }: Pick<KubernetesObject, "metadata">): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** The list for those objects of an environment that are there already: components first, then what belongs to them. */
export function importList(environment: Environment, isThere: (object: KubernetesObject) => boolean): ImportList {
  return {
    resources: Object.entries(environment.members).flatMap(([name, { type, objects }]): readonly ImportEntry[] => {
      const there = Object.entries(objects).filter(([, object]) => isThere(object));
      if (there.length === 0) return [];
      return [
        { type, name, component: true },
        ...there.map(([role, object]) => ({
          type: typeToken(object),
          name: `${name}-${role}`,
          id: objectId(object),
          parent: name,
        })),
      ];
    }),
  };
}

/**
 * A list from a file.
 * @throws FaultError for what is no list, and for every object that the environment does not have under that name: once
 * imported, the next up would delete it.
 */
export function readImportList(text: string, file: string, environment: Environment): ImportList {
  const list = parsed(text, file);
  const known = importList(environment, () => true).resources;
  const faults = list.resources.flatMap((entry): readonly Fault[] => {
    if (known.some((one) => one.type === entry.type && one.name === entry.name && one.id === entry.id)) return [];
    const same = known.find((one) => one.name === entry.name);
    const place = { component: file, path: entry.name, value: entry.id ?? entry.type };
    if (same === undefined) {
      const problem = `but ${environment.name} declares no such object, and the next up would delete it`;
      const members = Object.keys(environment.members);
      const remedy =
        entry.component === true ? didYouMean(entry.name, members) : "add the entry to the catalogue first";
      return [{ ...place, problem, remedy }];
    }
    const problem = `but ${environment.name} declares ${same.id ?? same.type} there`;
    return [{ ...place, problem, remedy: "name it in the entry's adopted.names, or write the list anew" }];
  });
  if (faults.length > 0) throw new FaultError(faults);
  return list;
}

function parsed(text: string, file: string): ImportList {
  const remedy = "write it with fairlead adopt";
  try {
    const value: unknown = JSON.parse(text);
    const resources: unknown = Reflect.get(Object(value), "resources");
    if (Array.isArray(resources) && resources.every(isEntry)) return { resources };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FaultError([{ component: file, path: "", problem: `is no JSON: ${error.message}`, remedy }]);
  }
  const problem = "is no list of resources with type, name, id and parent";
  throw new FaultError([{ component: file, path: "", problem, remedy }]);
}

function isEntry(value: unknown): value is ImportEntry {
  if (typeof value !== "object" || value === null) return false;
  const { type, name, id, component } = value as Partial<Record<keyof ImportEntry, unknown>>;
  return typeof type === "string" && typeof name === "string" && (component === true || typeof id === "string");
}
