import * as z from "zod";
import { type Duration, seconds } from "../../core/duration.ts";
import type { Faults } from "../../core/fault.ts";
import { checked, duration, maybe, strict } from "../../core/shape.ts";

/** How loud an alert is: a page wakes somebody, a ticket waits for the working day. */
export type Severity = "page" | "ticket";

/** The four steps of the ladder by the names that settings use. */
export type RungName = "pageFast" | "pageSlow" | "ticketFast" | "ticketSlow";

/** What may be changed about one rung. */
export interface RungProps {
  /** How many times faster than even the budget burns. @default 14.4, 6, 3 and 1 */
  readonly burnRate?: number;
  /** The long window; the short one is a twelfth of it. @default 1h, 6h, 1d and 3d for a period of 30d, in proportion for others, 1h at least */
  readonly long?: Duration;
  /** @default page for the first two, ticket for the others */
  readonly severity?: Severity;
}

/** Alerting of one objective, or of all objectives of a service. */
export interface AlertProps {
  /** Total outages. false switches the rung off. */
  readonly pageFast?: RungProps | false;
  readonly pageSlow?: RungProps | false;
  readonly ticketFast?: RungProps | false;
  /** Slow burns that would miss the objective by the end of the period. */
  readonly ticketSlow?: RungProps | false;
  /**
   * Bad events in the long window below which nobody is called; for a page also no fewer than chance could make of a
   * service that just meets its objective. It silences lone errors at low traffic; the price is that an outage of a
   * service with few requests is noticed when so many have failed: at 10 requests an hour and 3 events after some 18
   * minutes. 0 for no guard at all. @default 3
   */
  readonly minimumBadEvents?: number;
  /** An alert for an objective without data, such as after all pods are gone or a metric was renamed. */
  readonly absence?: AbsenceProps | false;
}

export interface AbsenceProps {
  /** How long data may be missing. @default "15m" */
  readonly after?: Duration;
  /** @default "ticket" */
  readonly severity?: Severity;
}

const severity = z.enum(["page", "ticket"]);

const burnRate: z.ZodType<number> = checked(z.number(), (rate) =>
  rate >= 1 ? undefined : ["but a service that burns no faster than 1 meets its objective", "use 1 or more"],
);

const rungShape = z.union([
  z.literal(false),
  strict<RungProps>({ burnRate: maybe(burnRate), long: maybe(duration), severity: maybe(severity) }),
]);

export const alertShape = strict<AlertProps>({
  pageFast: maybe(rungShape),
  pageSlow: maybe(rungShape),
  ticketFast: maybe(rungShape),
  ticketSlow: maybe(rungShape),
  minimumBadEvents: maybe(
    checked(z.number(), (events) => (events >= 0 ? undefined : ["but it counts events", "use 0 or more"])),
  ),
  absence: maybe(
    z.union([z.literal(false), strict<AbsenceProps>({ after: maybe(duration), severity: maybe(severity) })]),
  ),
});

/** One step of the ladder, ready to use. It fires when both windows burn faster than the rate. */
export interface Rung {
  readonly name: RungName;
  /** Its name as a label: "page-fast". */
  readonly label: string;
  readonly severity: Severity;
  readonly burnRate: number;
  /** Seconds. */
  readonly long: number;
  /** Seconds; a twelfth of the long one. It ends the alert soon after the errors end. */
  readonly short: number;
  /** Ratio of bad events above which both windows count as burning. */
  readonly threshold: number;
}

// The SRE workbook's ladder for 30 days: 2 %, 5 %, 10 % and 10 % of the budget. https://sre.google/workbook/alerting-on-slos/
const LADDER: readonly Omit<Rung, "short" | "threshold">[] = [
  { name: "pageFast", label: "page-fast", severity: "page", burnRate: 14.4, long: 3600 },
  { name: "pageSlow", label: "page-slow", severity: "page", burnRate: 6, long: 6 * 3600 },
  { name: "ticketFast", label: "ticket-fast", severity: "ticket", burnRate: 3, long: 86_400 },
  { name: "ticketSlow", label: "ticket-slow", severity: "ticket", burnRate: 1, long: 3 * 86_400 },
];

const LADDER_PERIOD = 30 * 86_400;
/** Below it the short window would hold too few scrapes to tell a rate. */
const SHORTEST_LONG = 3600;
/** A twelfth of a whole number of these is a whole number of minutes. */
const WINDOW_GRAIN = 720;

/** Rounds away what binary fractions add: 0.0010000000000000009 -> 0.001. */
export function tidy(value: number): number {
  return Number(value.toPrecision(10));
}

/** The rungs of an objective; those that could never fire, or could fire while the objective is met, are faults. */
export function rungsOf(
  faults: Faults,
  path: string,
  objective: {
    readonly budget: number;
    readonly period: number;
    readonly target: unknown;
    readonly targetPath: string;
  },
  alerts: AlertProps,
): readonly Rung[] {
  const rungs: Rung[] = [];
  for (const step of LADDER) {
    const own = alerts[step.name];
    if (own === false) continue;
    const rate = own?.burnRate ?? step.burnRate;
    const given = own?.long === undefined ? undefined : seconds(own.long);
    const long = given ?? scaled(step.long, objective.period);
    if (long > objective.period || long < SHORTEST_LONG) {
      faults.add(
        `${path}.${step.name}.long`,
        own?.long,
        "but a long window has an hour at least and the period at most",
        "use for example 1h",
      );
      continue;
    }
    const threshold = tidy(rate * objective.budget);
    if (threshold >= 1) {
      const least = (Math.ceil((1 - 1 / rate) * 10_000 + 1e-6) / 100).toFixed(2);
      faults.add(
        objective.targetPath,
        objective.target,
        `but the rung ${step.name} fires at ${rate} times the budget, which is ${percent(threshold)} of all events and can never be exceeded`,
        `raise it above ${least}, or write alerts: { ${step.name}: false }`,
      );
      continue;
    }
    rungs.push({
      name: step.name,
      label: step.label,
      severity: own?.severity ?? step.severity,
      burnRate: rate,
      long,
      short: long / 12,
      threshold,
    });
  }
  return rungs;
}

function scaled(long: number, period: number): number {
  const exact = (long * period) / LADDER_PERIOD;
  return Math.max(SHORTEST_LONG, Math.round(exact / WINDOW_GRAIN) * WINDOW_GRAIN);
}

/** 0.0144 -> "1.44 %". */
export function percent(ratio: number): string {
  return `${tidy(ratio * 100)} %`;
}
