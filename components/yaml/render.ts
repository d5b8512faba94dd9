import { partOf } from "../core/delivery.ts";
import type { Environment } from "../core/environment.ts";
import { type Fault, FaultError } from "../core/fault.ts";
import type { KubernetesObject } from "../core/object.ts";
import { unplainFaults } from "../core/plain.ts";
import { toYamlDocuments, UnwritableError } from "../core/yaml-text.ts";

/**
 * Objects as YAML, a document each, in the order given. The same objects give the same bytes.
 * @throws FaultError with every value that must not or cannot stand in a file: a Secret's data, an Output, what is no JSON.
 */
export function toYaml(objects: Iterable<KubernetesObject>, component = "objects"): string {
  const faults: Fault[] = [];
  const text = textOf(
    component,
    Array.from(objects, (object) => [object.kind, object] as const),
    faults,
  );
  if (faults.length > 0) throw new FaultError(faults);
  return text;
}

/**
 * An environment as files: component -> YAML.
 * @throws FaultError with the faults of every component.
 */
export function renderEnvironment(environment: Environment): ReadonlyMap<string, string> {
  const faults: Fault[] = [];
  const files = new Map<string, string>();
  for (const [component, { objects }] of Object.entries(environment.members)) {
    files.set(component, textOf(component, Object.entries(objects), faults));
  }
  if (faults.length > 0) throw new FaultError(faults);
  return files;
}

/** A name that can stand in a path on every system. */
const FILE_NAME = /^[\w-][\w.-]*$/;

/**
 * An environment as files of its folder: path -> YAML. Delivered directly, a file for each component; by GitOps, a folder
 * for each with a file for each object that the repository owns, so that a review shows which object changes.
 * @throws FaultError with the faults of every component, and for names that cannot name a file.
 */
export function renderFiles(environment: Environment): ReadonlyMap<string, string> {
  const apart = environment.delivery === "gitops";
  const rendered = apart ? partOf(environment, "repository") : environment;
  const faults: Fault[] = [];
  const files = new Map<string, string>();
  const checkName = (component: string, path: string, name: string) => {
    if (FILE_NAME.test(name)) return;
    faults.push({ component, path, problem: "cannot name a file", remedy: "use letters, digits, hyphens, dots" });
  };
  for (const [component, { objects }] of Object.entries(rendered.members)) {
    checkName(component, "", component);
    if (!apart) files.set(`${component}.yaml`, textOf(component, Object.entries(objects), faults));
    else {
      for (const [role, object] of Object.entries(objects)) {
        checkName(component, role, role);
        files.set(`${component}/${role}.yaml`, textOf(component, [[role, object]], faults));
      }
    }
  }
  if (faults.length > 0) throw new FaultError(faults);
  return files;
}

/** Objects by role as documents. Where there is a fault the text is of no use, and nobody gets it. */
function textOf(component: string, objects: readonly (readonly [string, KubernetesObject])[], faults: Fault[]): string {
  const written = objects.filter(([role, object]) => !isRefused(component, role, object, faults));
  try {
    return toYamlDocuments(written.map(([, object]) => object));
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    for (const [role, object] of written) faults.push(...unplainFaults(component, role, object));
    return "";
  }
}

/** Notes a Secret that must not be written down. */
function isRefused(component: string, role: string, object: KubernetesObject, faults: Fault[]): boolean {
  if (object.kind !== "Secret" || object.apiVersion !== "v1" || !holdsData(object)) return false;
  faults.push({
    component,
    path: role,
    problem: "is a Secret with values, and rendered files are read by everyone who reads the repository",
    remedy: "fetch it from a store (store, key) or name a Secret that exists (secret, key)",
  });
  return true;
}

function holdsData(object: KubernetesObject): boolean {
  return ["data", "stringData"].some((key) => {
    const data: unknown = Reflect.get(object, key);
    return typeof data === "object" && data !== null && Object.keys(data).length > 0;
  });
}
