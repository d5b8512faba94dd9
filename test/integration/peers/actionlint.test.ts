import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { workflows, workflowText } from "../../../components/index.ts";
import { ensureParts } from "../../../toolchain/index.ts";
import { fullProps } from "../../delivery/workflow/props.ts";
import { ROOT } from "../cli.ts";

let actionlint: string;
let work: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "fairlead-actionlint-"));
  actionlint = (await ensureParts(["actionlint"])).get("actionlint")?.file ?? "";
});

afterAll(() => rmSync(work, { recursive: true }));

/** What it says of files, the same on every machine: without the linters that it would look for on PATH. */
function said(files: readonly string[]) {
  const run = spawnSync(actionlint, ["-no-color", "-oneline", "-shellcheck=", "-pyflakes=", ...files], {
    encoding: "utf8",
    cwd: work,
  });
  return { status: run.status, said: run.stdout + run.stderr };
}

function written(text: string): readonly string[] {
  const file = join(work, "it.yml");
  writeFileSync(file, text);
  return [file];
}

test("actionlint objects to no workflow, neither of this project nor of one that says everything", () => {
  const own = join(ROOT, ".github/workflows");
  expect(said(readdirSync(own).map((file) => join(own, file)))).toEqual({ status: 0, said: "" });
  mkdirSync(join(work, "full"));
  const files = Object.entries(workflows(fullProps())).map(([name, workflow]) => {
    const file = join(work, "full", name);
    writeFileSync(file, workflowText(workflow));
    return file;
  });
  expect(files).toHaveLength(5);
  expect(said(files)).toEqual({ status: 0, said: "" });
});

test.each([
  [
    "a script that a pull request's title is written into",
    "npx fairlead diff",
    "echo ${{ github.event.pull_request.title }} #",
    /untrusted/,
  ],
  ["a job that waits for none there", "needs: diff", "needs: dif", /needs job "dif"/],
  ["a key that is none", "timeout-minutes:", "timeout:", /unexpected key "timeout"/],
  ["an output that no step has", "steps.diff.outputs", "steps.dif.outputs", /property "dif" is not defined/],
])("actionlint objects to %s", (_, from, to, says) => {
  const review = workflows(fullProps())["review.yml"];
  const text = review === undefined ? "" : workflowText(review);
  expect(text).toContain(from);
  const verdict = said(written(text.replace(from, to)));
  expect(verdict.status).toBe(1);
  expect(verdict.said).toMatch(says);
});
