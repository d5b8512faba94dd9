import type { SyntaxNode } from "@lezer/common";
import { seconds } from "../../core/duration.ts";
import { promqlTree } from "../promql.ts";
import type { RuleGroup } from "./rule.ts";
import { SUM_INTERVAL } from "./window.ts";

/** How much there is to read. */
export interface Load {
  /** Series behind a selector of raw counters. */
  readonly series: (selector: string) => number;
  /** Seconds between two scrapes. */
  readonly scrape: number;
}

/** Samples that evaluating the rules reads each hour, told by the form of their expressions. */
export function samplesPerHour(groups: readonly RuleGroup[], load: Load): number {
  let total = 0;
  for (const { interval, rules } of groups) {
    const evaluations = 3600 / (seconds(interval) ?? 3600);
    for (const { expr } of rules) total += evaluations * samplesRead(expr, load);
  }
  return Math.round(total);
}

/** Samples that one evaluation of an expression reads. */
export function samplesRead(expression: string, load: Load): number {
  let total = 0;
  promqlTree(expression).iterate({
    enter: ({ type, node }) => {
      if (type.name !== "VectorSelector") return;
      const name = expression.slice(node.from, node.to);
      const recorded = name.startsWith("slo:");
      total += (recorded ? 1 : load.series(name)) * points(node, expression, recorded ? SUM_INTERVAL : load.scrape);
    },
  });
  return total;
}

/** Points of each series: as many as the range holds, as often as a subquery asks. */
function points(selector: SyntaxNode, expression: string, spacing: number): number {
  let count = 1;
  for (let node = selector.parent; node !== null; node = node.parent) {
    const lengths = node
      .getChildren("DurationExpr")
      .map((child) => seconds(expression.slice(child.from, child.to)) ?? 0);
    const [range = 0, step = 60] = lengths;
    if (node.type.name === "MatrixSelector") count *= range / spacing;
    if (node.type.name === "SubqueryExpr") count *= range / step;
  }
  return count;
}
