import type { Indicator } from "./indicator.ts";
import type { Objective } from "./objective.ts";
import { SUM_INTERVAL } from "./window.ts";

/** Made-up requests: stretches of time with so many events each SUM_INTERVAL, of which a share is bad. */
export type Traffic = readonly Stretch[];

export interface Stretch {
  readonly seconds: number;
  /** Events each SUM_INTERVAL. */
  readonly events: number;
  /** Share of bad events. */
  readonly bad: number;
}

/** Traffic during which nobody may be called. */
export interface Behaviour {
  readonly name: string;
  readonly traffic: Traffic;
  /** What the period's ratio must be at the end, where it is known exactly. */
  readonly ratio?: number;
}

const HOUR = 3600;

/** The quiet hours of an objective. */
export function behaviours(objective: Objective): readonly Behaviour[] {
  const idle: Behaviour = { name: "without any event", traffic: [{ seconds: 2 * HOUR, events: 0, bad: 0 }], ratio: 0 };
  if (objective.indicator.kind === "state") {
    return [{ name: "while it is good", traffic: [{ seconds: 2 * HOUR, events: 1, bad: 0 }], ratio: 0 }];
  }
  const met: Behaviour = {
    name: "with the objective just met",
    traffic: [{ seconds: 3 * HOUR, events: 100_000, bad: objective.budget * 0.9 }],
  };
  const uneven: Behaviour = {
    name: "with few errors in many requests and none in few",
    traffic: [
      { seconds: HOUR, events: 200_000, bad: objective.budget / 2 },
      { seconds: HOUR, events: 2000, bad: 0 },
    ],
    ratio: ((objective.budget / 2) * 200_000) / 202_000,
  };
  return objective.minimumBadEvents < 2.5 ? [idle, met, uneven] : [idle, met, uneven, fewRequests];
}

/**
 * 10 requests an hour, and two of them fail within one hour. Neither at a multiple of SUM_STEP: there promtool 2, whose
 * scrapes fall together with its evaluations, would count them twice.
 */
const fewRequests: Behaviour = {
  name: "at 10 requests an hour with two errors",
  traffic: Array.from({ length: 30 }, (_, index) => [
    { seconds: 330, events: 0, bad: 0 },
    { seconds: 30, events: 1, bad: index === 13 || index === 18 ? 1 : 0 },
  ]).flat(),
};

/** Input series for promtool that an indicator reads as this traffic. */
export function trafficSeries(
  indicator: Indicator,
  traffic: Traffic,
): readonly { readonly series: string; readonly values: string }[] {
  if (indicator.kind === "state") return [stateSeries(indicator, traffic)];
  const all = sample(indicator.total);
  const isRest = indicator.kind === "rest";
  const part = sample(isRest ? indicator.good : indicator.bad);
  const ofPart = ({ events, bad }: Stretch) => events * (isRest ? 1 - bad : bad);
  const ofOthers = (stretch: Stretch) => stretch.events - ofPart(stretch);
  const partSeries = { series: text(part), values: counter(traffic, ofPart) };
  if (part.name !== all.name)
    return [{ series: text(all), values: counter(traffic, ({ events }) => events) }, partSeries];
  // The total counts the part too, so the other series holds the rest of the events.
  const others = Object.fromEntries(Object.keys(part.labels).map((label) => [label, "other"]));
  return [
    { series: text({ name: all.name, labels: { ...others, ...all.labels } }), values: counter(traffic, ofOthers) },
    partSeries,
  ];
}

/** A gauge of age or of a time that passes the bound while the traffic is bad. */
function stateSeries(
  indicator: Extract<Indicator, { kind: "state" }>,
  traffic: Traffic,
): { readonly series: string; readonly values: string } {
  const series = text(sample(indicator.gauge));
  const values: string[] = [];
  let now = 0;
  for (const { seconds, bad } of traffic) {
    const steps = seconds / SUM_INTERVAL;
    if (indicator.holds === "age") values.push(`${bad > 0 ? 1e9 : 0}x${steps - 1}`);
    else values.push(bad > 0 ? `-1000000000x${steps - 1}` : `${now}+${SUM_INTERVAL}x${steps - 1}`);
    now += seconds;
  }
  return { series, values: values.join(" ") };
}

/** The running count, a stretch at a time. The first point of a stretch stands one interval after the last of the one before. */
function counter(traffic: Traffic, perInterval: (stretch: Stretch) => number): string {
  let count = 0;
  const values = ["0"];
  for (const stretch of traffic) {
    const step = Math.round(perInterval(stretch));
    const steps = stretch.seconds / SUM_INTERVAL;
    values.push(`${count + step}+${step}x${steps - 1}`);
    count += step * steps;
  }
  return values.join(" ");
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const MATCHER = /([a-zA-Z_]\w*)(=~|!~|!=|=)("(?:[^"\\]|\\.)*")/g;

/** One series that a selector selects. */
function sample(selector: string): Sample {
  const labels: Record<string, string> = {};
  for (const [, label = "", operator = "", quoted = '""'] of selector.matchAll(MATCHER)) {
    const value = JSON.parse(quoted) as string;
    labels[label] = operator === "=" ? value : operator === "=~" ? matching(value) : "other";
  }
  return { name: selector.slice(0, selector.indexOf("{")), labels };
}

/** A text that a pattern of ours matches. */
function matching(pattern: string): string {
  const [first = ""] = pattern.split("|");
  return first.replace(/\.\*|\\(.)|\./g, (part, literal?: string) => literal ?? (part === ".*" ? "any" : "0"));
}

function text({ name, labels }: Sample): string {
  return `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(",")}}`;
}
