import fc from "fast-check";
import { expect, test } from "vitest";
import { escaped } from "../../../components/core/html.ts";
import { evidence, reportPage, serviceObjectives } from "../../../components/observability/index.ts";
import { grouped, span } from "../../../components/observability/slo/rows.ts";
import { EVERY_KIND, OWN_METRICS, order } from "../order.ts";

const shown = serviceObjectives(order({ objectives: EVERY_KIND, metrics: OWN_METRICS })).map((objective) => ({
  objective,
  evidence: evidence(objective),
}));
const page = reportPage("Service levels", shown);

test("the page asks nobody for anything", () => {
  expect(page).not.toMatch(/\b(?:src|href)=|@import|url\(|<script/);
  expect(page.match(/https?:\/\/[^"]+/g)?.every((url) => url.startsWith("http://www.w3.org/"))).toBe(true);
});

test("the page is readable by light and by dark", () => {
  expect(page).toContain("color-scheme: light dark");
  expect(page).toContain("prefers-color-scheme: dark");
});

test("each objective has its picture, with all that it shows in words", () => {
  expect(page.match(/<svg /g)).toHaveLength(shown.length);
  for (const { objective } of shown) expect(page).toContain(`<title id="burn-${objective.id}-title">`);
  expect(page).toContain("at 100 % errors a page after 52 s by page-fast; at 15 % errors a page after 5.8 min");
});

test("every mark stands inside its picture", () => {
  for (const [, x = "", y = ""] of page.matchAll(/c?x1?="([\d.-]+)" c?y1?="([\d.-]+)"/g)) {
    expect(Number(x)).toBeGreaterThanOrEqual(0);
    expect(Number(x)).toBeLessThanOrEqual(860);
    expect(Number(y)).toBeGreaterThanOrEqual(0);
    expect(Number(y)).toBeLessThanOrEqual(400);
  }
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});

test("no text can leave its place", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(escaped(text)).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
    }),
  );
});

test.each([
  [51.84, "52 s"],
  [1036.8, "17.3 min"],
  [21_600, "6 h"],
  [259_200, "3 d"],
])("%d seconds read %s", (seconds, text) => {
  expect(span(seconds)).toBe(text);
});

test("large numbers are read in groups", () => {
  expect([12, 1234, 1_066_000].map(grouped)).toEqual(["12", "1,234", "1,066,000"]);
});
