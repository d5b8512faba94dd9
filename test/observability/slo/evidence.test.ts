import { describe, expect, test } from "vitest";
import { evidence, serviceObjectives } from "../../../components/observability/index.ts";
import { samplesRead } from "../../../components/observability/slo/samples.ts";
import { order } from "../order.ts";

const [availability] = serviceObjectives(order());
const [lax] = serviceObjectives(order({ objectives: { a: { availability: 99 } } }));

function of(objective: typeof availability, options = {}) {
  if (objective === undefined) throw new Error("no objective");
  return evidence(objective, options);
}

describe("evidence", () => {
  test("time to page at 99.9 % is the theory's: 0.9, 5.8, 17.3 and 43.2 minutes", () => {
    const minutes = of(availability).detection.map(({ page }) => ((page?.seconds ?? 0) / 60).toFixed(1));
    expect(minutes).toEqual(["0.9", "5.8", "17.3", "43.2"]);
  });

  test("a page is one evaluation late at most", () => {
    for (const { page } of of(availability).detection) expect((page?.atMost ?? 0) - (page?.seconds ?? 0)).toBe(30);
  });

  test("each rung spends its share of the budget: 2, 5, 10 and 10 percent", () => {
    expect(of(availability).rungs.map(({ budgetSpent }) => Math.round(budgetSpent * 100))).toEqual([2, 5, 10, 10]);
    for (const { page } of of(availability).detection) expect(page?.budgetSpent).toBeCloseTo(0.02, 10);
  });

  test("where errors are too few to page, the first ticket is named", () => {
    const [, , five] = of(lax).detection;
    expect(five?.page).toBeUndefined();
    expect(five?.alert).toMatchObject({ rung: "ticket-fast", seconds: (0.01 / 0.05) * 3 * 86_400 });
  });

  test("nothing comes while errors stay within the budget", () => {
    expect(of(lax, { errorRatios: [0.01] }).detection).toEqual([{ errorRatio: 0.01 }]);
  });

  test("at 10 requests an hour the guard delays a total outage to 18 minutes", () => {
    const [outage] = of(availability, { eventsPerHour: 10 }).detection;
    expect(outage?.page?.seconds).toBe(18 * 60);
  });

  test("with so few requests that an hour never holds three, a longer rung fires", () => {
    const [outage] = of(availability, { eventsPerHour: 2 }).detection;
    expect(outage?.page).toMatchObject({ rung: "page-slow", seconds: 90 * 60 });
    const [steady] = of(availability, { eventsPerHour: 100 }).detection;
    expect(steady?.page?.seconds).toBeCloseTo(4 * 36, 6);
  });

  test("an objective reads 1.05 million samples an hour of 20 series, 10 of them bad", () => {
    expect(of(availability).samplesPerHour / 1e6).toBeCloseTo(1.05, 1);
  });
});

describe("samples that an expression reads", () => {
  const load = { series: () => 20, scrape: 30 };
  test.each([
    ["sum(rate(x_total[5m]))", 200],
    ["sum(rate(x_total[5m])) / sum(rate(x_total[1h]))", 200 + 2400],
    ['slo:bad:rate5m{slo="a"}', 1],
    ['sum_over_time(slo:bad:rate5m{slo="a"}[6h])', 720],
    ['sum_over_time(slo:bad:rate5m{slo="a"}[30d:4m30s])', 9600],
    ["vector(1)", 0],
  ])("%s", (expression, samples) => {
    expect(samplesRead(expression, load)).toBe(samples);
  });
});
