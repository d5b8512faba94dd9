import type { Environment } from "../core/environment.ts";
import { type Fault, FaultError } from "../core/fault.ts";
import { isOutput, type KubernetesObject, type Objects } from "../core/object.ts";
import { toYamlValue, UnwritableError } from "../core/yaml-text.ts";

/**
 * Objects as YAML, a document each, in the order given. The same objects give the same bytes.
 * @throws FaultError with every value that must not or cannot stand in a file: a Secret's data, an Output, what is no JSON.
 */
export function toYaml(objects: Iterable<KubernetesObject>, component = "objects"): string {
  const faults: Fault[] = [];
  const documents: string[] = [];
  for (const object of objects) documents.push(document(component, object.kind, object, faults));
  if (faults.length > 0) throw new FaultError(faults);
  return documents.join("---\n");
}

/**
 * An environment as files: component -> YAML.
 * @throws FaultError with the faults of every component.
 */
export function renderEnvironment(environment: Environment): ReadonlyMap<string, string> {
  const faults: Fault[] = [];
  const files = new Map<string, string>();
  for (const [component, { objects }] of Object.entries(environment.members)) {
    files.set(component, memberText(component, objects, faults));
  }
  if (faults.length > 0) throw new FaultError(faults);
  return files;
}

function memberText(component: string, objects: Objects, faults: Fault[]): string {
  return Object.entries(objects)
    .map(([role, object]) => document(component, role, object, faults))
    .join("---\n");
}

function document(component: string, role: string, object: KubernetesObject, faults: Fault[]): string {
  if (object.kind === "Secret" && object.apiVersion === "v1" && holdsData(object)) {
    faults.push({
      component,
      path: role,
      problem: "is a Secret with values, and rendered files are read by everyone who reads the repository",
      remedy: "fetch it from a store (store, key) or name a Secret that exists (secret, key)",
    });
    return "";
  }
  try {
    return toYamlValue(object);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    faults.push(...unwritable(component, role, object));
    return "";
  }
}

function holdsData(object: KubernetesObject): boolean {
  return ["data", "stringData"].some((key) => {
    const data: unknown = Reflect.get(object, key);
    return typeof data === "object" && data !== null && Object.keys(data).length > 0;
  });
}

/** Every value of an object that cannot be written, with its path; values that only an engine knows are never shown. */
function unwritable(component: string, path: string, value: unknown): readonly Fault[] {
  if (isOutput(value)) {
    return [
      {
        component,
        path,
        problem: "is an Output, which only the engine can resolve",
        remedy: "give a plain value for rendering, or deliver this environment with `pulumi up`",
      },
    ];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => unwritable(component, `${path}.${index}`, item));
  const prototype: unknown = typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
  if (typeof value === "object" && value !== null && (prototype === Object.prototype || prototype === null)) {
    return Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : unwritable(component, `${path}.${key}`, inner),
    );
  }
  if (
    value === null ||
    typeof value === "boolean" ||
    (typeof value === "string" && value.isWellFormed()) ||
    Number.isFinite(value)
  )
    return [];
  return [
    {
      component,
      path,
      value: String(value),
      problem: "but YAML has no such value",
      remedy: "give text, a number, a list or an object",
    },
  ];
}
