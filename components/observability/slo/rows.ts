import { promqlDuration } from "../promql.ts";
import type { Detection, Evidence } from "./evidence.ts";
import { percent } from "./rung.ts";

/** A table as rows of cells, the first row as the heading. */
export type Rows = readonly (readonly string[])[];

/** The ladder of an objective. */
export function rungRows({ rungs }: Evidence): Rows {
  return [
    ["rung", "severity", "burn rate", "long", "short", "errors above", "budget spent"],
    ...rungs.map((rung) => [
      rung.label,
      rung.severity,
      String(rung.burnRate),
      promqlDuration(rung.long),
      promqlDuration(rung.short),
      percent(rung.threshold),
      percent(rounded(rung.budgetSpent)),
    ]),
  ];
}

/** When somebody is told, at each share of errors. */
export function detectionRows({ detection }: Evidence): Rows {
  return [
    ["errors", "first page after", "at most", "by", "budget spent by then"],
    ...detection.map(({ errorRatio, page, alert }: Detection) =>
      page === undefined
        ? [percent(errorRatio), alert === undefined ? "never: within the budget" : "never: a ticket only", "", "", ""]
        : [percent(errorRatio), span(page.seconds), span(page.atMost), page.rung, percent(rounded(page.budgetSpent))],
    ),
  ];
}

/** 1066000 -> "1,066,000". */
export function grouped(amount: number): string {
  return String(amount).replace(/\B(?=(\d{3})+$)/g, ",");
}

function rounded(ratio: number): number {
  return Number(ratio.toPrecision(3));
}

/** Seconds for people: 51.84 -> "52 s", 1036.8 -> "17.3 min". */
export function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${tenth(seconds / 60)} min`;
  return seconds < 172_800 ? `${tenth(seconds / 3600)} h` : `${tenth(seconds / 86_400)} d`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
