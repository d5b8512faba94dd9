import { seconds } from "../../core/duration.ts";
import { BACKING_ALERTS } from "./backing.ts";
import { CERTIFICATE_ALERTS } from "./certificate.ts";
import { GO_ALERTS } from "./go-runtime.ts";
import type { AlertRow } from "./row.ts";
import { SERVICE_ALERTS } from "./service.ts";
import { type AlertKey, type BoundUnit, boundKey } from "./settings.ts";
import { WORKLOAD_ALERTS } from "./workload-health.ts";

/** Every alert beside the objectives' own, by the name that settings use. */
export const ALERT_TABLE: Readonly<Record<AlertKey, AlertRow>> = {
  ...SERVICE_ALERTS,
  ...GO_ALERTS,
  ...WORKLOAD_ALERTS,
  ...CERTIFICATE_ALERTS,
  ...BACKING_ALERTS,
};

/** The number that an expression compares with: the change's, or the row's own. */
export function boundOf(row: AlertRow, change: object): number {
  if (row.bound === undefined) return 0;
  const { unit, value } = row.bound;
  const own: unknown = Reflect.get(change, boundKey(unit));
  return numberOf(unit, typeof own === "string" || typeof own === "number" ? own : value);
}

function numberOf(unit: BoundUnit, value: string | number): number {
  if (typeof value === "number") return value;
  // Rounds away what binary fractions add.
  if (unit === "share") return Number((Number(value.slice(0, -1)) / 100).toPrecision(10));
  return seconds(value) ?? 0;
}
