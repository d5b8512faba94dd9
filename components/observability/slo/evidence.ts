import { eventsNeeded } from "./alerts.ts";
import type { Objective } from "./objective.ts";
import { ruleGroups } from "./rules.ts";
import type { Rung } from "./rung.ts";
import { samplesPerHour } from "./samples.ts";
import { evaluationOf, lagOf, timeToFire } from "./window.ts";

/** What is known of a service when its evidence is asked for. */
export interface EvidenceOptions {
  /** Shares of bad events. @default 100, 15, 5 and 2 percent */
  readonly errorRatios?: readonly number[];
  /** Series of all events: pods times label values. @default 20 */
  readonly series?: number;
  /** Series of bad events among them. @default 10 */
  readonly badSeries?: number;
  /** Seconds between two scrapes. @default 30 */
  readonly scrape?: number;
  /** Traffic, which the guard against few events waits for. @default more than enough */
  readonly eventsPerHour?: number;
}

export interface Evidence {
  readonly id: string;
  readonly promise: string;
  /** Share of events that may be bad. */
  readonly budget: number;
  readonly rungs: readonly RungEvidence[];
  readonly detection: readonly Detection[];
  /** Samples that Prometheus reads each hour to evaluate the objective's rules. */
  readonly samplesPerHour: number;
}

export interface RungEvidence extends Rung {
  /** Share of the period's budget that is spent when it fires: burn rate times long window by period. */
  readonly budgetSpent: number;
}

/** What happens at one share of bad events. */
export interface Detection {
  readonly errorRatio: number;
  /** The first page; absent where no page ever comes. */
  readonly page?: Firing;
  /** The first alert of any severity; absent where errors stay within the budget. */
  readonly alert?: Firing;
}

export interface Firing {
  readonly rung: string;
  /** Seconds until it fires in theory, the guard against few events included. */
  readonly seconds: number;
  /** Seconds at most: theory, what the recorded sums lag, and one evaluation. */
  readonly atMost: number;
  /** Share of the period's budget that is spent by then. */
  readonly budgetSpent: number;
}

const ERROR_RATIOS = [1, 0.15, 0.05, 0.02];

/** The numbers of an objective, by arithmetic alone: docs/slo-evidence.md measures the same ones. */
export function evidence(objective: Objective, options: EvidenceOptions = {}): Evidence {
  const { series = 20, badSeries = 10, scrape = 30 } = options;
  const { indicator } = objective;
  const bad = indicator.kind === "counters" ? indicator.bad : undefined;
  return {
    id: objective.id,
    promise: objective.promise,
    budget: objective.budget,
    rungs: objective.rungs.map((rung) => ({ ...rung, budgetSpent: (rung.burnRate * rung.long) / objective.period })),
    detection: (options.errorRatios ?? ERROR_RATIOS).map((ratio) => detection(objective, ratio, options)),
    samplesPerHour: samplesPerHour(ruleGroups(objective.service, [objective]), {
      series: (selector) => (indicator.kind === "state" ? 1 : selector === bad ? badSeries : series),
      scrape,
    }),
  };
}

function detection(objective: Objective, errorRatio: number, options: EvidenceOptions): Detection {
  const firings = objective.rungs
    .flatMap((rung) => {
      const fires = firing(objective, rung, errorRatio, options);
      return fires === undefined ? [] : [{ severity: rung.severity, fires }];
    })
    .sort((a, b) => a.fires.seconds - b.fires.seconds);
  const page = firings.find(({ severity }) => severity === "page")?.fires;
  const alert = firings[0]?.fires;
  return { errorRatio, ...(page === undefined ? {} : { page }), ...(alert === undefined ? {} : { alert }) };
}

function firing(objective: Objective, rung: Rung, errorRatio: number, options: EvidenceOptions): Firing | undefined {
  const theory = timeToFire(objective, rung, errorRatio);
  if (theory === undefined) return undefined;
  const perSecond = (options.eventsPerHour ?? Number.POSITIVE_INFINITY) / 3600;
  const needed = Number.isFinite(perSecond) ? eventsNeeded(objective, rung, perSecond * rung.long) : 0;
  const guarded = needed / (perSecond * errorRatio);
  // So few requests that the long window never holds enough of them.
  if (guarded > rung.long) return undefined;
  const seconds = Math.max(theory, guarded);
  return {
    rung: rung.label,
    seconds,
    atMost: seconds + lagOf(objective, rung.long) + evaluationOf(objective, rung),
    budgetSpent: (seconds * errorRatio) / objective.budget / objective.period,
  };
}
