import { describe, expect, test } from "vitest";
import { Faults } from "../../components/core/fault.ts";
import loadTest from "../../components/observability/dashboards/load-test.json" with { type: "json" };
import service from "../../components/observability/dashboards/service.json" with { type: "json" };
import sloOverview from "../../components/observability/dashboards/slo-overview.json" with { type: "json" };
import { type DashboardsProps, dashboards, serviceLevelRules } from "../../components/observability/index.ts";
import { metricRegistry } from "../../components/observability/metric.ts";
import { checkPromql } from "../../components/observability/promql.ts";
import { dashboardFiles } from "../../dashboards/index.ts";
import { faultsOf } from "../core/faults-of.ts";
import { order } from "./order.ts";

const files = { "load-test": loadTest, service, "slo-overview": sloOverview };
const props: DashboardsProps = {
  name: "dashboards",
  namespace: "telemetry",
  watched: "shop",
  prometheus: "prometheus-shop",
};

interface Panel {
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly gridPos?: { readonly x: number; readonly w: number };
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr: string }[];
  readonly panels?: readonly Panel[];
}

const panelsOf = (panels: readonly Panel[]): readonly Panel[] =>
  panels.flatMap((panel) => [panel, ...panelsOf(panel.panels ?? [])]);

/** What a dashboard asks Prometheus. Grafana fills in the interval and what is chosen at its top. */
function questions(dashboard: (typeof files)[keyof typeof files]): readonly string[] {
  const { list = [] } = dashboard.annotations as { readonly list?: readonly { readonly expr?: string }[] };
  return [
    ...panelsOf(dashboard.panels as readonly Panel[]).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...list.flatMap(({ expr }) => (expr === undefined ? [] : [expr])),
  ].map((expression) => expression.replaceAll("$__rate_interval", "5m"));
}

/** What the rules of an objective record beside what the table knows. */
const recorded = new Set(
  serviceLevelRules(order()).groups.flatMap(({ rules }) =>
    rules.flatMap((rule) => ("record" in rule ? [rule.record] : [])),
  ),
);

function faultsIn(expressions: readonly string[]): Faults["found"] {
  const faults = new Faults("dashboard");
  for (const expression of expressions) checkPromql(faults, "expr", expression, metricRegistry(), recorded);
  return faults.found;
}

describe.each(Object.entries(files))("%s", (name, dashboard) => {
  test("is what npm run dashboards writes", () => {
    expect(dashboard).toEqual(JSON.parse(JSON.stringify(dashboardFiles()[name])));
  });

  test("asks in PromQL, for metrics and labels that exist", () => {
    expect(questions(dashboard).length).toBeGreaterThan(4);
    expect(faultsIn(questions(dashboard))).toEqual([]);
  });

  test("offers what exists to choose from", () => {
    const queries = (dashboard.templating.list as readonly { readonly query?: unknown }[]).flatMap(({ query }) =>
      typeof query === "string" && query.startsWith("label_values(") ? [query] : [],
    );
    expect(queries.length).toBeGreaterThan(1);
    for (const query of queries) {
      const [, selector = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      expect(faultsIn([`count by (${label}) (${selector})`])).toEqual([]);
    }
  });

  test("says of each picture what it means and in which unit, and stays on the page", () => {
    for (const { type, title, description, fieldConfig, gridPos } of panelsOf(dashboard.panels as readonly Panel[])) {
      if (type === "row") continue;
      expect(description?.length, title).toBeGreaterThan(10);
      expect(fieldConfig?.defaults?.unit, title).toBeTypeOf("string");
      expect((gridPos?.x ?? 0) + (gridPos?.w ?? 99), title).toBeLessThanOrEqual(24);
    }
  });
});

test("a metric that nobody exposes and a query that is none are seen", () => {
  expect(faultsIn(["rate(http_server_request_duration_second_count[5m])"])).toHaveLength(1);
  expect(faultsIn(["sum(rate(up[5m])"])).toHaveLength(1);
});

describe("in an environment", () => {
  test("they are ConfigMaps for Grafana's sidecar", () => {
    for (const { metadata } of Object.values(dashboards(props))) {
      expect(metadata.labels).toMatchObject({ grafana_dashboard: "1" });
      expect(metadata.annotations).toEqual({ grafana_folder: "Fairlead" });
    }
  });

  test("they begin with its own namespace and Prometheus, and stand beside those of others", () => {
    const read = (watched: string) => {
      const [text = ""] = Object.values(dashboards({ ...props, watched }).service.data ?? {});
      return JSON.parse(String(text)) as typeof service;
    };
    const current = (name: string) =>
      (read("shop").templating.list as readonly { readonly name: string; readonly current?: unknown }[]).find(
        (one) => one.name === name,
      )?.current;
    expect(current("namespace")).toMatchObject({ value: "shop" });
    expect(current("datasource")).toMatchObject({ value: "prometheus-shop" });
    expect(read("shop").uid).not.toBe(read("other").uid);
  });

  test("a namespace that is none is refused", () => {
    expect(faultsOf(() => dashboards({ ...props, watched: "No Namespace" }))).toHaveLength(1);
  });
});
