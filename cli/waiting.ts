import type { Environment } from "../components/core/environment.ts";
import { inside, itemsInside } from "../components/core/plain.ts";
import type { Report } from "../toolchain/index.ts";
import { type ClusterReader, clusterReader } from "./cluster-reader.ts";
import type { Session } from "./session.ts";
import { namespacesOf } from "./status.ts";

/** How often it is looked for pods that wait, in milliseconds. */
const EVERY = 10_000;

/**
 * While something is applied, says why pods are not ready where the cluster knows a reason that does not go by itself: no
 * node has room, an image cannot be had, a program ends. Each reason of each component once.
 * @returns What ends it.
 */
export function tellWaiting(session: Session, environment: Environment, report: Report): () => void {
  const told = new Set<string>();
  const namespaces = namespacesOf(environment);
  let reader: Promise<ClusterReader> | undefined;
  const look = async () => {
    reader ??= clusterReader(session);
    const found = await waitingPods(await reader, namespaces);
    const news = found.filter(({ component, reason }) => !told.has(`${component} ${reason}`));
    for (const { component, reason } of news) told.add(`${component} ${reason}`);
    for (const line of waitingLines(news)) report.say(line);
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    // What the engine does is not disturbed by a cluster that does not answer us.
    void look()
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  }, EVERY);
  return () => clearInterval(timer);
}

/** A component whose pods wait, and what for. */
export interface Waiting {
  readonly component: string;
  readonly reason: string;
}

async function waitingPods(read: ClusterReader, namespaces: readonly string[]): Promise<readonly Waiting[]> {
  const lists = await Promise.all(namespaces.map((one) => read(`/api/v1/namespaces/${one}/pods`)));
  const before = Date.now() - EVERY;
  return lists
    .flatMap((list) => itemsInside(list, "items"))
    .filter((pod) => Date.parse(String(inside(pod, "metadata", "creationTimestamp"))) < before)
    .flatMap((pod) => {
      const reason = reasonOf(pod);
      return reason === undefined ? [] : [{ component: componentOf(pod), reason }];
    });
}

function componentOf(pod: unknown): string {
  return String(inside(pod, "metadata", "labels", "app.kubernetes.io/name") ?? inside(pod, "metadata", "name"));
}

/** Reasons of the kubelet that are part of every start. */
const USUAL: readonly unknown[] = ["ContainerCreating", "PodInitializing"];

/** Why a pod is not ready; undefined where it is, is on its way, or is on its way out. */
export function reasonOf(pod: unknown): string | undefined {
  if (inside(pod, "metadata", "deletionTimestamp") !== undefined) return undefined;
  const unscheduled = itemsInside(pod, "status", "conditions").find(
    (one) => inside(one, "type") === "PodScheduled" && inside(one, "status") === "False",
  );
  // What the scheduler says of pods that it could push out is no help to whoever waits for this one.
  if (unscheduled !== undefined) {
    return `no node takes them: ${String(inside(unscheduled, "message") ?? "").replace(/\.? preemption: .*$/, "")}`;
  }
  const containers = ["initContainerStatuses", "containerStatuses"].flatMap((key) => itemsInside(pod, "status", key));
  for (const container of containers) {
    const waiting = inside(container, "state", "waiting");
    const reason = inside(waiting, "reason");
    if (waiting === undefined || reason === undefined || USUAL.includes(reason)) continue;
    const last = inside(container, "lastState", "terminated");
    if (last !== undefined) return `the program ended with ${endOf(last)}, ${String(reason)}`;
    // The kubelet names the pod in it, which would make each pod's reason another.
    const message = String(inside(waiting, "message") ?? "").replace(/ pod=\S+$/, "");
    return [String(reason), message].filter((text) => text !== "").join(": ");
  }
  return undefined;
}

function endOf(terminated: unknown): string {
  const reason = inside(terminated, "reason");
  const code = String(inside(terminated, "exitCode"));
  return reason === undefined || reason === "Error" ? code : `${code} (${String(reason)})`;
}

/** More components than this are counted and not named. */
const NAMED = 3;

/** A line for each reason. */
export function waitingLines(waiting: readonly Waiting[]): readonly string[] {
  return [...Map.groupBy(waiting, ({ reason }) => reason)].map(([reason, some]) => {
    const names = [...new Set(some.map(({ component }) => component))];
    const rest = names.length - NAMED;
    const who = rest > 0 ? `${names.slice(0, NAMED).join(", ")} and ${rest} more` : names.join(", ");
    return `  pods of ${who} wait: ${reason}`;
  });
}
