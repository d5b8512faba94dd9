import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectWith } from "../cli/project.ts";
import { fairlead, write } from "../cli/workbench.ts";

/** The test's project, with workflows of these words. */
function described(words: string): string {
  const folder = projectWith();
  const file = join(folder, "infra/program.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace("environments:", `workflows: ${words},\n  environments:`));
  return folder;
}

test("workflows are written, found fresh, and found stale when the description or a file changes", async () => {
  const folder = described("{}");
  expect((await fairlead(folder, ["workflows", "--check"])).status).toBe(1);
  expect((await fairlead(folder, ["workflows"])).stdout).toBe(".github/workflows: 3 files, 3 written or removed\n");
  expect((await fairlead(folder, ["workflows", "--check"])).stdout).toBe(
    ".github/workflows is what the description says (3 files)\n",
  );
  const drift = join(folder, ".github/workflows/drift.yml");
  writeFileSync(drift, readFileSync(drift, "utf8").replace("17 5", "18 5"));
  write(join(folder, ".github/workflows/mine.yml"), "name: mine\n");
  expect(await fairlead(folder, ["workflows", "--check"])).toMatchObject({
    status: 1,
    stderr: ".github/workflows is not what the description says: drift.yml\nwrite them anew: fairlead workflows\n",
  });
});

test("workflows that nobody wants any more are removed, and those of somebody else never", async () => {
  const folder = described("{ pullRequestEnvironment: { like: 'dev' } }");
  await fairlead(folder, ["workflows"]);
  const program = join(folder, "infra/program.ts");
  writeFileSync(program, readFileSync(program, "utf8").replace("{ pullRequestEnvironment: { like: 'dev' } }", "{}"));
  expect((await fairlead(folder, ["workflows", "--check"])).stderr).toMatch(/says: pull-request-environment\.yml\n/);
  expect((await fairlead(folder, ["workflows"])).status).toBe(0);
  write(join(folder, ".github/workflows/checks.yml"), "name: mine\n");
  expect((await fairlead(folder, ["workflows"])).stderr).toMatch(
    /checks\.yml was not written by fairlead, and would be overwritten/,
  );
  expect(readFileSync(join(folder, ".github/workflows/checks.yml"), "utf8")).toBe("name: mine\n");
});

test("workflows of a program that describes none, or describes them wrongly, are refused", async () => {
  expect((await fairlead(projectWith(), ["workflows"])).stderr).toMatch(
    /are not described by shop; say in infra\/program\.ts/,
  );
  expect((await fairlead(described("{ drift: 'daily' }"), ["workflows"])).stderr).toMatch(
    /drift is "daily", but it is no time/,
  );
});
