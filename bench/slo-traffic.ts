import { once } from "node:events";
import { createWriteStream } from "node:fs";

/** The first scrape of all made-up data: 2026-01-01. A fixed time gives the same figures on every run. */
export const BEGIN = 1_767_225_600;
export const DAY = 86_400;
export const SCRAPE = 30;
/** Evaluations fall between scrapes, as they do in a cluster. */
export const PHASE = 7;
/** Outages begin at no scrape and at no evaluation: seconds after BEGIN. */
export const OUTAGE = 7 * 3600 + 11;

/** A job's counters at any time: requests that succeeded and that failed since BEGIN. */
export interface Job {
  readonly name: string;
  /** Seconds of data. */
  readonly seconds: number;
  /** Series that share the requests; as many for the good ones as for the bad ones. */
  readonly pods: number;
  readonly good: (time: number) => number;
  readonly bad: (time: number) => number;
}

/** Errors at these shares begin at OUTAGE, 100 requests a second. */
export const OUTAGES: readonly number[] = [1, 0.15, 0.05, 0.02];

export function outageJob(share: number): Job {
  const bad = (time: number) => Math.floor(Math.max(0, time - OUTAGE) * 100 * share);
  return {
    name: `outage-${share * 100}`,
    seconds: 10 * 3600,
    pods: 1,
    good: (time) => Math.floor(time * 100) - bad(time),
    bad,
  };
}

/** A second's requests by day and by night, ten to one. */
const BUSY = 20;
const CALM = 2;

/** 12 hours of day and 12 of night for 30 days, with 0.2 % errors by day or by night only. */
export function dayAndNightJob(name: string, errors: "day" | "night", pods: number): Job {
  const requests = (time: number, which: "day" | "night") => {
    const days = Math.floor(time / DAY);
    const into = time % DAY;
    return which === "day"
      ? BUSY * (days * (DAY / 2) + Math.min(into, DAY / 2))
      : CALM * (days * (DAY / 2) + Math.max(0, into - DAY / 2));
  };
  const bad = (time: number) => Math.floor(requests(time, errors) * 0.002);
  return {
    name,
    seconds: 30 * DAY,
    pods,
    good: (time) => Math.floor(requests(time, "day") + requests(time, "night")) - bad(time),
    bad,
  };
}

/** So many requests an hour at random times for 30 days, of which just fewer fail than 99.9 % allow. */
export function sparseJob(perHour: number, seed: number): Job {
  const random = mulberry(seed);
  const requests = Array.from({ length: perHour * 720 }, () => random() * 30 * DAY).sort((a, b) => a - b);
  const failing = new Set<number>();
  while (failing.size < Math.floor(requests.length * 0.001)) failing.add(Math.floor(random() * requests.length));
  const failed = requests.filter((_, index) => failing.has(index));
  return {
    name: `sparse-${perHour}-${seed}`,
    seconds: 30 * DAY,
    pods: 1,
    good: (time) => countUpTo(requests, time) - countUpTo(failed, time),
    bad: (time) => countUpTo(failed, time),
  };
}

/** Asked something once, and never again. */
export const IDLE: Job = { name: "idle", seconds: 8 * 3600, pods: 1, good: () => 5, bad: () => 0 };

function countUpTo(sorted: readonly number[], time: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Numbers between 0 and 1 that are the same on every run (mulberry32). */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Writes every scrape of every job as OpenMetrics text. Returns the number of samples. */
export async function writeScrapes(file: string, jobs: readonly Job[]): Promise<number> {
  const out = createWriteStream(file);
  let samples = 0;
  out.write("# TYPE requests counter\n");
  for (const job of jobs) {
    for (const code of ["200", "500"] as const) {
      const count = code === "200" ? job.good : job.bad;
      for (let pod = 0; pod < job.pods; pod++) {
        let lines = "";
        for (let time = 0; time <= job.seconds; time += SCRAPE) {
          const share = Math.floor((count(time) + pod) / job.pods);
          lines += `requests_total{code="${code}",job="${job.name}",pod="${pod}"} ${share} ${BEGIN + time}\n`;
          samples++;
        }
        if (!out.write(lines)) await once(out, "drain");
      }
    }
  }
  out.end("# EOF\n");
  await once(out, "close");
  return samples;
}
