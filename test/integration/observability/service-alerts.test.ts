import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALERT_TABLE, boundOf } from "../../../components/observability/alerts/table.ts";
import {
  type AlertChange,
  alertTests,
  type RuleGroup,
  type ServiceAlertsProps,
  serviceAlertRules,
} from "../../../components/observability/index.ts";
import type { AlertRule } from "../../../components/observability/slo/rule.ts";
import { watchedJob, watchedService } from "../../observability/watched.ts";
import { openPromtool, type Promtool } from "./promtool.ts";

let promtool: Promtool;
beforeAll(async () => {
  promtool = await openPromtool();
});
afterAll(() => promtool.close());

// Tests run side by side in one folder.
let attempts = 0;

/** What promtool says of rules when they are tried by the tests of these props. */
async function tried(groups: readonly RuleGroup[], props: ServiceAlertsProps) {
  const name = `${props.name}-${attempts++}`;
  const rules = promtool.write(`${name}.rules.yml`, { groups });
  return promtool.run("test", "rules", promtool.write(`${name}.tests.yml`, alertTests(rules, props)));
}

const CASES: readonly (readonly [string, ServiceAlertsProps])[] = [
  ["a service by OpenTelemetry", watchedService()],
  ["a service whose versions take over step by step", watchedService({ workload: "rollout" })],
  ["a service by Prometheus' client", watchedService({ instrumentation: "prometheus" })],
  ["a job", watchedJob()],
  [
    "a service that changed its alerts",
    watchedService({ alerts: { errorRatio: { above: "5%", for: "2m" }, kafkaLag: { above: 100 } } }),
  ],
];

describe.concurrent("alerts fire in the bad case and stay silent in the good one", () => {
  test.for(CASES)("%s", async ([, props]) => {
    const file = promtool.write(`${attempts++}.rules.yml`, { groups: serviceAlertRules(props) });
    const checked = await promtool.run("check", "rules", file);
    expect(checked.said).toContain("SUCCESS");
    const { passed, said } = await tried(serviceAlertRules(props), props);
    expect(said).not.toContain("FAILED");
    expect(passed).toBe(true);
  });
});

/** Each alert alone, with the settings that leave out the others. */
const ALONE = Object.entries(ALERT_TABLE).map(([key, row]) => {
  const others = Object.fromEntries(
    Object.keys(ALERT_TABLE).flatMap((other) => (other === key ? [] : [[other, false]])),
  );
  const workload = key.startsWith("rollout") ? "rollout" : "deployment";
  const props = (change: AlertChange = {}) => {
    const alerts = { ...others, [key]: change };
    return key.startsWith("job") ? watchedJob({ alerts }) : watchedService({ alerts, workload });
  };
  return [row.alert, { key, row, props }] as const;
});

describe.concurrent("rules that are wrong fail their tests", () => {
  test.for(ALONE)("%s", async ([, { row, props }]) => {
    const groups = serviceAlertRules(props());
    const changed = (change: Partial<AlertRule>) =>
      groups.map((group) => ({ ...group, rules: group.rules.map((rule) => ({ ...rule, ...change })) }));
    const wrong: Record<string, readonly RuleGroup[]> = {
      "never fires": changed({ expr: "vector(0) > 1" }),
      "always fires": changed({ expr: "vector(1)" }),
      "does not wait": changed({ for: "0s" }),
      "waits too long": changed({ for: "2d" }),
    };
    if (row.bound !== undefined) {
      const { unit } = row.bound;
      const bound = boundOf(row, {});
      for (const [what, factor] of [
        ["too high a bound", 2],
        ["too low a bound", 0.5],
      ] as const) {
        const value = bound * factor;
        // Two times 95 % is no share.
        const text = unit === "share" ? `${Math.min(99.9, value * 100)}%` : unit === "count" ? value : `${value}s`;
        wrong[what] = serviceAlertRules(props({ [unit === "timeLeft" ? "below" : "above"]: text } as AlertChange));
      }
    }
    for (const [what, rules] of Object.entries(wrong)) {
      const { said } = await tried(rules, props());
      expect(said, what).toContain("FAILED");
    }
  });
});
