import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectWith } from "../cli/project.ts";
import { fairlead, write } from "../cli/workbench.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

function git(folder: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** A project of two environments in a repository; dev runs order by a digest, prod is delivered by GitOps. */
async function repository(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = projectWith({
    "Pulumi.dev.yaml": `config:\n  shop:services: { order: { digest: "${DIGEST}" } }\n`,
    "Pulumi.prod.yaml": "# by hand\nconfig: { shop:delivery: gitops }\n",
    ".gitignore": ".fairlead\n",
    ...files,
  });
  git(folder, "init", "--quiet", "--initial-branch", "main");
  git(folder, "config", "user.name", "Somebody");
  git(folder, "config", "user.email", "somebody@example.com");
  git(folder, "config", "commit.gpgsign", "false");
  if (files["Pulumi.prod.yaml"] === undefined) await fairlead(folder, ["render", "prod"]);
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "-m", "begin");
  return folder;
}

const commits = (folder: string) => git(folder, "log", "--format=%s").split("\n");

describe("promote", () => {
  test("is one commit of the digest and of what is rendered with it", async () => {
    const folder = await repository();
    const { status, stdout, stderr } = await fairlead(folder, ["promote", "dev", "prod"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Promote order from dev to prod: commit [0-9a-f]+\n {2}order sha256:a+\n$/);
    expect(commits(folder)).toEqual(["Promote order from dev to prod", "begin"]);
    expect(git(folder, "show", "--format=", "--name-only")).toBe("Pulumi.prod.yaml\ndeploy/prod/order/config.yaml");
    expect(git(folder, "status", "--porcelain")).toBe("");
    expect(readFileSync(join(folder, "Pulumi.prod.yaml"), "utf8")).toMatch(/^# by hand\n/);
    expect(readFileSync(join(folder, "deploy/prod/order/config.yaml"), "utf8")).toContain(DIGEST);
    expect((await fairlead(folder, ["render", "prod", "--check"])).status).toBe(0);
  });

  test("built: the digests of a build become a commit to the first environment, once", async () => {
    const folder = await repository();
    const other = `sha256:${"b".repeat(64)}`;
    const args = ["promote", "built", "dev", "--as", "1f2e3d4", "--digest", `order=${other}`];
    const { status, stderr } = await fairlead(folder, args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(commits(folder)).toEqual(["Promote order from built to dev", "begin"]);
    expect(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8")).toContain(other);
    const again = await fairlead(folder, args);
    expect({ status: again.status, stdout: again.stdout }).toEqual({
      status: 0,
      stdout: "dev runs that already: order\n",
    });
    expect(commits(folder)).toHaveLength(2);
  });

  test("a second time commits nothing", async () => {
    const folder = await repository();
    await fairlead(folder, ["promote", "dev", "prod"]);
    const { status, stdout } = await fairlead(folder, ["promote", "dev", "prod", "order"]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "prod runs that already: order\n" });
    expect(commits(folder)).toHaveLength(2);
  });

  test("renders nothing where nothing was rendered and delivery is direct", async () => {
    const folder = await repository({ "Pulumi.prod.yaml": "config: {}\n" });
    expect((await fairlead(folder, ["promote", "dev", "prod"])).status).toBe(0);
    expect(git(folder, "show", "--format=", "--name-only")).toBe("Pulumi.prod.yaml");
    expect(existsSync(join(folder, "deploy"))).toBe(false);
  });

  test.each<readonly [string, (folder: string) => void, readonly string[], RegExp]>([
    [
      "a dirty tree",
      (folder) => write(join(folder, "note.txt"), "x"),
      [],
      /working tree is not clean.*\?\? note\.txt/s,
    ],
    ["an image by its tag", () => undefined, ["namespace"], /namespace is missing, but dev runs it by a tag/],
    ["a tag for a digest", () => undefined, ["--digest", "order=latest"], /a tag can be moved to other bytes/],
  ])("refuses %s, and changes nothing", async (_, spoil, args, words) => {
    const folder = await repository();
    spoil(folder);
    const before = git(folder, "status", "--porcelain");
    const { status, stderr } = await fairlead(folder, ["promote", "dev", "prod", ...args]);
    expect(status).toBe(1);
    expect(stderr).toMatch(words);
    expect(git(folder, "status", "--porcelain")).toBe(before);
    expect(commits(folder)).toEqual(["begin"]);
  });

  test("refuses the wrong way round and an unknown environment", async () => {
    const folder = await repository();
    expect((await fairlead(folder, ["promote", "prod", "dev"])).stderr).toContain("promotion goes dev -> prod");
    expect((await fairlead(folder, ["promote", "dve", "prod"])).stderr).toContain('did you mean "dev"?');
  });

  test("refuses to carry somebody else's change along", async () => {
    const folder = await repository();
    write(join(folder, "Pulumi.prod.yaml"), "# by hand\nconfig: { shop:delivery: gitops, shop:key: other }\n");
    git(folder, "commit", "--quiet", "-am", "a change that nobody rendered");
    const { status, stderr } = await fairlead(folder, ["promote", "dev", "prod"]);
    expect(status).toBe(1);
    expect(stderr).toContain("fairlead render prod, and commit it first");
    expect(commits(folder)).toHaveLength(2);
  });

  test("says what to do when git refuses the commit", async () => {
    const folder = await repository();
    write(join(folder, ".git/hooks/pre-commit"), "#!/bin/sh\necho not today\nexit 1\n", 0o755);
    const { status, stderr } = await fairlead(folder, ["promote", "dev", "prod"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/not today.*git restore --staged --worktree -- Pulumi\.prod\.yaml/s);
  });

  test("outside of a repository there is nothing to commit to", async () => {
    const folder = projectWith({
      "Pulumi.dev.yaml": `config: { shop:services: { order: { digest: "${DIGEST}" } } }\n`,
    });
    const { stderr } = await fairlead(folder, ["promote", "dev", "prod"], {
      GIT_CEILING_DIRECTORIES: join(folder, ".."),
    });
    expect(stderr).toContain("is in no Git repository");
  });
});
