import { Faults } from "../core/fault.ts";
import type { MetricRegistry } from "./metric.ts";
import { checkPromql } from "./promql.ts";
import type { RuleGroup } from "./slo/rule.ts";

/**
 * Parses every expression; a fault here is a slip of the rules, told before it reaches a cluster.
 * @throws FaultError for what is no PromQL, and for a metric or label that nobody exposes.
 */
export function checkRules(component: string, groups: readonly RuleGroup[], registry: MetricRegistry): void {
  const faults = new Faults(component);
  const recorded = new Set(
    groups.flatMap(({ rules }) => rules.flatMap((rule) => ("record" in rule ? [rule.record] : []))),
  );
  for (const group of groups) {
    for (const [index, rule] of group.rules.entries()) {
      checkPromql(faults, `${group.name}.${index}`, rule.expr, registry, recorded);
    }
  }
  faults.check();
}
