import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Job, Workflow } from "../../../components/delivery/workflow/index.ts";
import { sentence, type WorkflowsProps, workflows, workflowText } from "../../../components/index.ts";
import { program } from "../../../infra/program.ts";
import { folderWith, ROOT, write } from "../../cli/workbench.ts";
import { faultsOf } from "../../core/faults-of.ts";
import { fullProps } from "./props.ts";

const full = workflows(fullProps());
const jobs = Object.entries(full).flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
);
const scripts = jobs.flatMap(([place, { steps }]) =>
  steps.flatMap(({ run }, index) => (run === undefined ? [] : [[`${place} ${index}`, run] as const])),
);

function job(file: string, name: string): Job {
  const found = full[file]?.jobs[name];
  if (found === undefined) throw new Error(`${file} has no job ${name}`);
  return found;
}

/** A step's script in a real shell, with programs of the test's own first on PATH. */
function ran(
  script: string | undefined,
  env: Readonly<Record<string, string>>,
  programs: Readonly<Record<string, string>> = {},
) {
  const folder = folderWith();
  for (const [name, text] of Object.entries(programs))
    write(join(folder, "bin", name), `#!/bin/bash\n${text}\n`, 0o755);
  const around = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, RUNNER_TEMP: folder, HOME: folder };
  const files = { GITHUB_STEP_SUMMARY: join(folder, "summary"), GITHUB_OUTPUT: join(folder, "output") };
  const run = spawnSync("bash", ["-c", script ?? "exit 99"], {
    encoding: "utf8",
    env: { ...around, ...files, ...env },
    cwd: folder,
  });
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return { status: run.status, stdout: run.stdout, stderr: run.stderr, read };
}

describe("every workflow", () => {
  test.each(Object.entries(full))("%s reads back as what was described, pins beside their releases", (_, workflow) => {
    const text = workflowText(workflow);
    expect(parse(text)).toEqual(JSON.parse(JSON.stringify(workflow)));
    const uses = text.split("\n").filter((line) => /\buses:/.test(line));
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test.each(Object.entries(full))(
    "%s may read the contents and no more, and waits for its like",
    (_, workflow: Workflow) => {
      expect(workflow.permissions).toEqual({ contents: "read" });
      expect(workflow.concurrency.group).not.toBe("");
      for (const one of Object.values(workflow.jobs)) expect(one["timeout-minutes"]).toBeLessThanOrEqual(90);
    },
  );

  test("lets no job write that runs code of a pull request", () => {
    const writing = jobs.filter(([, { permissions = {} }]) => Object.values(permissions).includes("write"));
    expect(writing.map(([place]) => place)).toEqual(["review.yml comment", "images.yml record"]);
    expect(Object.keys(full["images.yml"]?.on ?? {})).toEqual(["push"]);
    expect(job("review.yml", "comment").steps.flatMap(({ uses }) => uses ?? [])).toEqual([]);
  });

  test("writes nothing of a pull request into a script, and leaves no token in the checkout", () => {
    for (const [, run] of scripts) expect(run).not.toContain("${{");
    const text = Object.values(full).map(workflowText).join("\n");
    expect(text).not.toMatch(/pull_request\.(?:title|body|head\.ref)|head_ref|pull_request_target/);
    const checkouts = jobs.flatMap(([, { steps }]) =>
      steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")),
    );
    for (const one of checkouts) expect(one.with?.["persist-credentials"]).toBe(false);
  });

  test("gives secrets to pull requests of this repository alone", () => {
    const secret = jobs.filter(
      ([place, one]) => JSON.stringify(one).includes("secrets.") && /^(?:review|pull-request)/.test(place),
    );
    expect(secret.length).toBeGreaterThan(3);
    for (const [, one] of secret)
      expect(one.if).toMatch(/head\.repo\.full_name == github\.repository|event_name == 'schedule'/);
  });

  test.each(scripts)("%s is a script that a shell reads", (_, script) => {
    expect(spawnSync("bash", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });
});

test("checks are gates: lint, then unit, then integration, with the project's own commands", () => {
  const { lint, unit, integration } = full["checks.yml"]?.jobs ?? {};
  expect([lint, unit, integration].map((one) => one?.steps.at(-1)?.run)).toEqual([
    "make lint",
    "make unit",
    "make integration",
  ]);
  expect([unit?.needs, integration?.needs]).toEqual(["lint", "unit"]);
});

test("digests that were built are proposed to the first environment, and no commit of digests builds again", () => {
  const script = job("images.yml", "record").steps.at(-1)?.run;
  const env = { GITHUB_SHA: `${"c".repeat(40)}`, GITHUB_REPOSITORY: "shop/shop", GH_TOKEN: "t" };
  const programs = {
    mv: 'mkdir -p "$2" && touch "$2/order.json" "$2/user.json"',
    jq: 'basename "$3" .json | sed "s/$/=sha256:1/"',
    npx: 'echo "npx $*"',
    git: 'if [ "$1" = rev-parse ]; then echo "$HEAD_IS"; else echo "git $*"; fi',
    gh: 'echo "gh $*"',
  };
  const made = ran(script, { ...env, HEAD_IS: "another" }, programs);
  expect(made.stderr).toBe("");
  expect(made.stdout).toContain(
    "npx fairlead promote built dev --as cccccccccccc --digest order=sha256:1 --digest user=sha256:1\n",
  );
  expect(made.stdout).toContain("HEAD:refs/heads/digests/cccccccccccc\n");
  expect(made.stdout).toContain("gh pr create --base trunk --head digests/cccccccccccc --fill\n");
  const nothing = ran(script, { ...env, HEAD_IS: env.GITHUB_SHA }, programs);
  expect(nothing.status).toBe(0);
  expect(nothing.stdout).not.toContain("gh ");
  expect(full["images.yml"]?.on["push"]).toMatchObject({ "paths-ignore": ["Pulumi.*.yaml", "deploy/**"] });
  const without = workflows({ ...fullProps(), recordDigests: false })["images.yml"];
  expect(Object.keys(without?.jobs ?? {})).toEqual(["build"]);
});

test("platforms are built under one digest, and build secrets come by variables", () => {
  const { steps, strategy } = job("images.yml", "build");
  const rows = strategy?.matrix["include"] as readonly Record<string, unknown>[];
  expect(rows.find(({ name }) => name === "user")).toMatchObject({
    platforms: "linux/amd64,linux/arm64",
    secrets: "netrc=NETRC",
  });
  const push = steps.find(({ id }) => id === "push");
  expect(push?.env).toEqual({ NETRC: "${{ secrets.NETRC }}" });
  expect(push?.with).toMatchObject({ platforms: "${{ matrix.platforms }}", "secret-envs": "${{ matrix.secrets }}" });
});

test("images are pushed as the commit and as latest, and their digest is recorded", () => {
  const { steps, strategy } = job("images.yml", "build");
  expect(strategy?.matrix["include"]).toEqual([
    {
      name: "order",
      repository: "registry.example.com/shop/order",
      registry: "registry.example.com",
      context: "services/order",
      dockerfile: "services/order/Dockerfile",
    },
    expect.objectContaining({ dockerfile: "build/Dockerfile.user" }),
  ]);
  expect(steps.find(({ id }) => id === "push")?.with?.["tags"]).toBe(
    "${{ matrix.repository }}:${{ github.sha }}\n${{ matrix.repository }}:latest\n",
  );
  const record = steps.find(({ name }) => name === "Record the digest")?.run;
  const env = { NAME: "order", REPOSITORY: "registry.example.com/shop/order", DIGEST: "sha256:abc", GITHUB_SHA: "123" };
  const { status, read } = ran(record, env);
  expect(status).toBe(0);
  expect(JSON.parse(read("order.json"))).toEqual({
    name: "order",
    image: env.REPOSITORY,
    digest: "sha256:abc",
    commit: "123",
  });
  expect(ran(record, { ...env, DIGEST: "" }).status).not.toBe(0);
});

describe("the review of a pull request", () => {
  const gate = job("review.yml", "gate").steps[0]?.run;

  test.each([
    ["0", "false", 0],
    ["2", "false", 1],
    ["2", "true", 0],
  ])("with status %s and the label %s the gate ends with %i", (status, seen, ends) => {
    expect(ran(gate, { STATUS: status, SEEN: seen }).status).toBe(ends);
  });

  const diff = job("review.yml", "diff").steps.at(-1)?.run;

  test.each([
    [0, 0],
    [2, 0],
    [1, 1],
  ])("a comparison that ends with %i lets the job end with %i", (status, ends) => {
    const { status: ended, read } = ran(diff, { BASE: "abc" }, { npx: `echo "$@"; exit ${status}` });
    expect(ended).toBe(ends);
    expect(read("output")).toMatch(
      new RegExp(`^text<<(\\w{32})\\nfairlead diff abc --markdown\\n\\n\\1\\nstatus=${status}\\n$`),
    );
    expect(read("summary")).toBe("fairlead diff abc --markdown\n");
  });

  const comment = job("review.yml", "comment").steps[0]?.run;
  const env = {
    GITHUB_REPOSITORY: "o/r",
    NUMBER: "7",
    DIFF: "<!-- fairlead diff -->\nall",
    PREVIEW_DEV: "x".repeat(200_000).slice(0, 100_000),
    PREVIEW_STAGING: "</details>",
    PREVIEW_PROD: "",
  };
  const gh = (found: string) => `echo "$@" >> "$RUNNER_TEMP/calls"; case "$*" in *--jq*) printf '${found}';; esac`;

  test("is one comment, which is written anew and not again", () => {
    const first = ran(comment, env, { gh: gh("") });
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.read("calls").split("\n")[1]).toMatch(/^api repos\/o\/r\/issues\/7\/comments -F body=@/);
    const again = ran(comment, env, { gh: gh("11\\n12\\n") });
    expect(again.read("calls").split("\n")[1]).toMatch(
      /^api --method PATCH repos\/o\/r\/issues\/comments\/12 -F body=@/,
    );
  });

  test("is short enough, and what the engine says is no markup in it", () => {
    const text = ran(comment, env, { gh: gh("") }).read("comment.md");
    expect(text.startsWith("<!-- fairlead diff -->\nall\n")).toBe(true);
    expect(text.length).toBeLessThan(20_000);
    expect(text).toContain("    </details>\n");
    expect(text).not.toContain("prod");
  });
});

describe("the environment of a pull request", () => {
  test("bears its number and when it expires, in namespaces of its own alone", () => {
    const apply = job("pull-request-environment.yml", "bring").steps.at(-1);
    expect(apply?.env).toMatchObject({ LIKE: "dev", NAMESPACE: "shop-pr-", SECONDS_TO_LIVE: "28800" });
    const namespaces = (names: string) => ({
      kubectl: `echo "$@" >> "$RUNNER_TEMP/calls"; case "$*" in *--recursive*-o*) printf '%s\\n' ${names};; esac`,
    });
    const env = { LIKE: "dev", NAMESPACE: "shop-pr-", NUMBER: "7", SECONDS_TO_LIVE: "60" };
    const made = ran(apply?.run, env, namespaces("shop-pr-7 shop-pr-7-telemetry"));
    expect(made).toMatchObject({ status: 0 });
    expect(made.read("calls")).toMatch(
      /label namespace shop-pr-7-telemetry --overwrite fairlead\.dev\/pull-request=7 fairlead\.dev\/expires=\d+/,
    );
    expect(made.read("calls")).toMatch(/apply --server-side --force-conflicts --recursive/);
    const foreign = ran(apply?.run, env, namespaces("shop-pr-70"));
    expect(foreign.status).toBe(1);
    expect(foreign.read("calls")).not.toContain("label");
  });

  test("gets its namespace by the settings, beside those that stand there", () => {
    const set = job("pull-request-environment.yml", "bring").steps.find(({ name }) => name === "Namespaces of its own");
    const env = { LIKE: "dev", NAMESPACE: "shop-pr-", NUMBER: "7", SETTING: "shop:namespace" };
    const { status, read, stderr } = ran(
      `cd "$RUNNER_TEMP"; ln -s ${ROOT}/node_modules node_modules; echo 'config: { shop:version: "2" }' > Pulumi.dev.yaml\n${set?.run}`,
      env,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(parse(read("Pulumi.dev.yaml"))).toEqual({ config: { "shop:version": "2", "shop:namespace": "shop-pr-7" } });
  });

  test("is removed when its time is over, and not before", () => {
    const sweep = job("pull-request-environment.yml", "sweep").steps.at(-1)?.run;
    const found = "old 1\\nnew 99999999999\\n";
    const { status, read } = ran(
      sweep,
      {},
      { kubectl: `echo "$@" >> "$RUNNER_TEMP/calls"; case "$*" in get*) printf '${found}';; esac` },
    );
    expect(status).toBe(0);
    expect(
      read("calls")
        .split("\n")
        .filter((line) => line.startsWith("delete")),
    ).toEqual(["delete namespace old --wait=false"]);
  });
});

test("what nobody asked for is not there", () => {
  expect(Object.keys(workflows({ project: "shop", environments: ["prod"] }))).toEqual([
    "checks.yml",
    "review.yml",
    "drift.yml",
  ]);
});

test.each<[string, Partial<WorkflowsProps>, RegExp]>([
  ["no environment", { environments: [] }, /environments .*but there is nothing then to compare/],
  [
    "an unknown environment",
    { pullRequestEnvironment: { like: "prdo" } },
    /like is "prdo", but no such environment is named; use one of dev, staging, prod/,
  ],
  [
    "a life too short",
    { pullRequestEnvironment: { like: "dev", timeToLive: "5m" } },
    /timeToLive is "5m", but it is looked for once an hour/,
  ],
  ["a time that is none", { drift: "daily" }, /drift is "daily", but it is no time of five numbers/],
  ["a branch that is a script", { branch: "$(rm -rf /)" }, /branch is .* but it may have letters/],
  [
    "an expression in a command",
    { command: "npx ${{ github.event.pull_request.title }}" },
    /but it is more than one plain call/,
  ],
  ["a misspelt word", { environment: ["prod"] } as object, /environment/],
])("%s is refused", (_, wrong, says) => {
  expect(
    faultsOf(() => workflows({ ...fullProps(), ...wrong }))
      .map(sentence)
      .join("\n"),
  ).toMatch(says);
});

test("this project's own workflows are what it describes", () => {
  const folder = join(ROOT, ".github/workflows");
  const described = workflows({ ...program.workflows, project: program.project, environments: program.environments });
  expect(readdirSync(folder).sort()).toEqual(Object.keys(described).sort());
  for (const [name, workflow] of Object.entries(described)) {
    expect(readFileSync(join(folder, name), "utf8"), "npm run workflows").toBe(workflowText(workflow));
  }
});
