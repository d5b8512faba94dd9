import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AlertProps,
  type Objective,
  type Rule,
  type RuleGroup,
  type RuleTestOptions,
  rulesOf,
  ruleTests,
  serviceLevelRules,
} from "../../../components/observability/index.ts";
import { EVERY_KIND, OWN_METRICS, order } from "../../observability/order.ts";
import { openPromtool, type Promtool } from "./promtool.ts";

let promtool: Promtool;
beforeAll(async () => {
  promtool = await openPromtool();
});
afterAll(() => promtool.close());

const everything = serviceLevelRules(order({ objectives: EVERY_KIND, metrics: OWN_METRICS }));

// Tests run side by side in one folder.
let attempts = 0;

async function tried(objective: Objective, groups: readonly RuleGroup[], options: RuleTestOptions = {}) {
  const name = `${objective.id}-${attempts++}`;
  const rules = promtool.write(`${name}.rules.yml`, { groups: rulesOf(groups, objective) });
  const tests = promtool.write(`${name}.tests.yml`, ruleTests(rules, objective, options));
  return promtool.run("test", "rules", tests);
}

test("promtool accepts every generated rule", async () => {
  const file = promtool.write("order.rules.yml", { groups: everything.groups });
  const { passed, said } = await promtool.run("check", "rules", file);
  expect(said).toContain("SUCCESS");
  expect(passed).toBe(true);
});

describe.concurrent("rules page in time, end, and are silent without need", () => {
  test.for(everything.objectives.map((objective) => [objective.id, objective] as const))(
    "%s",
    async ([, objective]) => {
      const { passed, said } = await tried(objective, everything.groups);
      expect(said).not.toContain("FAILED");
      expect(passed).toBe(true);
    },
  );

  test("the rungs of long windows", async () => {
    const { objectives, groups } = serviceLevelRules(order());
    for (const objective of objectives) {
      const slow = await tried(objective, groups, { rungs: ["pageSlow"], errorRatios: [0.013] });
      expect(slow.said).not.toContain("FAILED");
      const ticket = await tried(objective, groups, { rungs: ["ticketFast"], errorRatios: [0.005] });
      expect(ticket.said).not.toContain("FAILED");
    }
  });

  test.for<[string, string, AlertProps]>([
    ["90 days", "90d", {}],
    ["a week", "7d", {}],
    ["a rung of one's own", "30d", { pageFast: { burnRate: 10, long: "2h" } }],
    ["no guard", "30d", { minimumBadEvents: 0 }],
  ])("%s", async ([, period, alerts]) => {
    const { objectives, groups } = serviceLevelRules(order({ period, alerts }));
    for (const objective of objectives) expect((await tried(objective, groups)).said).not.toContain("FAILED");
  });
});

describe.concurrent("rules that are wrong fail their tests", () => {
  const { objectives, groups } = serviceLevelRules(order());
  const changed = (change: (rule: Rule) => Rule) =>
    groups.map((group) => ({ ...group, rules: group.rules.map(change) }));
  const expression = (pattern: RegExp, by: string) => (rule: Rule) => ({
    ...rule,
    expr: rule.expr.replace(pattern, by),
  });
  const mean = "avg_over_time(slo:bad_ratio:rate5m[30d:5m])";

  test.for<[string, (rule: Rule) => Rule]>([
    ["a threshold that is too high", expression(/> 0\.0144/g, "> 0.0288")],
    ["a threshold that is too low", expression(/> 0\.0144/g, "> 0.0072")],
    ["a waiting time", (rule) => ("alert" in rule && rule.for === undefined ? { ...rule, for: "5m" } : rule)],
    ["no short window", expression(/ and slo:bad_ratio:rate5m\{[^}]*\} > [\d.]+/, "")],
    ["no guard against few requests", expression(/ and slo:bad:increase.*$/, "")],
    ["a division by nothing", expression(/clamp_min\((slo:total:rate5m\{[^}]*\}), 1e-12\)/, "$1")],
    [
      "a mean of ratios",
      (rule) => ("record" in rule && rule.record === "slo:bad_ratio:period" ? { ...rule, expr: mean } : rule),
    ],
    ["labels that do not match", expression(/ on\(\)/, "")],
    ["no alert for missing data", expression(/^absent\(.*\)$/, "vector(0) > 1")],
  ])("%s", async ([, change]) => {
    for (const objective of objectives) {
      const { passed, said } = await tried(objective, changed(change), { errorRatios: [0.15] });
      expect(said).toContain("FAILED");
      expect(passed).toBe(false);
    }
  });

  test("and promtool refuses what is no PromQL", async () => {
    const file = promtool.write("broken.yml", { groups: changed(expression(/\[5m\]/, "[5m")) });
    expect((await promtool.run("check", "rules", file)).passed).toBe(false);
  });
});
