import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evidence } from "../components/observability/index.ts";
import { ensureParts } from "../toolchain/index.ts";
import { Prometheus } from "./slo-prometheus.ts";
import { type Figures, report } from "./slo-report.ts";
import { ourGroups, ourObjective, ourShape, pyrraShape, type Shape, slothShape, type Timed } from "./slo-shapes.ts";
import {
  BEGIN,
  DAY,
  dayAndNightJob,
  IDLE,
  type Job,
  OUTAGE,
  OUTAGES,
  outageJob,
  PHASE,
  SCRAPE,
  sparseJob,
  writeScrapes,
} from "./slo-traffic.ts";

// What our rules cost and tell, beside rules of the same shape as two peers', on one real Prometheus and the same data.

const COST: Job = dayAndNightJob("night", "night", 10);
const DAYTIME: Job = dayAndNightJob("day", "day", 1);
const SPARSE: readonly Job[] = [10, 100].flatMap((perHour) => [1, 2, 3].map((seed) => sparseJob(perHour, seed)));
const JOBS: readonly Job[] = [COST, DAYTIME, ...SPARSE, ...OUTAGES.map(outageJob), IDLE];
const SHAPES: readonly ((job: string) => Shape)[] = [slothShape, pyrraShape, ourShape];

/** Longest run of one program, in milliseconds. */
const PATIENCE = 300_000;

async function main(): Promise<void> {
  const parts = await ensureParts(["promtool"]);
  const promtool = parts.get("promtool")?.file ?? "promtool";
  const folder = mkdtempSync(join(tmpdir(), "fairlead-slo-"));
  const prometheus = await Prometheus.open(folder);
  // The folder and the server must not outlive an interrupted run.
  const interrupted = () => void prometheus.stop().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    const samples = await writeScrapes(join(folder, "scrapes.txt"), JOBS);
    console.log(`${samples} samples of ${JOBS.length} jobs`);
    await store(promtool, prometheus, join(folder, "scrapes.txt"));
    await prometheus.start();
    for (const [index, recordings] of stages().entries()) {
      await record(promtool, prometheus, join(folder, `stage-${index}.txt`), recordings);
      console.log(`stage ${index + 1}: ${recordings.length} rules recorded`);
    }
    const figures = await measure(prometheus);
    const text = report(figures);
    writeFileSync(new URL("../docs/slo-evidence.md", import.meta.url), text);
    console.log(text);
  } finally {
    await prometheus.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Recording rules in the order in which they need each other: each is computed from what is stored already. */
function stages(): readonly (readonly Recording[])[] {
  const ours = (jobs: readonly Job[], pick: RegExp): readonly Recording[] =>
    jobs.flatMap((job) =>
      ourGroups(job.name).flatMap(({ rules }) =>
        rules.flatMap((rule) =>
          "record" in rule && pick.test(rule.record)
            ? [{ job, name: rule.record, expr: rule.expr, labels: rule.labels }]
            : [],
        ),
      ),
    );
  const means = [COST, DAYTIME].flatMap((job) =>
    slothShape(job.name).rules.flatMap(({ record, expr }) =>
      record === undefined ? [] : [{ job, name: record, expr, labels: { job: job.name } }],
    ),
  );
  const paging = JOBS.filter((job) => job !== COST && job !== DAYTIME);
  return [
    [...ours(JOBS, /^slo:(total|bad):rate5m$/), ...ours(paging, /^slo:bad:increase1h$|rate30m$/), ...means],
    ours(paging, /^slo:bad_ratio:rate(5m|1h)$|^slo:bad:increase6h$/),
    ours(paging, /^slo:bad_ratio:rate6h$/),
  ];
}

interface Recording {
  readonly job: Job;
  readonly name: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Stores what the rules would have recorded, had they been evaluated every 30 s, all at the same moments as in one group. */
async function record(promtool: string, prometheus: Prometheus, file: string, recordings: readonly Recording[]) {
  const out = createWriteStream(file);
  for (const { job, name, expr, labels } of recordings) {
    const series = `${name}{${Object.entries(labels)
      .map(([label, value]) => `${label}="${value}"`)
      .join(",")}}`;
    for await (const points of prometheus.points(expr, BEGIN + PHASE, BEGIN + job.seconds, SCRAPE)) {
      const lines = points.map(([time, value]) => `${series} ${value} ${time}\n`).join("");
      if (!out.write(lines)) await once(out, "drain");
    }
  }
  out.end("# EOF\n");
  await once(out, "close");
  await store(promtool, prometheus, file);
  // A restart is the quick way to make it see new blocks.
  await prometheus.stop();
  await prometheus.start();
}

async function store(promtool: string, prometheus: Prometheus, file: string): Promise<void> {
  await run(promtool, [
    ...["tsdb", "create-blocks-from", "--max-block-duration=500h", "openmetrics", "--quiet"],
    ...[file, prometheus.data],
  ]);
}

async function measure(prometheus: Prometheus): Promise<Figures> {
  const rows = [];
  for (const shape of SHAPES) {
    rows.push({
      name: shape(COST.name).name,
      samplesPerHour: await cost(prometheus, shape(COST.name).rules),
      nightError: await error(prometheus, shape, COST),
      dayError: await error(prometheus, shape, DAYTIME),
      idle: (await prometheus.instant(shape(IDLE.name).recent, BEGIN + 2 * 3600 + PHASE)).value,
      falsePages: await Promise.all(SPARSE.map((job) => pages(prometheus, shape(job.name), BEGIN, 30 * DAY))),
      minutes: await Promise.all(OUTAGES.map((share) => minutesToPage(prometheus, shape, share))),
    });
  }
  const objective = ourObjective(COST.name);
  return {
    version: await prometheus.version(),
    sparse: SPARSE.map(({ name }) => Number(name.split("-")[1])),
    shares: OUTAGES,
    theory: evidence(objective, { errorRatios: OUTAGES }).detection.map(({ page }) => (page?.seconds ?? 0) / 60),
    predicted: evidence(objective).samplesPerHour,
    rows,
  };
}

/** Samples read each hour, of rules at the end of the 30 days. */
async function cost(prometheus: Prometheus, rules: readonly Timed[]): Promise<number> {
  let total = 0;
  for (const { expr, interval } of rules) {
    const { samples } = await prometheus.instant(expr, BEGIN + 30 * DAY);
    total += samples * (3600 / interval);
  }
  return total;
}

/** How far the 30-day ratio is from what the counters say, as a ratio of it. */
async function error(prometheus: Prometheus, shape: (job: string) => Shape, job: Job): Promise<number> {
  const truth = job.bad(job.seconds) / (job.bad(job.seconds) + job.good(job.seconds));
  const { value = Number.NaN } = await prometheus.instant(shape(job.name).period, BEGIN + job.seconds);
  return value / truth - 1;
}

/** How often somebody is called. */
async function pages(prometheus: Prometheus, shape: Shape, from: number, length: number): Promise<number> {
  let count = 0;
  for (const { expr, wait } of shape.pages) count += (await firings(prometheus, expr, wait, from, length)).length;
  return count;
}

/** The times at which an alert begins to fire: its condition has held for so long. */
async function firings(prometheus: Prometheus, expr: string, wait: number, from: number, length: number) {
  const found: number[] = [];
  let since: number | undefined;
  let before = Number.NEGATIVE_INFINITY;
  let fired = false;
  for (const time of await prometheus.times(expr, from + PHASE, from + length, SCRAPE)) {
    if (since === undefined || time - before > SCRAPE) [since, fired] = [time, false];
    if (!fired && time - since >= wait) {
      found.push(time);
      fired = true;
    }
    before = time;
  }
  return found;
}

async function minutesToPage(prometheus: Prometheus, shape: (job: string) => Shape, share: number) {
  const job = outageJob(share);
  const first = await Promise.all(
    shape(job.name).pages.map(({ expr, wait }) => firings(prometheus, expr, wait, BEGIN, job.seconds)),
  );
  const begin = BEGIN + OUTAGE;
  const times = first.flat().filter((time) => time >= begin);
  return times.length === 0 ? undefined : (Math.min(...times) - begin) / 60;
}

async function run(file: string, args: readonly string[]): Promise<void> {
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "inherit"], timeout: PATIENCE, killSignal: "SIGKILL" });
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0) throw new Error(`${file} ${args.slice(0, 3).join(" ")} ended with ${status}`);
}

await main();
