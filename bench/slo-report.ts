/** What the benchmark measured. */
export interface Figures {
  /** Prometheus' own. */
  readonly version: string;
  /** Requests an hour of each job with few requests. */
  readonly sparse: readonly number[];
  /** Shares of errors of the outages. */
  readonly shares: readonly number[];
  /** Minutes to a page in theory. */
  readonly theory: readonly number[];
  /** Samples that `evidence` says our rules read each hour. */
  readonly predicted: number;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly name: string;
  readonly samplesPerHour: number;
  /** Relative error of the 30-day ratio with errors by night only, and by day only. */
  readonly nightError: number;
  readonly dayError: number;
  /** The ratio of a service that nobody asks; undefined where there is none. */
  readonly idle: number | undefined;
  readonly falsePages: readonly number[];
  readonly minutes: readonly (number | undefined)[];
}

/** docs/slo-evidence.md. */
export function report(figures: Figures): string {
  const { rows, sparse, shares, theory } = figures;
  const least = rows.at(-1)?.samplesPerHour ?? 1;
  const rates = [...new Set(sparse)];
  const falsePages = (row: Row, rate: number) => row.falsePages.filter((_, index) => sparse[index] === rate).join(", ");
  return `<!-- Written by npm run bench:slo; not by hand. -->
# What the SLO rules cost, and what they tell

Measured with Prometheus ${figures.version.split("+")[0]} on one machine in one run, all rules on the same data: one objective of 99.9 % over
30 days, 20 series (10 of them errors), scraped every 30 s. The peers' rows are rules of the same shape, in our own words;
they are not the peers' own output.

| rules | samples read per hour | times ours | 30-day ratio, errors by night only | by day only | idle service |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row.name} | ${millions(row.samplesPerHour)} | ${(row.samplesPerHour / least).toFixed(1)} | ${signed(row.nightError)} | ${signed(row.dayError)} | ${row.idle ?? "no value"} |`).join("\n")}

\`evidence\` predicts ${millions(figures.predicted)} samples per hour for ours. Traffic is ten to one between 12 hours of day and 12 of
night; the true ratio is what the counters say.

## False pages in 30 days with the objective met
Three random months each, with as many errors as the objective allows.

| rules | ${rates.map((rate) => `${rate} requests an hour`).join(" | ")} |
|---|${rates.map(() => "---|").join("")}
${rows.map((row) => `| ${row.name} | ${rates.map((rate) => falsePages(row, rate)).join(" | ")} |`).join("\n")}

## Minutes to a page
100 requests a second; errors begin between two scrapes, rules are evaluated every 30 s.

| rules | ${shares.map((share) => `${share * 100} % errors`).join(" | ")} |
|---|${shares.map(() => "---|").join("")}
| theory | ${theory.map((minutes) => minutes.toFixed(1)).join(" | ")} |
${rows.map((row) => `| ${row.name} | ${row.minutes.map((minutes) => minutes?.toFixed(1) ?? "never").join(" | ")} |`).join("\n")}

What the guard against few events costs: at 10 requests an hour a total outage is told after some 18 minutes, when the
third request has failed.
`;
}

function millions(samples: number): string {
  return `${(samples / 1e6).toFixed(2)} M`;
}

function signed(ratio: number): string {
  return `${ratio < 0 ? "" : "+"}${(ratio * 100).toFixed(2)} %`;
}
