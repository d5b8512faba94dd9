import type { Fault } from "../fault.ts";
import { didYouMean } from "../fault.ts";
import type { PodTemplate } from "../kind.ts";
import { selected, type View } from "./view.ts";

/** A Service, budget or policy that selects no pod does nothing, and nobody would notice. */
export function* selectorsMatch(view: View): Generator<Fault> {
  const selectors = [
    ...view.services.map((one) => [one, one.object.spec?.selector] as const),
    ...view.disruptionBudgets.map((one) => [one, one.object.spec?.selector?.matchLabels] as const),
    // An empty selector means every pod of the namespace, which is right even while there is none.
    ...view.networkPolicies.map((one) => [one, one.object.spec?.podSelector?.matchLabels] as const),
  ];
  for (const [{ component, role, object }, labels] of selectors) {
    if (labels === undefined || Object.keys(labels).length === 0 || madeByController(labels)) continue;
    if (selected(view, object.metadata.namespace, labels).length > 0) continue;
    yield {
      component,
      path: `${role}.selector`,
      value: labels,
      problem: `but no pod of namespace ${object.metadata.namespace ?? "default"} has these labels`,
      remedy: "select labels that a workload of this environment carries",
    };
  }
}

/** Labels of pods that no workload of an environment makes: cert-manager's answers to challenges, and a Gateway's proxies. */
const OF_CONTROLLERS = ["acme.cert-manager.io/http01-solver", "gateway.networking.k8s.io/gateway-name"];

function madeByController(labels: Readonly<Record<string, unknown>>): boolean {
  return OF_CONTROLLERS.some((label) => Object.hasOwn(labels, label));
}

/** A Service port that leads to a port nobody listens on. */
export function* servicePortsExist(view: View): Generator<Fault> {
  for (const { component, role, object } of view.services) {
    const selector = object.spec?.selector;
    if (selector === undefined) continue;
    for (const workload of selected(view, object.metadata.namespace, selector)) {
      const exposed = exposedPorts(workload.template);
      for (const port of object.spec?.ports ?? []) {
        const target = port.targetPort ?? port.port;
        if (typeof target !== "string" || exposed.has(target)) continue;
        yield {
          component,
          path: `${role}.ports.${String(port.name ?? port.port)}`,
          value: target,
          problem: `but no container of ${workload.component} exposes a port of that name`,
          remedy: didYouMean(target, exposed),
        };
      }
    }
  }
}

/** The names of all ports that a pod exposes. */
export function exposedPorts(template: PodTemplate): ReadonlySet<string> {
  const names = new Set<string>();
  for (const containers of [template.spec?.containers, template.spec?.initContainers]) {
    for (const { ports } of containers ?? []) {
      for (const { name } of ports ?? []) if (typeof name === "string") names.add(name);
    }
  }
  return names;
}
