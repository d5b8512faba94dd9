import type { Fault } from "../fault.ts";
import { didYouMean } from "../fault.ts";
import type { KubernetesObject } from "../object.ts";
import { exposedPorts } from "./selectors.ts";
import { ofKind, selected, selectedServices, type View } from "./view.ts";

interface Monitor extends KubernetesObject {
  readonly spec: {
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly endpoints?: readonly { readonly port?: string }[];
    readonly podMetricsEndpoints?: readonly { readonly port?: string }[];
  };
}

/** A scrape that matches nothing looks like a service without traffic. */
export function* scrapesMatch(view: View): Generator<Fault> {
  const group = "monitoring.coreos.com/v1";
  for (const kind of ["ServiceMonitor", "PodMonitor"] as const) {
    for (const { component, role, object } of ofKind<Monitor>(view.all, group, kind)) {
      const { selector, endpoints, podMetricsEndpoints } = object.spec;
      const { namespace } = object.metadata;
      const wanted = selector.matchLabels ?? {};
      const ports =
        kind === "PodMonitor"
          ? selected(view, namespace, wanted).map(({ template }) => [...exposedPorts(template)])
          : selectedServices(view, namespace, wanted).map(({ object: { spec } }) =>
              (spec?.ports ?? []).map(({ name }) => String(name)),
            );
      if (ports.length === 0) {
        yield {
          component,
          path: `${role}.selector`,
          value: selector.matchLabels,
          problem: `but no ${kind === "PodMonitor" ? "pod" : "Service"} of namespace ${object.metadata.namespace ?? "default"} has these labels`,
          remedy: "select labels that the scraped component carries",
        };
        continue;
      }
      for (const { port } of endpoints ?? podMetricsEndpoints ?? []) {
        if (port === undefined || ports.some((names) => names.includes(port))) continue;
        const remedy = didYouMean(port, new Set(ports.flat()));
        yield { component, path: `${role}.port`, value: port, problem: "but nothing it selects has that port", remedy };
      }
    }
  }
}
