import type { KubernetesObject } from "../../components/core/object.ts";
import { at } from "../value.ts";
import { shownValue } from "./changed-value.ts";
import { type FieldChange, pathText } from "./fields.ts";
import { type ObjectChange, objectName } from "./objects.ts";
import type { Requests } from "./requests.ts";

/** Pods that are made anew. */
export interface Roll {
  readonly component: string;
  readonly workload: string;
  /** How many: "3", "3 to 10", "1 a node". */
  readonly pods: string;
  /** What of their template changed; of configuration the files and variables. */
  readonly reasons: readonly string[];
  /** When it happens. */
  readonly when: "at once" | "step by step" | "when a pod is deleted" | "at the next run";
}

/** Workloads whose pods a change makes anew, and why. */
export function rolls(changes: readonly ObjectChange[], requests: readonly Requests[]): readonly Roll[] {
  const configs = configKeys(changes);
  const sizes = new Map(requests.map((one) => [`${one.component} ${one.workload}`, one]));
  return changes.flatMap((change) => {
    const { after, component, fields, renamed } = change;
    if (change.what !== "changed" || after === undefined || renamed) return [];
    const template = templatePath(after);
    const ofTemplate = template === undefined ? [] : fields.filter(({ path }) => startsWith(path, template));
    if (template === undefined || ofTemplate.length === 0) return [];
    const reasons = ofTemplate.map((field) => reason(field, template.length, component, configs));
    const workload = objectName(after);
    const pods = podsText(sizes.get(`${component} ${workload}`));
    return [{ component, workload, pods, reasons: [...new Set(reasons)], when: whenOf(after) }];
  });
}

/** Where an object describes its pods. */
function templatePath(object: KubernetesObject): readonly string[] | undefined {
  if (object.kind === "CronJob") return ["spec", "jobTemplate"];
  return at(object, "spec", "template", "spec", "containers") === undefined ? undefined : ["spec", "template"];
}

function whenOf(object: KubernetesObject): Roll["when"] {
  if (object.kind === "CronJob") return "at the next run";
  if (object.kind === "Rollout") return "step by step";
  return at(object, "spec", "updateStrategy", "type") === "OnDelete" ? "when a pod is deleted" : "at once";
}

/** Pods of a workload for people. */
export function podsText(one: Requests | undefined): string {
  if (one === undefined) return "";
  if (one.per === "node") return "1 a node";
  return one.least === one.most ? String(one.least) : `${one.least} to ${one.most}`;
}

/** Name of a ConfigMap -> its files or variables that changed. */
function configKeys(changes: readonly ObjectChange[]): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  for (const { component, after, fields } of changes) {
    if (after?.kind !== "ConfigMap") continue;
    const changed = fields.flatMap(({ path }) => (path[0] === "data" && path[1] !== undefined ? [path[1]] : []));
    keys.set(`${component} ${after.metadata.name}`, changed);
  }
  return keys;
}

const CONFIG_HASH = "fairlead.dev/config-hash";

function reason(
  field: FieldChange,
  depth: number,
  component: string,
  configs: ReadonlyMap<string, readonly string[]>,
): string {
  const path = field.path.slice(depth);
  const last = path.at(-1) ?? "";
  if (last === CONFIG_HASH) {
    const kept = [...configs].filter(([place]) => place.startsWith(`${component} `)).flatMap(([, keys]) => keys);
    return named("configuration", kept);
  }
  if (last === "name" && /^configMap(?:Ref|KeyRef)?$/.test(path.at(-2) ?? "")) {
    const keys = configs.get(`${component} ${String(field.after)}`);
    if (keys !== undefined) return named("configuration", keys);
  }
  const [, list = "", container = "", what = "", variable = ""] = path;
  const value = shownValue("", field);
  if (!/^(?:initC|c)ontainers$/.test(list) || what === "") return `${pathText(path)} ${value}`;
  const of = container === `[${component}]` ? "" : ` of ${container.slice(1, -1)}`;
  if (what === "image") return `image${of} ${imageValue(field) ?? value}`;
  if (what === "env" && variable !== "") return `variable ${variable.slice(1, -1)}${of} ${value}`;
  return `${pathText(path.slice(3))}${of} ${value}`;
}

function named(what: string, keys: readonly string[]): string {
  return keys.length === 0 ? what : `${what} ${keys.join(", ")}`;
}

/** Tags alone where the repository stays. */
function imageValue({ before, after }: FieldChange): string | undefined {
  const parts = [before, after].map((one) => /^(.*?)(?:[:@])([^/]+)$/.exec(String(one)));
  const [old, now] = parts;
  return old?.[1] !== undefined && old[1] === now?.[1] ? `${old[2]} → ${now[2]}` : undefined;
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((part, index) => path[index] === part);
}
