import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { deliveryNotifications } from "../../components/index.ts";
import {
  alertRouting,
  type PrometheusRule,
  serviceAlertRules,
  serviceLevelRules,
} from "../../components/observability/index.ts";
import type { AlertRule } from "../../components/observability/slo/rule.ts";
import { EVERY_KIND, OWN_METRICS, order } from "./order.ts";
import { everyReceiver } from "./routing.ts";
import { watchedJob, watchedService } from "./watched.ts";

const folder = new URL("../../docs/runbooks/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".md"));
const groups = [
  ...serviceLevelRules(order({ objectives: EVERY_KIND, metrics: OWN_METRICS })).groups,
  ...serviceAlertRules(watchedService()),
  ...serviceAlertRules(watchedService({ workload: "rollout" })),
  ...serviceAlertRules(watchedJob()),
];
const watchdog = alertRouting(everyReceiver())["watchdog"] as PrometheusRule;
const notifications = deliveryNotifications({
  name: "notifications",
  namespace: "argocd",
  owner: "platform",
  alertmanagers: ["alertmanager:9093"],
});
/** What Argo CD tells Alertmanager: no rule of Prometheus', and an alert all the same. */
const deliveries = Object.entries(notifications.config.data ?? {}).flatMap(([key, text]) => {
  if (!key.startsWith("template.")) return [];
  const { labels, annotations } = parse(String(text)).alertmanager;
  return [{ alert: labels.alertname, annotations } as Pick<AlertRule, "alert" | "annotations">];
});
const alerts = [
  ...[...groups, ...(watchdog.spec.groups ?? [])].flatMap(({ rules }) =>
    (rules ?? []).filter((rule): rule is AlertRule => "alert" in rule),
  ),
  ...deliveries,
];
const runbookOf = ({ annotations }: Pick<AlertRule, "annotations">) =>
  annotations["runbook_url"]?.split("/").at(-1) ?? "";

describe("every alert has a runbook, and every runbook an alert", () => {
  test.each([...new Map(alerts.map((rule) => [rule.alert, rule]))])("%s", (name, rule) => {
    expect(files).toContain(runbookOf(rule));
    expect(readFileSync(new URL(runbookOf(rule), folder), "utf8")).toContain(name);
  });

  test.each(files)("%s", (file) => {
    expect(alerts.map(runbookOf)).toContain(file);
  });
});
