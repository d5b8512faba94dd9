import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { DOCKER_PLUGIN_ENV, hasDockerPlugin } from "../../toolchain/docker/plugin.ts";
import { ensureEngine } from "../../toolchain/engine.ts";
import { SOURCES } from "../../toolchain/parts.ts";
import { deadAddress, fakeGo, modules, program, temporaryFolder } from "./workbench.ts";

const PLUGIN = "plugins/resource-kubernetes-v4.27.0/pulumi-resource-kubernetes";

/** What `pulumi plugin install … --file FOLDER` does, noted in a log. */
const INSTALL = `case "$1" in
version) echo v3.260.0;;
plugin) echo "$@" >> "$LOG"; mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"; cp "$7/pulumi-resource-$4" "$PULUMI_HOME/plugins/resource-$4-v$5";;
esac`;

/** A machine with the user's own Pulumi on PATH, a Go for the provider, and an empty Pulumi home. */
async function machine() {
  const folder = temporaryFolder();
  const [bin, home, log] = [join(folder, "bin"), join(folder, "home"), join(folder, "log")];
  const pulumi = program(bin, "pulumi", INSTALL);
  program(bin, "pulumi-language-nodejs", "");
  fakeGo(bin, join(folder, "go.log"));
  const env = { PATH: `${bin}:/usr/bin:/bin`, PULUMI_HOME: home, LOG: log, FAIRLEAD_MIRROR: await deadAddress() };
  // The real row needs a file from a module, which the fake Go does not have.
  const sources = SOURCES.map((source) => ({
    ...source,
    builds: source.builds.map(({ embed: _, ...build }) => build),
  }));
  const options = {
    env,
    sources,
    cache: join(folder, "cache"),
    modules: modules(join(folder, "modules"), "pulumi-resource-kubernetes"),
  };
  const installs = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
  return { bin, home, pulumi, options, installs };
}

test("the embedded engine has a home of its own, with the provider in it", async () => {
  const { pulumi, options, home, installs } = await machine();
  const engine = await ensureEngine(options);
  expect(engine).toEqual({
    pulumi,
    home: join(options.cache, "pulumi-home"),
    env: {
      ...DOCKER_PLUGIN_ENV,
      FAIRLEAD_IMAGES: join(options.cache, "images"),
      PULUMI_HOME: join(options.cache, "pulumi-home"),
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NODE_COMPILE_CACHE: join(options.cache, "compiled"),
    },
  });
  expect(existsSync(join(engine.home, PLUGIN))).toBe(true);
  expect(hasDockerPlugin(engine.home)).toBe(true);
  expect(existsSync(home)).toBe(false);
  await ensureEngine(options);
  expect(installs()).toHaveLength(2);
});

test("the engine finds no place for logs of its own in our home, not even where an earlier version has left some", async () => {
  const { options } = await machine();
  const logs = join(options.cache, "pulumi-home/logs");
  program(logs, "organization+shop+dev.log", "");
  await ensureEngine(options);
  expect(readFileSync(logs, "utf8")).toContain("keeps no logs");
  await ensureEngine(options);
});

test("with the user's login the home is ours, and nothing in theirs is changed", async () => {
  const { bin, options, home } = await machine();
  program(home, "credentials.json", "");
  const engine = await ensureEngine({ ...options, userHome: true });
  expect(engine.env["PULUMI_HOME"]).toBe(join(options.cache, "pulumi-home"));
  expect(engine.env["PULUMI_CREDENTIALS_PATH"]).toBe(home);
  expect(engine.env["PATH"]).toBeUndefined();
  expect(readdirSync(home)).toEqual(["credentials.json"]);
  expect(readdirSync(bin)).not.toContain("pulumi-resource-kubernetes");
});

test("a provider that the user has installed is used where it is", async () => {
  const { options, home, installs } = await machine();
  program(join(home, dirname(PLUGIN)), "pulumi-resource-kubernetes", "");
  const engine = await ensureEngine({ ...options, userHome: true });
  expect(engine).toMatchObject({ home, env: { PULUMI_SKIP_UPDATE_CHECK: "true" } });
  expect(installs()).toEqual([]);
});

test("an older Pulumi on PATH gives way to ours, whose folder then comes first on PATH", async () => {
  const { bin, options } = await machine();
  program(bin, "pulumi", "echo v3.100.0");
  modules(options.modules, "pulumi", "pulumi-language-nodejs");
  fakeGo(bin, join(options.cache, "../go.log"), `[ "$name" = pulumi ] && { cp ${bin}/installer "$out"; exit 0; }`);
  program(bin, "installer", INSTALL);
  const engine = await ensureEngine(options);
  expect(engine.pulumi.startsWith(options.cache)).toBe(true);
  expect(engine.env["PATH"]).toBe(`${dirname(engine.pulumi)}:${options.env.PATH}`);
  expect(existsSync(join(dirname(engine.pulumi), "pulumi-language-nodejs"))).toBe(true);
});
