import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectWith } from "../cli/project.ts";
import { fairlead, folderWith, ROOT, start } from "../cli/workbench.ts";

/** What a refusal says; nothing may have been started or written for it. */
async function refusal(folder: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await fairlead(folder, args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(existsSync(join(folder, ".fairlead"))).toBe(false);
  return stderr;
}

describe("a slip of the pen", () => {
  test.each([
    [["upp"], "error: unknown command 'upp'\n(Did you mean up?)"],
    [["up", "--contxt", "mine"], "error: unknown option '--contxt'\n(Did you mean --context?)"],
    [["cluster", "strat"], "error: unknown command 'strat'\n(Did you mean start?)"],
    [["render", "dev", "prod"], "error: too many arguments for 'render'"],
  ])("in %j is told with the nearest right word", async (args, message) => {
    expect(await refusal(projectWith(), ...args)).toContain(message);
  });

  test.each(["up", "down"])("in the environment of %s is told with the nearest one", async (command) => {
    expect(await refusal(projectWith(), command, "prd")).toBe(
      'environment is "prd", but shop declares no such environment; did you mean "prod"?\n',
    );
  });
});

describe("refused before anything is started is", () => {
  test.each(["up", "render"])("a fault in the description, by %s", async (command) => {
    const folder = projectWith({ "Pulumi.dev.yaml": "config: { shop:replicas: 0 }\n" });
    expect(await refusal(folder, command)).toBe("order: replicas is 0, but it is none; write 1\n");
  });

  test("a file of settings that is no YAML, by line and column", async () => {
    const folder = projectWith({ "Pulumi.dev.yaml": "config:\n  shop:a: [1\n" });
    expect(await refusal(folder, "up")).toMatch(/^Pulumi\.dev\.yaml:3:1 is no YAML: .+; correct the YAML there\n$/);
  });

  test("a folder that belongs to no project", async () => {
    expect(await refusal(folderWith(), "up")).toMatch(/^project: Pulumi\.yaml is missing, but neither .+; change into/);
  });

  test("a Pulumi project without a program", async () => {
    const folder = folderWith({ "Pulumi.yaml": "name: shop\nruntime: nodejs\n" });
    expect(await refusal(folder, "up")).toMatch(
      /infra\/program\.ts is missing, but it is what describes .+ export const/,
    );
  });

  test("a program that is none", async () => {
    const folder = projectWith({ "infra/program.ts": "export const program = { project: 'shop' };\n" });
    expect(await refusal(folder, "up")).toMatch(
      /^infra\/program\.ts: program is \{"project":"shop"\}, but the command/,
    );
  });

  test("--all together with a cluster of the user's", async () => {
    expect(await refusal(projectWith(), "down", "--all", "--context", "mine")).toMatch(/^--all is about the embedded/);
  });
});

test("what nobody foresaw is shown in full, with the request to report it", async () => {
  const folder = projectWith({ "Pulumi.dev.yaml": "config: { shop:crash: true }\n" });
  const { status, stderr } = await fairlead(folder, ["render"]);
  expect(status).toBe(70);
  expect(stderr).toMatch(/^TypeError: nobody thought of that\n {4}at .*program\.ts:\d+/);
  expect(stderr).toMatch(/please report it with the lines above/);
});

test("down of what is not up says so, starts nothing and is content", async () => {
  const folder = projectWith();
  const { status, stdout } = await fairlead(folder, ["down", "prod"]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "environment prod is not up\n" });
  expect(readdirSync(folder)).not.toContain(".fairlead");
});

test("cluster status says that there is none, and a script can tell", async () => {
  const { status, stdout } = await fairlead(projectWith(), ["cluster", "status"]);
  expect({ status, stdout }).toEqual({ status: 3, stdout: "there is no embedded cluster\n" });
});

test("--help tells every command, and --version the package's", async () => {
  const folder = folderWith();
  const help = await fairlead(folder, ["--help"]);
  expect(help.status).toBe(0);
  for (const command of ["up", "preview", "down", "render", "adopt", "import", "doctor", "cluster", "new"]) {
    expect(help.stdout).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
  }
  expect((await fairlead(folder, ["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("a Node.js that is too old for the installed package is told in one sentence", async () => {
  const disguise = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } })`;
  const args = ["--import", `data:text/javascript,${disguise}`, join(ROOT, "cli/main.ts"), "render"];
  const { status, stderr } = await start(process.execPath, args, { cwd: projectWith() }).ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Fairlead needs Node\.js 22\.18 or newer, this is v.+\n$/);
});
