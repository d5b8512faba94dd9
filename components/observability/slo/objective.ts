import { type Duration, seconds } from "../../core/duration.ts";
import type { Faults } from "../../core/fault.ts";
import { promqlDuration } from "../promql.ts";
import type { Indicator } from "./indicator.ts";
import { KINDS, MEASURES, protocolOf, type ServiceFacts } from "./measure.ts";
import type { ObjectiveProps, Protocol } from "./objective-props.ts";
import { type Rung, rungsOf, type Severity, tidy } from "./rung.ts";

/** An objective with nothing left open: what rules, evidence, canary analysis and load test are built from. */
export interface Objective {
  /** What it is called everywhere: "order-availability". */
  readonly id: string;
  /** Its name within the service: "availability". */
  readonly name: string;
  readonly service: string;
  readonly namespace: string;
  /** The team that is called. */
  readonly owner: string;
  /** Share of good events, as a ratio. */
  readonly target: number;
  /** Share of events that may be bad: 1 - target. */
  readonly budget: number;
  /** The rolling period, in seconds. */
  readonly period: number;
  /** What is promised, as a sentence. */
  readonly promise: string;
  readonly indicator: Indicator;
  /** For latency: the bound in seconds, for whoever measures durations by other means. */
  readonly bound?: number;
  /** What requests it is about; absent where it is measured by anything else. */
  readonly protocol?: Protocol;
  readonly route?: string;
  readonly method?: string;
  /** The loudest first. */
  readonly rungs: readonly Rung[];
  readonly minimumBadEvents: number;
  /** Absent: nobody is told of missing data. */
  readonly absence?: { readonly after: Duration; readonly severity: Severity };
}

/** One objective of a service; undefined when something is wrong with it, which is then noted. */
export function resolveObjective(
  faults: Faults,
  path: string,
  name: string,
  props: ObjectiveProps,
  service: ServiceFacts,
): Objective | undefined {
  const before = faults.found.length;
  const [kind, ...others] = KINDS.filter((one) => props[one] !== undefined);
  if (kind === undefined || others.length > 0) {
    faults.add(
      path,
      kind === undefined ? name : [kind, ...others],
      "but an objective promises exactly one thing",
      `give one of ${KINDS.join(", ")}, and the next one a name of its own`,
    );
    return undefined;
  }
  const period = checkPeriod(faults, path, props.period ?? service.period);
  const measured = MEASURES[kind](faults, path, props, service);
  if (measured === undefined || period === undefined) return undefined;
  const target = tidy(measured.percent / 100);
  const budget = tidy((100 - measured.percent) / 100);
  const alerts = { ...service.alerts, ...props.alerts };
  const rungs = rungsOf(
    faults,
    `${path}.alerts`,
    { budget, period, target: measured.percent, targetPath: measured.path },
    alerts,
  );
  if (faults.found.length > before) return undefined;
  const { absence = {} } = alerts;
  const state = measured.indicator.kind === "state";
  return {
    id: `${service.name}-${name}`,
    name,
    service: service.name,
    namespace: service.namespace,
    owner: service.owner,
    target,
    budget,
    period,
    promise: `${measured.promise} over ${promqlDuration(period)}`,
    indicator: measured.indicator,
    ...(measured.bound === undefined ? {} : { bound: measured.bound }),
    ...(isOfRequests(props) ? { protocol: protocolOf(props, service) } : {}),
    ...(props.route === undefined ? {} : { route: props.route }),
    ...(props.method === undefined ? {} : { method: props.method }),
    rungs,
    // A state has an event each second, so there is no low traffic.
    minimumBadEvents: state ? 0 : (alerts.minimumBadEvents ?? 3),
    ...(absence === false
      ? {}
      : { absence: { after: absence.after ?? "15m", severity: absence.severity ?? "ticket" } }),
  };
}

/** Whether it is measured by the requests themselves, and not by a histogram of the service's own. */
function isOfRequests({ availability, latency }: ObjectiveProps): boolean {
  return availability !== undefined || (latency !== undefined && latency.metric === undefined);
}

function checkPeriod(faults: Faults, path: string, period: Duration): number | undefined {
  const length = seconds(period) ?? 0;
  if (length >= 86_400 && length <= 366 * 86_400 && length % 3600 === 0) return length;
  faults.add(
    `${path}.period`,
    period,
    "but a period has whole hours, a day at least and 366 at most",
    'use for example "30d"',
  );
  return undefined;
}
