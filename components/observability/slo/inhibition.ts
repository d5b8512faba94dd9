import { BURN_RATE_ALERT } from "./alerts.ts";

/** A label's condition, as Alertmanager and its custom resource both have it. */
export interface LabelMatcher {
  readonly name: string;
  readonly value: string;
  readonly matchType: "=" | "=~";
}

/** While the source fires, the target is not sent where these labels are equal. */
export interface Inhibition {
  readonly source: readonly LabelMatcher[];
  readonly target: readonly LabelMatcher[];
  readonly equal: readonly string[];
}

const FASTEST_FIRST = ["page-fast", "page-slow", "ticket-fast", "ticket-slow"];

/** Of one objective's rungs only the fastest that fires is sent: whoever is awake needs no ticket about the same errors. */
export function sloInhibitions(): readonly Inhibition[] {
  const alert: LabelMatcher = { name: "alertname", value: BURN_RATE_ALERT, matchType: "=" };
  return FASTEST_FIRST.slice(0, -1).map((rung, index) => ({
    source: [alert, { name: "rung", value: rung, matchType: "=" }],
    target: [alert, { name: "rung", value: FASTEST_FIRST.slice(index + 1).join("|"), matchType: "=~" }],
    equal: ["namespace", "slo"],
  }));
}
