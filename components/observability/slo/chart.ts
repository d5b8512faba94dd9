import { escaped } from "../../core/html.ts";
import type { Evidence, RungEvidence } from "./evidence.ts";
import type { Objective } from "./objective.ts";
import { detectionRows, span } from "./rows.ts";
import { percent } from "./rung.ts";
import { timeToFire } from "./window.ts";

const WIDTH = 860;
const HEIGHT = 400;
const LEFT = 70;
const RIGHT = 130;
const TOP = 20;
const BOTTOM = 50;

/** Times that people think in, in seconds. */
const TIMES = [60, 300, 900, 3600, 6 * 3600, 86_400, 3 * 86_400, 7 * 86_400, 30 * 86_400];

/** Where a share of errors and a time stand in the picture. */
interface Scale {
  readonly x: (errorRatio: number) => number;
  readonly y: (seconds: number) => number;
  readonly ratios: readonly number[];
  readonly times: readonly number[];
}

/**
 * The ladder as a picture: how long each rung takes to fire, over the share of errors. Both axes are logarithmic, so that
 * an outage and a slow burn stand in one picture. The text of the picture holds all that it shows.
 */
export function burnRateChart(objective: Objective, evidence: Evidence): string {
  const scale = scaleOf(objective, evidence);
  const id = `burn-${objective.id}`;
  const told = detectionRows(evidence)
    .slice(1)
    .map(([errors, after, , by]) => `at ${errors} errors ${by === "" ? after : `a page after ${after} by ${by}`}`);
  const description = `Time until each rung fires over the share of failing events: ${told.join("; ")}.`;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${escaped(id)}-title ${escaped(id)}-text" xmlns="http://www.w3.org/2000/svg">`,
    `<title id="${escaped(id)}-title">Burn rates of ${escaped(objective.id)}</title>`,
    `<desc id="${escaped(id)}-text">${escaped(description)}</desc>`,
    ...grid(scale),
    ...budgetLine(evidence, scale),
    ...labelled(objective, evidence.rungs, scale),
    ...dots(evidence, scale),
    "</svg>",
  ].join("\n");
}

function scaleOf(objective: Objective, { rungs, budget }: Evidence): Scale {
  const least = Math.min(budget, ...rungs.map((rung) => rung.threshold));
  const ends = rungs.map((rung) => timeToFire(objective, rung, 1) ?? rung.long);
  const shortest = Math.min(60, ...ends);
  const longest = Math.max(3600, ...rungs.map((rung) => rung.long));
  const log = (value: number, from: number, to: number) => Math.log(value / from) / Math.log(to / from);
  return {
    x: (errorRatio) => LEFT + log(errorRatio, least, 1) * (WIDTH - LEFT - RIGHT),
    y: (seconds) => HEIGHT - BOTTOM - log(seconds, shortest, longest) * (HEIGHT - TOP - BOTTOM),
    ratios: [0.0001, 0.001, 0.01, 0.02, 0.05, 0.15, 1].filter((ratio) => ratio >= least),
    times: TIMES.filter((time) => time >= shortest && time <= longest),
  };
}

function grid({ x, y, ratios, times }: Scale): readonly string[] {
  return [
    ...times.map(
      (time) =>
        `<line class="grid" x1="${LEFT}" y1="${at(y(time))}" x2="${WIDTH - RIGHT}" y2="${at(y(time))}"/><text class="soft" x="${LEFT - 8}" y="${at(y(time) + 4)}" text-anchor="end">${span(time)}</text>`,
    ),
    ...ratios.map(
      (ratio) =>
        `<line class="grid" x1="${at(x(ratio))}" y1="${TOP}" x2="${at(x(ratio))}" y2="${HEIGHT - BOTTOM}"/><text class="soft" x="${at(x(ratio))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${percent(ratio)}</text>`,
    ),
    `<text class="soft" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">share of failing events</text>`,
    `<text class="soft" x="${LEFT - 8}" y="${TOP - 8}" text-anchor="end">fires after</text>`,
  ];
}

/** To the left of it the promise is kept. */
function budgetLine({ budget }: Evidence, { x }: Scale): readonly string[] {
  const place = at(x(budget));
  return [
    `<line class="budget" x1="${place}" y1="${TOP}" x2="${place}" y2="${HEIGHT - BOTTOM}"><title>error budget</title></line>`,
    `<text class="soft" x="${at(x(budget) + 8)}" y="${HEIGHT - BOTTOM - 10}">error budget</text>`,
  ];
}

/** Curves end at the right border, where their names stand; names that would cover each other move apart. */
function labelled(objective: Objective, rungs: readonly RungEvidence[], { x, y }: Scale): readonly string[] {
  let free = Number.POSITIVE_INFINITY;
  return [...rungs]
    .sort((a, b) => (timeToFire(objective, a, 1) ?? 0) - (timeToFire(objective, b, 1) ?? 0))
    .map((rung) => {
      // On two logarithmic axes the time to fire is a straight line, from the threshold to a total outage.
      const end = timeToFire(objective, rung, 1) ?? rung.long;
      const line = `M${at(x(rung.threshold))} ${at(y(rung.long))}L${at(x(1))} ${at(y(end))}`;
      const place = Math.min(y(end) + 4, free);
      free = place - 16;
      return `<path class="curve ${rung.severity}" d="${line}"/><text class="${rung.severity}" x="${WIDTH - RIGHT + 10}" y="${at(place)}">${escaped(rung.label)}</text>`;
    });
}

function dots({ detection }: Evidence, { x, y }: Scale): readonly string[] {
  return detection.flatMap(({ errorRatio, page }) =>
    page === undefined
      ? []
      : [
          `<circle class="dot page" cx="${at(x(errorRatio))}" cy="${at(y(page.seconds))}" r="5"><title>${percent(errorRatio)} errors: a page after ${span(page.seconds)}</title></circle>`,
        ],
  );
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
