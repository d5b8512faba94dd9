import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { projectWith } from "../cli/project.ts";
import { fairlead, folderWith, ROOT } from "../cli/workbench.ts";

test("load writes a script to a pipe, and nothing else", async () => {
  const { status, stdout, stderr } = await fairlead(ROOT, ["load", "dev", "user"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^\/\/ Load test of user in dev/);
  expect(stdout).toContain("http://user.shop-dev:8080");
});

test("load writes a file, in a folder that is made", async () => {
  const file = join(folderWith(), "load/order.js");
  const { status, stdout } = await fairlead(ROOT, ["load", "prod", "order", "--out", file]);
  expect(status).toBe(0);
  expect(stdout.trim()).toBe(`${relative(ROOT, file)}: k6 run ${relative(ROOT, file)}`);
  expect(readFileSync(file, "utf8")).toContain("http://order.shop-prod:8080");
});

test.each([
  [["prod", "usr"], 'did you mean "user"?'],
  [["prdo", "user"], 'did you mean "prod"?'],
  [
    ["dev", "payment", "--out", "never.js"],
    "nothing of that name promises anything in dev that a load test could hold",
  ],
  [["dev"], "missing required argument 'service'"],
])("load %j is refused with what was meant", async (args, remedy) => {
  const { status, stderr } = await fairlead(ROOT, ["load", ...args]);
  expect(status).toBe(1);
  expect(stderr).toContain(remedy);
  expect(existsSync(join(ROOT, "never.js"))).toBe(false);
});

test("load of a program that makes none says what to add", async () => {
  const { status, stderr } = await fairlead(projectWith(), ["load", "dev", "order"]);
  expect(status).toBe(1);
  expect(stderr).toContain("add loadTests: (name, settings) => loadTests(services, …)");
});
