import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectWith } from "../cli/project.ts";
import { fairlead, folderWith, write } from "../cli/workbench.ts";

function git(folder: string, ...args: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8" }).trim();
}

/** A project under Git whose settings can be committed. */
function repository() {
  const folder = projectWith();
  git(folder, "init", "--quiet");
  const commit = (settings: string, file = "Pulumi.dev.yaml") => {
    write(join(folder, file), settings);
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--message", settings);
    return git(folder, "rev-parse", "HEAD");
  };
  return { folder, commit };
}

test("diff of two commits says what changes, and leaves nothing behind", async () => {
  const { folder, commit } = repository();
  const base = commit("config: { shop:key: one }\n");
  commit("config: { shop:key: two }\n");
  const { status, stdout } = await fairlead(folder, ["diff", base, "main"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^[0-9a-f]{10} → main \([0-9a-f]{10}\)$/m);
  expect(stdout).toMatch(/changed +order +ConfigMap order +data\.key one → two/);
  expect(git(folder, "worktree", "list").split("\n")).toHaveLength(1);
  expect(git(folder, "status", "--porcelain")).toBe("");
});

test("diff without a head compares with the working tree, from any folder of the project", async () => {
  const { folder, commit } = repository();
  commit("config: { shop:key: one }\n");
  mkdirSync(join(folder, "docs"));
  expect((await fairlead(join(folder, "docs"), ["diff", "HEAD"])).stdout).toMatch(/working tree: nothing changes\n$/);
  write(join(folder, "Pulumi.dev.yaml"), "config: { shop:key: three }\n");
  const { stdout } = await fairlead(join(folder, "docs"), ["diff", "HEAD", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    head: "working tree",
    environments: [
      {
        environment: "dev",
        objects: [
          { what: "changed", kind: "ConfigMap", fields: [{ path: "data.key", before: "one", after: "three" }] },
        ],
      },
      { environment: "prod", objects: [] },
    ],
  });
});

test("diff ends with status 2 at a stop sign, and says it in Markdown too", async () => {
  const { folder, commit } = repository();
  commit("config: {}\n");
  const program = join(folder, "infra/program.ts");
  const text = readFileSync(program, "utf8");
  write(program, text.replaceAll('"shop-" + name', '"store-" + name'));
  const { status, stdout, stderr } = await fairlead(folder, ["diff", "HEAD", "--markdown", "--environment", "prod"]);
  expect({ status, stderr }).toEqual({ status: 2, stderr: "" });
  expect(stdout).toMatch(/^<!-- fairlead diff -->\n/);
  expect(stdout).toContain("[!CAUTION]");
  expect(stdout).toContain("everything in the namespace is deleted with it");
  expect(stdout).not.toContain("<code>dev</code>");
});

test("diff compares folders: a checkout, a rendered folder, the folder of one environment", async () => {
  const { folder } = repository();
  const other = projectWith({ "Pulumi.prod.yaml": "config: { shop:key: other }\n" });
  expect((await fairlead(folder, ["diff", other])).stdout).toMatch(
    /changed +order +ConfigMap order +data\.key other → none/,
  );
  for (const name of ["dev", "prod"]) await fairlead(folder, ["render", name]);
  expect((await fairlead(folder, ["diff", "./deploy"])).stdout).toBe("./deploy → working tree: nothing changes\n");
  expect((await fairlead(folder, ["diff", "./deploy/prod", other, "--environment", "prod"])).stdout).toMatch(
    /prod +0 +1 +0[\s\S]*data\.key none → other/,
  );
  // GitOps' layout: a folder for each component.
  mkdirSync(join(folder, "gitops/prod/order"), { recursive: true });
  execFileSync("cp", [join(folder, "deploy/prod/order.yaml"), join(folder, "gitops/prod/order/all.yaml")]);
  execFileSync("cp", [join(folder, "deploy/prod/namespace.yaml"), join(folder, "gitops/prod/namespace.yaml")]);
  expect((await fairlead(folder, ["diff", "gitops/prod", "deploy/prod"])).stdout).toMatch(/nothing changes\n$/);
});

test("a commit that does not build is said in one sentence, with its name and place", async () => {
  const { folder, commit } = repository();
  commit("config: {}\n");
  const broken = commit("config: { shop:replicas: 0 }\n", "Pulumi.prod.yaml");
  const refused = await fairlead(folder, ["diff", broken.slice(0, 8), "HEAD~1"]);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toBe(
    `${broken.slice(0, 10)} does not build: environment prod: order: replicas is 0, but it is none; write 1; mend it there; where packages are missing, install those of that commit and name its folder\n`,
  );
  commit("config: { shop:crash: true }\n", "Pulumi.prod.yaml");
  expect((await fairlead(folder, ["diff", "HEAD"])).stderr).toMatch(
    /^(?:HEAD \(\w+\)|working tree) does not build: environment prod: TypeError: nobody thought of that \(at .*infra\/program\.ts/,
  );
  rmSync(join(folder, "infra"), { recursive: true });
  expect((await fairlead(folder, ["diff", "HEAD~2"])).stderr).toMatch(
    /^working tree does not build: .*infra\/program\.ts/,
  );
  expect(git(folder, "worktree", "list").split("\n")).toHaveLength(1);
});

test.each([
  [["nosuch"], /^diff is "nosuch", but it is neither a commit of this repository nor a folder; fetch it/],
  [
    ["main"],
    /^diff is "main", but that is a folder and a commit as well; write \.\/main for the folder, or refs\/heads\/main/,
  ],
  [["./main"], /but no YAML stands in it; name a checkout/],
  [["HEAD", "--environment", "prdo"], /^environment is "prdo", but neither side has an environment of that name/],
  [["HEAD", "--json", "--markdown"], /^diff: --markdown cannot stand beside --json/],
  [["./one", "HEAD"], /^\.\/one: environment is "one", but HEAD .* has dev, prod/],
  [["--", "--output=x"], /^diff is "--output=x", but it is neither/],
  [[], /missing required argument 'base'/],
])("diff %j is refused", async (args, says) => {
  const { folder, commit } = repository();
  commit("config: {}\n");
  mkdirSync(join(folder, "main"));
  write(join(folder, "one/a.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n");
  const { status, stdout, stderr } = await fairlead(folder, ["diff", ...args]);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(says);
  expect(readdirSync(folder)).not.toContain("x");
});

test("diff outside of a repository still compares folders", async () => {
  const folder = projectWith();
  const other = folderWith({ "prod/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n" });
  expect((await fairlead(folder, ["diff", other, other])).stdout).toMatch(/nothing changes\n$/);
  expect((await fairlead(folder, ["diff", "HEAD"])).stderr).toMatch(/neither a commit of this repository nor a folder/);
});
