import { groupOf, identity, isOutput, type KubernetesObject } from "../core/object.ts";
import { inside, itemsInside } from "../core/plain.ts";

/** Properties that name another object, wherever in a spec they stand: kind of the object, and where its name is. */
const REFERENCES: Readonly<Record<string, readonly [kind: string, ...name: string[]]>> = {
  serviceAccountName: ["v1 ServiceAccount"],
  configMap: ["v1 ConfigMap", "name"],
  configMapRef: ["v1 ConfigMap", "name"],
  configMapKeyRef: ["v1 ConfigMap", "name"],
  secret: ["v1 Secret", "name"],
  secretRef: ["v1 Secret", "name"],
  secretKeyRef: ["v1 Secret", "name"],
  secretName: ["v1 Secret"],
  claimName: ["v1 PersistentVolumeClaim"],
  serviceName: ["v1 Service"],
  stableService: ["v1 Service"],
  canaryService: ["v1 Service"],
  activeService: ["v1 Service"],
  previewService: ["v1 Service"],
  templateName: ["argoproj.io/v1alpha1 AnalysisTemplate"],
};

/** Properties that name another object with its kind, and the kind where none is said; one of them, or a list. */
const KINDED: Readonly<Record<string, string>> = {
  scaleTargetRef: "Deployment",
  workloadRef: "Deployment",
  targetRef: "",
  targetRefs: "",
  roleRef: "",
  secretStoreRef: "SecretStore",
  parentRefs: "Gateway",
};

/** What an object refers to, as words that other objects give. */
export function needsOf(object: KubernetesObject): readonly string[] {
  const { apiVersion, kind, metadata } = object;
  const needs = [`kind ${groupOf(apiVersion)}/${kind}`];
  if (metadata.namespace !== undefined) needs.push(`v1 Namespace /${metadata.namespace}`);
  // A definition speaks of kinds, and its schema has properties of any name.
  if (kind !== "CustomResourceDefinition") {
    walk(inside(object, "spec"), metadata.namespace ?? "", needs);
    const role = inside(object, "roleRef");
    if (role !== undefined)
      needs.push(`any ${inside(role, "kind")} ${metadata.namespace ?? ""}/${inside(role, "name")}`);
  }
  return needs;
}

/** The words by which an object may be needed. A secret that is fetched is given by whoever fetches it. */
export function givesOf(object: KubernetesObject): readonly string[] {
  const { apiVersion, kind, metadata } = object;
  const place = `${metadata.namespace ?? ""}/${metadata.name}`;
  const gives = [`${apiVersion} ${kind} ${place}`, `any ${kind} ${place}`];
  if (kind === "CustomResourceDefinition") {
    gives.push(`kind ${inside(object, "spec", "group")}/${inside(object, "spec", "names", "kind")}`);
  }
  const secret = fetchedSecret(object);
  return secret === undefined ? gives : [...gives, `v1 Secret ${metadata.namespace ?? ""}/${secret}`];
}

function fetchedSecret(object: KubernetesObject): string | undefined {
  const { kind, metadata } = object;
  const named =
    kind === "ExternalSecret"
      ? (inside(object, "spec", "target", "name") ?? metadata.name)
      : inside(object, "spec", "secretName");
  if (kind !== "ExternalSecret" && kind !== "Certificate") return undefined;
  return typeof named === "string" ? named : undefined;
}

function walk(value: unknown, namespace: string, needs: string[]): void {
  if (typeof value !== "object" || value === null || isOutput(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) walk(item, namespace, needs);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (Object.hasOwn(REFERENCES, key)) note(REFERENCES[key] ?? [""], inner, namespace, needs);
    else if (Object.hasOwn(KINDED, key)) noteKinded(KINDED[key] ?? "", inner, namespace, needs);
    // A route leads to Services, and through them to pods: see waves.
    else if (key === "backendRefs" || key === "destination" || key === "backend") noteBackends(inner, namespace, needs);
    else walk(inner, namespace, needs);
  }
}

function note(
  [kind, ...path]: readonly [string, ...string[]],
  value: unknown,
  namespace: string,
  needs: string[],
): void {
  // A volume's Secret is named by secretName where a projected one has name.
  const name = path.length === 0 ? value : (inside(value, ...path) ?? inside(value, "secretName"));
  if (typeof name === "string" && inside(value, "optional") !== true) needs.push(`${kind} ${namespace}/${name}`);
}

function noteKinded(otherwise: string, value: unknown, namespace: string, needs: string[]): void {
  for (const one of Array.isArray(value) ? value : [value]) {
    const { kind = otherwise, name, namespace: other = namespace } = Object(one) as Record<string, unknown>;
    if (typeof name === "string") needs.push(`any ${kind} ${other}/${name}`);
  }
}

function noteBackends(value: unknown, namespace: string, needs: string[]): void {
  for (const one of Array.isArray(value) ? value : [value]) {
    const name = inside(one, "name") ?? inside(one, "service", "name") ?? inside(one, "host");
    if (typeof name === "string")
      needs.push(`pods behind ${inside(one, "namespace") ?? namespace}/${name.split(".")[0]}`);
  }
}

/** Labels of the pods that an object runs; undefined where it runs none. */
export function podLabels(object: KubernetesObject): Readonly<Record<string, unknown>> | undefined {
  const template = inside(object, "spec", "template");
  if (itemsInside(template, "spec", "containers").length === 0) return undefined;
  return Object(inside(template, "metadata", "labels")) as Record<string, unknown>;
}

/** What a Service selects by; undefined for everything else. */
export function serviceSelector(object: KubernetesObject): Readonly<Record<string, unknown>> | undefined {
  if (identity(object).split(" ")[0] !== "Service" || object.apiVersion !== "v1") return undefined;
  const selector = inside(object, "spec", "selector");
  return typeof selector === "object" && selector !== null && !isOutput(selector)
    ? (selector as Record<string, unknown>)
    : undefined;
}
