import { type Fault, FaultError, gather } from "../../components/core/fault.ts";
import { identity } from "../../components/core/object.ts";
import { type Catalogue, components, type Environment, type KubernetesObject } from "../../components/index.ts";
import { fromYaml } from "../../components/yaml/index.ts";
import { differences } from "./differences.ts";
import { componentName, type Derived, derive } from "./entry.ts";
import { group, type Source } from "./group.ts";
import { type ImportList, importList } from "./import-list.ts";

/** What adopting would write and say. */
export interface Plan {
  /** Component name -> catalogue's entry. */
  readonly entries: Catalogue;
  /** Component name -> what is this environment's own. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly list: ImportList;
  /** Component name -> lines of what is not carried over. */
  readonly notes: Readonly<Record<string, readonly string[]>>;
  /** Objects that stay as they are, belonging to no component. */
  readonly left: readonly string[];
}

export interface PlanOptions {
  /** File name -> its text. */
  readonly files: ReadonlyMap<string, string>;
  /** Where objects stand that name no namespace. */
  readonly namespace: string;
  readonly partOf: string;
  /** What the environment has already. */
  readonly environment: Environment;
  readonly name?: string | undefined;
  readonly owner?: string | undefined;
}

/**
 * Reads what runs and says what it becomes. Pure: nothing is looked up in a cluster.
 * @throws FaultError with everything that is no YAML, is there twice, or could not be kept.
 */
export function plan(options: PlanOptions): Plan {
  const { namespace, partOf, environment } = options;
  const sources = readFiles(options);
  const found = group(sources);
  const { groups } = found;
  if (options.name !== undefined && groups.length > 1) {
    const value = groups.map(({ deployment }) => deployment.metadata.name).join(", ");
    const problem = "but one name cannot be given to several";
    throw new FaultError([{ component: "--name", path: "", value, problem, remedy: "adopt them one at a time" }]);
  }
  const services = new Map(
    groups.flatMap((one) =>
      one.service === undefined ? [] : [[one.service.metadata.name, componentName(one, options.name)]],
    ),
  );
  const taken = new Set<string>();
  const derived = Object.values(
    gather(
      groups.map((one) => [
        one.deployment.metadata.name,
        () => derive(one, found, { name: options.name, owner: options.owner, services, taken }),
      ]),
    ),
  );
  const entries = Object.fromEntries(derived.map(({ name, entry }) => [name, entry]));
  const settings = Object.fromEntries(derived.map((one) => [one.name, one.settings]));
  const members = components(entries, {
    ...{ namespace, partOf, version: "0", replicas: 1, autoscaling: true },
    overrides: settings,
  });
  const kept = new Map(derived.flatMap((one) => Object.values(one.kept).map((object) => [identity(object), one.name])));
  refuseCollisions(derived, members, sources, kept);
  const isNamespace = ({ kind, metadata }: KubernetesObject) => kind === "Namespace" && metadata.name === namespace;
  const all = { ...environment, members: { ...environment.members, ...members } };
  return {
    entries,
    settings,
    list: importList(all, (object) => isNamespace(object) || kept.has(identity(object))),
    notes: Object.fromEntries(derived.map((one) => [one.name, [...one.notes, ...lostFields(one, members)]])),
    left: sources.flatMap(({ object }) =>
      kept.has(identity(object)) || isNamespace(object) ? [] : [`${object.kind} ${object.metadata.name}`],
    ),
  };
}

/** Every object with the namespace that it stands in. */
function readFiles({ files, namespace }: PlanOptions): readonly Source[] {
  const read = gather([...files].map(([file, text]) => [file, () => Object.values(fromYaml(text, { file }))]));
  const sources = Object.entries(read).flatMap(([file, objects]) => objects.map((object) => ({ file, object })));
  const faults: Fault[] = [];
  const placed = sources.map(({ file, object }) => {
    const { metadata } = object;
    if (isClusterWide(object)) return { file, object };
    if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
      const problem = `but the environment's objects stand in ${namespace}`;
      const remedy = `adopt it for the environment in ${metadata.namespace}, or give that with --namespace`;
      const component = `${file} ${object.kind} ${metadata.name}`;
      faults.push({ component, path: "metadata.namespace", value: metadata.namespace, problem, remedy });
    }
    return { file, object: { ...object, metadata: { ...metadata, namespace } } };
  });
  if (faults.length > 0) throw new FaultError(faults);
  return placed;
}

/** Kinds without a namespace that come along with a service. */
function isClusterWide({ kind }: KubernetesObject): boolean {
  return /^(Namespace|PriorityClass|StorageClass|PersistentVolume|CustomResourceDefinition|Cluster.*|.*WebhookConfiguration)$/.test(
    kind,
  );
}

/** An object of the component that bears the name of one that stays outside would overwrite it. */
function refuseCollisions(
  derived: readonly Derived[],
  members: Environment["members"],
  sources: readonly Source[],
  kept: ReadonlyMap<string, string>,
): void {
  const others = new Map(sources.map(({ file, object }) => [identity(object), { file, object }]));
  const faults = derived.flatMap(({ name }) =>
    Object.entries(members[name]?.objects ?? {}).flatMap(([role, object]): readonly Fault[] => {
      const other = others.get(identity(object));
      if (other === undefined || kept.has(identity(object))) return [];
      const component = `${other.file} ${object.kind} ${object.metadata.name}`;
      const problem = `cannot live on in the component ${name} and has the name of its ${role}, which would overwrite it`;
      const remedy =
        object.kind === "Service"
          ? "let a Service of type ClusterIP bear the name, and the other another"
          : "give the component another name: --name";
      return [{ component, path: "", problem, remedy }];
    }),
  );
  if (faults.length > 0) throw new FaultError(faults);
}

function lostFields({ name, kept }: Derived, members: Environment["members"]): readonly string[] {
  return Object.entries(kept).flatMap(([role, original]) =>
    differences(original, members[name]?.objects[role]).map(
      (line) => `${original.kind} ${original.metadata.name}: ${line}`,
    ),
  );
}
