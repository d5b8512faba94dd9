import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { workflows } from "../../../components/index.ts";
import { program } from "../../../infra/program.ts";
import { ensureParts, installCrds } from "../../../toolchain/index.ts";
import { type Cli, openCli, ROOT } from "../cli.ts";
import { type ClusterObjects, clusterObjects } from "../objects.ts";
import { run } from "../process.ts";

let cli: Cli;
let cluster: ClusterObjects;
let work: string;
let path: string;

beforeAll(async () => {
  cli = openCli();
  const started = await cli.run("cluster", "start");
  expect(started.status, started.stderr).toBe(0);
  cluster = clusterObjects(cli.kubeconfig);
  const { members } = program.build("dev", {});
  await installCrds(
    cli.kubeconfig,
    Object.values(members).flatMap(({ objects }) => Object.values(objects)),
  );
  const kubectl = (await ensureParts(["kubectl"])).get("kubectl")?.file ?? "";
  path = [dirname(process.execPath), dirname(kubectl), process.env["PATH"]].join(delimiter);
  work = mkdtempSync(join(tmpdir(), "fairlead-pr-"));
  for (const name of ["cli", "components", "infra", "toolchain"])
    cpSync(join(ROOT, name), join(work, name), { recursive: true });
  for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "package.json"]) {
    if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(work, name));
  }
  symlinkSync(join(ROOT, "node_modules"), join(work, "node_modules"));
});

afterAll(async () => {
  await cli.close();
  rmSync(work, { recursive: true });
});

/** Runs the scripts of a job of this project's own workflow, as the runner would. */
async function runJob(name: "bring" | "remove" | "sweep", number: string, more: NodeJS.ProcessEnv = {}) {
  const described = workflows({
    ...program.workflows,
    project: program.project,
    environments: program.environments,
    command: "node cli/main.ts",
  });
  const steps = described["pull-request-environment.yml"]?.jobs[name]?.steps ?? [];
  const temporary = join(work, "runner");
  mkdirSync(temporary, { recursive: true });
  // The packages are there, and so is the way to the cluster.
  for (const { run: script, env = {} } of steps.filter(
    (step) => !/^(?:Packages|Way to the cluster)$/.test(step.name ?? ""),
  )) {
    if (script === undefined) continue;
    const said = Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, value.startsWith("${{") ? number : value]),
    );
    const around = {
      PATH: path,
      RUNNER_TEMP: temporary,
      GITHUB_STEP_SUMMARY: join(temporary, "summary"),
      KUBECONFIG: cli.kubeconfig,
    };
    writeFileSync(join(temporary, "script"), script);
    const ended = await run("bash", [join(temporary, "script")], { cwd: work, env: { ...around, ...said, ...more } });
    expect(ended.status, `${script}\n${ended.stdout}\n${ended.stderr}`).toBe(0);
  }
}

/** Namespaces of a pull request that are not on their way out. */
async function namespacesOf(number: string): Promise<readonly string[]> {
  const all = await cluster.list("v1", "namespaces");
  return all
    .filter(({ metadata }) => metadata.labels?.["fairlead.dev/pull-request"] === number)
    .filter(({ metadata }) => Reflect.get(metadata, "deletionTimestamp") === undefined)
    .map(({ metadata }) => metadata.name);
}

test("a pull request gets namespaces of its own with every service in them, until it is closed or its time is over", async () => {
  await runJob("bring", "7");
  await runJob("bring", "8", { SECONDS_TO_LIVE: "-1" });
  const of7 = await namespacesOf("7");
  expect(of7).toContain("shop-pr-7");
  const deployments = await cluster.listKind({ apiVersion: "apps/v1", kind: "Deployment" }, "shop-pr-7");
  expect(deployments.map(({ metadata }) => metadata.name)).toEqual(
    expect.arrayContaining(["order", "payment", "user"]),
  );

  await runJob("sweep", "");
  expect(await namespacesOf("7")).toEqual(of7);
  expect(await namespacesOf("8")).toEqual([]);
  await runJob("remove", "7");
  expect(await namespacesOf("7")).toEqual([]);
});
