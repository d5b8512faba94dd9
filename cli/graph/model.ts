import type { Environment } from "../../components/core/environment.ts";
import { view } from "../../components/core/invariants/view.ts";
import type { KubernetesObject } from "../../components/core/object.ts";
import { requests } from "../diff/requests.ts";
import { podsText } from "../diff/rolls.ts";
import { type Link, links } from "../links.ts";

/** What stands in the picture. */
export interface Node {
  readonly name: string;
  readonly kind: "service" | "worker" | "job" | "data" | "gateway" | "host" | "part";
  /** The team that is called; "" where nobody is named. */
  readonly owner: string;
  /** How many pods, such as "2 to 10 pods". */
  readonly pods: string;
  readonly objects: readonly KubernetesObject[];
}

/** An environment as services and what is between them. */
export interface Model {
  readonly environment: string;
  /** Every component, every host outside and every gateway that somebody else owns. */
  readonly nodes: readonly Node[];
  readonly links: readonly Link[];
  /** What more than half of all workloads rely on, such as a collector: named, and not drawn with a line to each. */
  readonly shared: ReadonlySet<string>;
}

/** Below so many, lines to one place are still read. */
const FEW = 5;

export function modelOf(environment: Environment): Model {
  const seen = view(environment);
  const found = links(seen);
  const pods = Map.groupBy(requests(seen), ({ component }) => component);
  const components = Object.entries(environment.members).map(([name, { objects }]): Node => {
    const own = Object.values(objects);
    const counts = (pods.get(name) ?? []).map((one) => podsNoun(podsText(one), one.per));
    return { name, kind: kindOf(own), owner: ownerOf(own), pods: counts.join(" and "), objects: own };
  });
  const known = new Set(components.map(({ name }) => name));
  const outside = new Map<string, Node>();
  for (const { to, kind } of found) {
    if (known.has(to)) continue;
    const place = kind === "host" ? "host" : kind === "route" ? "gateway" : "part";
    outside.set(to, { name: to, kind: place, owner: "", pods: "", objects: [] });
  }
  return {
    environment: environment.name,
    nodes: [...components, ...outside.values()],
    links: found,
    shared: sharedOf(found, pods.size),
  };
}

function podsNoun(count: string, per: "pod" | "node" | "run"): string {
  if (per === "run") return `${count} while it runs`;
  return per === "node" || count === "1"
    ? `${count.replace(/^1 a/, "1 pod a")}${per === "node" ? "" : " pod"}`
    : `${count} pods`;
}

/** What a component is, by the objects that it consists of. */
function kindOf(objects: readonly KubernetesObject[]): Node["kind"] {
  const has = (...kinds: readonly string[]) => objects.some(({ kind }) => kinds.includes(kind));
  if (has("StatefulSet", "PersistentVolumeClaim")) return "data";
  if (has("CronJob", "Job")) return "job";
  if (has("Gateway")) return "gateway";
  if (has("Deployment", "Rollout", "DaemonSet")) return has("Service") ? "service" : "worker";
  return "part";
}

function ownerOf(objects: readonly KubernetesObject[]): string {
  for (const { metadata } of objects) {
    const owner = metadata.labels?.["fairlead.dev/owner"];
    if (owner !== undefined) return owner;
  }
  return "";
}

function sharedOf(found: readonly Link[], workloads: number): ReadonlySet<string> {
  const users = new Map<string, Set<string>>();
  for (const { from, to, kind } of found) {
    if (kind === "within" || kind === "route") continue;
    users.set(to, (users.get(to) ?? new Set()).add(from));
  }
  return new Set([...users].flatMap(([to, by]) => (by.size > FEW && by.size * 2 > workloads ? [to] : [])));
}

/** The lines of the picture: who reaches whom, routes from the gateway to the service. */
export function drawnLinks({ links: all, shared }: Model): readonly Link[] {
  const seen = new Set<string>();
  return all
    .filter(({ kind, to }) => kind !== "within" && !shared.has(to))
    .map((link) => (link.kind === "route" ? { ...link, from: link.to, to: link.from } : link))
    .filter(({ from, to }) => {
      const key = `${from}\n${to}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}
