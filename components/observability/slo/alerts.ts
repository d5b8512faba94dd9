import { seconds } from "../../core/duration.ts";
import { actionLabel } from "../alerts/settings.ts";
import { promqlDuration } from "../promql.ts";
import type { Objective } from "./objective.ts";
import { countName, RECORDED, ratioName, recordedSelector } from "./recorded.ts";
import type { AlertRule } from "./rule.ts";
import { percent, type Rung, tidy } from "./rung.ts";

export const BURN_RATE_ALERT = "SloBurnRate";
export const ABSENT_DATA_ALERT = "SloAbsentData";

/** Counts are extrapolated: half an event absorbs that. */
const HALF_AN_EVENT = 0.5;
/** Standard deviations above what a service that just meets its objective has by chance; a page comes for no less. */
const DEVIATIONS = 4;

/** Bad events that a rung waits for, while its long window holds so many events of all kinds. */
export function eventsNeeded(objective: Objective, rung: Rung, events: number): number {
  if (objective.minimumBadEvents === 0) return 0;
  const chance = rung.severity === "page" ? DEVIATIONS * Math.sqrt(objective.budget * events) : 0;
  return Math.max(objective.minimumBadEvents, Math.ceil(objective.minimumBadEvents - HALF_AN_EVENT + chance));
}

/** The condition that enough events were bad to mean something. */
function guard(objective: Objective, rung: Rung, s: string): string {
  if (objective.minimumBadEvents === 0) return "";
  const count = `${countName(rung.long)}${s}`;
  const least = tidy(objective.minimumBadEvents - HALF_AN_EVENT);
  if (rung.severity === "ticket") return ` and ${count} > ${least}`;
  // Bad events by their share are all events.
  const expected = `${objective.budget} * ${count} / ${ratioName(rung.long)}${s}`;
  return ` and ${count} > ${least} + ${DEVIATIONS} * sqrt(${expected})`;
}

/** The alert of one rung: both windows burn, and enough events were bad to mean something. */
export function burnRateAlert(objective: Objective, rung: Rung, runbooks: string): AlertRule {
  const s = recordedSelector(objective);
  const { long, short, threshold, burnRate } = rung;
  const [longText, periodText] = [promqlDuration(long), promqlDuration(objective.period)];
  const gone = promqlDuration(Math.round(objective.period / burnRate / 60) * 60);
  return {
    alert: BURN_RATE_ALERT,
    expr: `${ratioName(long)}${s} > ${threshold} and ${ratioName(short)}${s} > ${threshold}${guard(objective, rung, s)}`,
    labels: { ...alertLabels(objective, rung.severity, rung.label), ...actionsOf(objective, rung) },
    annotations: {
      summary: `${objective.service}: ${objective.name} burns its error budget at more than ${burnRate === 1 ? "" : `${burnRate} times `}the even rate`,
      description: `{{ $value | humanizePercentage }} of events were bad over ${longText}; ${rung.severity}s above ${percent(threshold)} over ${longText} and ${promqlDuration(short)}. Promised: ${objective.promise}. At ${burnRate} times the even rate the whole budget of ${periodText} lasts ${gone}.`,
      runbook_url: `${runbooks}/slo-burn-rate.md`,
    },
  };
}

/** What a responder may do about a page: slow requests may want more pods, failed ones do not get better by them. */
function actionsOf(objective: Objective, rung: Rung): { readonly actions?: string } {
  if (rung.severity !== "page") return {};
  return actionLabel(objective.bound === undefined ? ["diagnose"] : ["diagnose", "scale"]);
}

/** The alert that tells that the others are blind. */
export function absenceAlert(
  objective: Objective,
  absence: NonNullable<Objective["absence"]>,
  runbooks: string,
): AlertRule {
  const s = recordedSelector(objective);
  return {
    alert: ABSENT_DATA_ALERT,
    expr: `absent(${RECORDED.ratio}${s})`,
    for: promqlDuration(seconds(absence.after) ?? 0),
    labels: alertLabels(objective, absence.severity, "absent-data"),
    annotations: {
      summary: `${objective.service}: nobody can tell ${objective.name}, its data is missing`,
      description: `No data for ${absence.after}, so no other alert of this objective can fire. Promised: ${objective.promise}.`,
      runbook_url: `${runbooks}/slo-absent-data.md`,
    },
  };
}

function alertLabels(objective: Objective, severity: string, rung: string): Readonly<Record<string, string>> {
  const { namespace, owner, service, id: slo } = objective;
  return { namespace, owner, rung, service, severity, slo };
}
