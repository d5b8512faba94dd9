import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectWith } from "../cli/project.ts";
import { fairlead, folderWith, ROOT } from "../cli/workbench.ts";

test("slo prints promise, rungs, times to page and cost of one service", async () => {
  const { status, stdout } = await fairlead(ROOT, ["slo", "prod", "order"]);
  expect(status).toBe(0);
  expect(stdout).toContain("order-availability: 99.9 % of requests succeed over 30d");
  expect(stdout).toMatch(/page-fast +page +14\.4 +1h +5m +1\.44 % +2 %/);
  expect(stdout).toMatch(/^100 % +52 s +82 s +page-fast +2 %$/m);
  expect(stdout).toMatch(/^2 % +43\.2 min/m);
  expect(stdout).toMatch(/^[\d,]+ samples an hour/m);
  expect(stdout).not.toContain("user-availability");
});

test("slo of an environment prints every service that promises something", async () => {
  const { stdout } = await fairlead(ROOT, ["slo"]);
  for (const id of ["user-availability", "user-latency", "order-availability", "order-latency"])
    expect(stdout).toContain(`${id}: `);
});

test("slo writes a page on demand", async () => {
  const file = join(folderWith(), "slo.html");
  const { status, stdout } = await fairlead(ROOT, ["slo", "prod", "order", "--html", file]);
  expect({ status, said: stdout.trim().endsWith("slo.html: 2 objectives") }).toEqual({ status: 0, said: true });
  expect(readFileSync(file, "utf8")).toContain("<h1>Service levels of order in prod</h1>");
});

test.each([
  [["prod", "ordr"], 'did you mean "order"?'],
  [["prdo"], 'did you mean "prod"?'],
  [["prod", "payment", "--html", "never.html"], "nothing of that name promises anything in prod"],
])("slo %j is refused with what was meant", async (args, remedy) => {
  const { status, stderr } = await fairlead(ROOT, ["slo", ...args]);
  expect(status).toBe(1);
  expect(stderr).toContain(remedy);
  expect(existsSync(join(ROOT, "never.html"))).toBe(false);
});

test("slo of a program without promises says how to give one", async () => {
  const { status, stderr } = await fairlead(projectWith(), ["slo"]);
  expect(status).toBe(1);
  expect(stderr).toContain("but no service of shop promises anything; give one: slo: { availability: 99.9 }");
});
