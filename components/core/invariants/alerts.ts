import { didYouMean, type Fault } from "../fault.ts";
import type { KubernetesObject } from "../object.ts";
import { ofKind, type View } from "./view.ts";

type Rules = KubernetesObject & {
  readonly spec: {
    readonly groups?: readonly {
      readonly rules?: readonly { readonly alert?: string; readonly labels?: Readonly<Record<string, string>> }[];
    }[];
  };
};

type Routing = KubernetesObject & {
  readonly spec: {
    readonly route?: {
      readonly routes?: readonly {
        readonly matchers?: readonly { readonly name: string; readonly value?: string }[];
      }[];
    };
  };
};

/** An alert whose owner has no route calls nobody in particular. Where a namespace routes no alerts, somebody else does. */
export function* alertsHaveRoutes({ all }: View): Generator<Fault> {
  const routed = new Map<string, Set<string>>();
  for (const { object } of ofKind<Routing>(all, "monitoring.coreos.com/v1alpha1", "AlertmanagerConfig")) {
    const namespace = object.metadata.namespace ?? "";
    const owners = routed.get(namespace) ?? new Set();
    for (const { matchers = [] } of object.spec.route?.routes ?? []) {
      for (const { name, value } of matchers) if (name === "owner" && value !== undefined) owners.add(value);
    }
    routed.set(namespace, owners);
  }
  for (const { component, role, object } of ofKind<Rules>(all, "monitoring.coreos.com/v1", "PrometheusRule")) {
    const known = routed.get(object.metadata.namespace ?? "");
    if (known === undefined) continue;
    const owners = (object.spec.groups ?? []).flatMap(({ rules = [] }) =>
      rules.flatMap(({ alert, labels }) =>
        alert === undefined || labels?.["owner"] === undefined || labels["severity"] === "none"
          ? []
          : [labels["owner"]],
      ),
    );
    for (const owner of new Set(owners)) {
      if (known.has(owner)) continue;
      yield {
        component,
        path: `${role}.owner`,
        value: owner,
        problem: "but no alert of that owner is routed to anybody",
        remedy: didYouMean(owner, known),
      };
    }
  }
}
