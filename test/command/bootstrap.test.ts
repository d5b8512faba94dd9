import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith, ROOT, type Running, start, until, write } from "../cli/workbench.ts";

const PROGRAM = `
  import { writeFileSync } from "node:fs";
  console.log("program", JSON.stringify(process.argv.slice(2)), process.env.BROUGHT ?? "");
  if (process.argv[2] === "end") process.exit(Number(process.argv[3]));
  if (process.argv[2] === "wait") {
    writeFileSync("program-waits", "");
    setInterval(() => {}, 1000);
  }
`;

/** An npm that notes each call, and makes what it is told to. */
const NPM = `#!/bin/sh
echo "$@" >> npm-calls
rm -rf node_modules
mkdir -p node_modules/.bin
[ -f wait-for-it ] && { touch npm-began; while [ -f wait-for-it ]; do sleep 0.02; done; }
[ -f fail ] && { echo "npm error no network" >&2; exit 7; }
cp -r packages/. node_modules
exit 0
`;

const LOCK = {
  packages: {
    "": {},
    "node_modules/greet": { version: "1.0.0" },
    "node_modules/other-machine": { version: "1.0.0", optional: true },
  },
};

interface Checkout {
  readonly folder: string;
  readonly run: (args: readonly string[], options?: RunOptions) => Running;
  readonly npmCalls: () => readonly string[];
}

interface RunOptions {
  /** Version that Node.js says it is of. @default its own */
  readonly as?: string;
}

/** A clone without packages, with an npm of the test's. */
function checkout(): Checkout {
  const folder = folderWith({
    "package.json": `{ "type": "module" }`,
    "package-lock.json": JSON.stringify(LOCK),
    "cli/main.ts": PROGRAM,
  });
  copyFileSync(join(ROOT, "cli/bootstrap.js"), join(folder, "cli/bootstrap.js"));
  write(join(folder, "path/npm"), NPM, 0o755);
  write(
    join(folder, "packages/.bin/greet"),
    `#!/usr/bin/env node\nconsole.log("hello", ...process.argv.slice(2));`,
    0o755,
  );
  write(join(folder, "packages/.bin/which-first"), `#!/bin/sh\necho "$PATH" | cut -d: -f1\n`, 0o755);
  const { npm_execpath: _, ...around } = process.env;
  const env = { ...around, PATH: `${join(folder, "path")}:${process.env["PATH"]}` };
  const run = (args: readonly string[], { as }: RunOptions = {}) => {
    const disguise = `Object.defineProperty(process, "version", { value: "${as}" })`;
    const before = as === undefined ? [] : ["--import", `data:text/javascript,${disguise}`];
    return start(process.execPath, [...before, "cli/bootstrap.js", ...args], { cwd: folder, env });
  };
  const calls = join(folder, "npm-calls");
  const npmCalls = () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []);
  return { folder, run, npmCalls };
}

/** A Node.js that comes with the packages, and says so to the program. */
function bring(folder: string, script = `export BROUGHT=brought; exec "${process.execPath}" "$@"`): void {
  write(join(folder, "packages/.bin/node"), `#!/bin/sh\n${script}\n`, 0o755);
}

describe("packages", () => {
  test("are installed before the first run, in one line, and not before the second", async () => {
    const { run, npmCalls } = checkout();
    const first = await run(["up", "prod"]).ended;
    expect(first.stdout).toContain('program ["up","prod"]');
    expect(first.stderr.trim().split("\n")).toEqual([expect.stringContaining("npm ci")]);
    expect(npmCalls()).toEqual([expect.stringMatching(/^ci --ignore-scripts .*--include=dev --include=optional$/)]);
    const second = await run([]).ended;
    expect(second).toMatchObject({ status: 0, stderr: "" });
    expect(npmCalls()).toHaveLength(1);
  });

  test("are installed again when the lock file has changed", async () => {
    const { folder, run, npmCalls } = checkout();
    await run([]).ended;
    appendFileSync(join(folder, "package-lock.json"), "\n");
    await run([]).ended;
    expect(npmCalls()).toHaveLength(2);
  });

  test("that the user installed with npm are good as they are", async () => {
    const { folder, run, npmCalls } = checkout();
    write(
      join(folder, "node_modules/.package-lock.json"),
      JSON.stringify({ packages: { "node_modules/greet": { version: "1.0.0" } } }),
    );
    expect((await run([]).ended).status).toBe(0);
    expect(npmCalls()).toEqual([]);
  });

  test.each([
    ["of another version", { "node_modules/greet": { version: "0.9.0" } }],
    ["that lack one", {}],
  ])("%s are installed anew", async (_, packages) => {
    const { folder, run, npmCalls } = checkout();
    write(join(folder, "node_modules/.package-lock.json"), JSON.stringify({ packages }));
    expect((await run([]).ended).status).toBe(0);
    expect(npmCalls()).toHaveLength(1);
  });

  test("that cannot be installed end the run with a sentence, and the next run tries again", async () => {
    const { folder, run, npmCalls } = checkout();
    writeFileSync(join(folder, "fail"), "");
    const failed = await run(["up"]).ended;
    expect(failed.status).toBe(1);
    expect(failed.stdout).toBe("");
    expect(failed.stderr).toMatch(/npm error no network\nthe packages are not installed, because npm ci failed: .+\n$/);
    rmSync(join(folder, "fail"));
    expect((await run(["up"]).ended).status).toBe(0);
    expect(npmCalls()).toHaveLength(2);
  });

  test("half installed by a run that was killed are installed again", async () => {
    const { folder, run, npmCalls } = checkout();
    writeFileSync(join(folder, "wait-for-it"), "");
    const killed = run([]);
    await until(() => existsSync(join(folder, "npm-began")));
    killed.kill("SIGKILL");
    rmSync(join(folder, "wait-for-it"));
    await killed.ended;
    expect((await run([]).ended).status).toBe(0);
    expect(npmCalls()).toHaveLength(2);
  });

  test("are installed once by two runs at the same time", async () => {
    const { folder, run, npmCalls } = checkout();
    writeFileSync(join(folder, "wait-for-it"), "");
    const first = run(["first"]);
    await until(() => existsSync(join(folder, "npm-began")));
    const second = run(["second"]);
    await until(() => existsSync(join(folder, `.fairlead/install.lock.${second.pid}`)));
    rmSync(join(folder, "wait-for-it"));
    expect((await first.ended).stdout).toContain("first");
    const waited = await second.ended;
    expect(waited.stdout).toContain("second");
    expect(waited.stderr).toBe(`waiting for process ${first.pid}, which is installing the packages\n`);
    expect(npmCalls()).toHaveLength(1);
  });

  test("are not installed by a run that is told to stop, and nothing is left in the way", async () => {
    const { folder, run } = checkout();
    writeFileSync(join(folder, "wait-for-it"), "");
    const stopped = run([]);
    await until(() => existsSync(join(folder, "npm-began")));
    stopped.kill("SIGTERM");
    expect(await stopped.ended).toMatchObject({ signal: "SIGTERM", stdout: "" });
    expect(existsSync(join(folder, ".fairlead/install.lock"))).toBe(false);
  });
});

describe("Node.js", () => {
  test("of an older version hands over to the one that comes with the packages", async () => {
    const { folder, run } = checkout();
    bring(folder);
    expect((await run(["up"], { as: "v20.19.0" }).ended).stdout).toBe('program ["up"] brought\n');
  });

  test("that runs TypeScript is used as it is", async () => {
    const { folder, run } = checkout();
    bring(folder);
    expect((await run(["up"]).ended).stdout).toBe('program ["up"] \n');
  });

  test("of an older version on a machine that no package brings one for is refused in one sentence", async () => {
    const { run } = checkout();
    const { status, stderr } = await run(["up"], { as: "v20.19.0" }).ended;
    expect(status).toBe(1);
    expect(stderr.trim().split("\n").at(-1)).toMatch(
      /^Fairlead needs Node\.js 22\.18 or newer, this is v20\.19\.0, and no package brings one for \w+ \w+: https/,
    );
  });

  test("that comes with the packages and does not run here is put out of the way", async () => {
    const { folder, run } = checkout();
    bring(folder, "exit 127");
    expect((await run(["--run", "greet", "you"]).ended).stdout).toBe("hello you\n");
    expect(existsSync(join(folder, "node_modules/.bin/node"))).toBe(false);
  });

  test("too old for the set-up itself is refused in one sentence, before anything is installed", async () => {
    const { run, npmCalls } = checkout();
    const { status, stderr } = await run(["up"], { as: "v14.21.3" }).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Fairlead needs Node\.js 16 or newer to set itself up, this is v14\.21\.3: .+\n$/);
    expect(npmCalls()).toEqual([]);
  });
});

describe("the program", () => {
  test("gives its exit status", async () => {
    expect((await checkout().run(["end", "3"]).ended).status).toBe(3);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("is passed %s when there is no terminal", async (signal) => {
    const { folder, run } = checkout();
    const running = run(["wait"]);
    await until(() => existsSync(join(folder, "program-waits")));
    running.kill(signal);
    expect((await running.ended).signal).toBe(signal);
  });

  test("may be a command of an installed package, with those commands first on PATH", async () => {
    const { folder, run } = checkout();
    expect((await run(["--run", "greet", "--loud", "you"]).ended).stdout).toBe("hello --loud you\n");
    expect((await run(["--run", "which-first"]).ended).stdout).toBe(`${join(folder, "node_modules/.bin")}\n`);
  });

  test("that no package brings is refused by name", async () => {
    const { status, stderr } = await checkout().run(["--run", "greeet"]).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/no installed package brings the command greeet\n$/);
  });
});
