import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clusterStatus, stopCluster } from "../../toolchain/cluster.ts";
import { clusterApi, readKubeconfig, writeKubeconfig } from "../../toolchain/cluster-api.ts";
import { doctor } from "../../toolchain/doctor.ts";
import { cacheFolder, userPulumiHome } from "../../toolchain/places.ts";
import { platformOf, unsupported } from "../../toolchain/platform.ts";
import { freePorts, isTaken } from "../../toolchain/ports.ts";
import { duration, reportTo } from "../../toolchain/report.ts";
import { compareVersions, findVersion, fits, parseVersion } from "../../toolchain/version.ts";
import { deadAddress, modules, program, server, source, temporaryFolder } from "./workbench.ts";

test.each([
  [{ FAIRLEAD_CACHE: "/c", XDG_CACHE_HOME: "/x", HOME: "/h" }, "linux", "/c"],
  [{ XDG_CACHE_HOME: "/x", HOME: "/h" }, "linux", "/x/fairlead"],
  [{ XDG_CACHE_HOME: "", HOME: "/h" }, "linux", "/h/.cache/fairlead"],
  [{ HOME: "/h" }, "darwin", "/h/Library/Caches/fairlead"],
])("parts are kept where the user keeps such things: %o on %s", (env, platform, folder) => {
  expect(cacheFolder(env, platform)).toBe(folder);
});

test("Pulumi's home is the user's", () => {
  expect(userPulumiHome({ HOME: "/h" })).toBe("/h/.pulumi");
  expect(userPulumiHome({ HOME: "/h", PULUMI_HOME: "/p" })).toBe("/p");
});

test("processors and systems go by Go's names", () => {
  expect(platformOf({ platform: "linux", arch: "x64" })).toEqual({ os: "linux", arch: "amd64" });
  expect(platformOf({ platform: "darwin", arch: "arm64" })).toEqual({ os: "darwin", arch: "arm64" });
});

test("on Windows one is told at once, with a way on", () => {
  const machine = { platform: "win32", arch: "x64" };
  expect(platformOf(machine)).toBeUndefined();
  expect(unsupported(machine)).toMatch(/not on win32 x64; work inside WSL 2, or .* --context$/);
});

test.each([
  ["v1.36.3", "1.36.3"],
  ["kwok version v0.8.0 go1.26.8 (linux/amd64)", "0.8.0"],
  ["no version", undefined],
])("the version is found in %j", (text, version) => {
  expect(findVersion(text)).toBe(version);
});

test("versions are compared as numbers", () => {
  expect(compareVersions("3.10.0", "3.9.9")).toBeGreaterThan(0);
  expect(compareVersions("1.26", "1.26.0")).toBe(0);
  expect(parseVersion("go1.26")).toEqual([1, 26, 0]);
  expect(() => parseVersion("none")).toThrow("holds no version");
});

test.each([
  ["3.254.9", false],
  ["3.255.0", true],
  ["3.999.0", true],
  ["4.0.0", false],
])("3.255.0 up to below 4.0.0 holds %s: %s", (version, inside) => {
  expect(fits(version, { from: "3.255.0", below: "4.0.0" })).toBe(inside);
});

test.each([
  [0.4, "0 s"],
  [59.4, "59 s"],
  [59.6, "1 min 0 s"],
  [211, "3 min 31 s"],
])("%d seconds read as %j", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

/** What a report writes while two things go on, the clock being set by hand. */
function written(isTTY: boolean): string {
  let text = "";
  let clock = 0;
  const report = reportTo({ isTTY, columns: 60, write: (more) => (text += more) }, () => clock);
  const build = report.begin("building etcd", 45);
  const download = report.begin("downloading kwok");
  clock = 1_000;
  download.end("done");
  clock = 50_000;
  build.end("done");
  report.say("ready");
  return text;
}

test("without a terminal a report is plain lines, one for each beginning of something long and each end", () => {
  expect(written(false)).toBe("building etcd: about 45 s\ndownloading kwok: done\nbuilding etcd: done (50 s)\nready\n");
});

test("on a terminal a report keeps what goes on in one line at the end", () => {
  const text = written(true);
  const shown = text.split("\r\u001b[2K");
  expect(shown).toContain("building etcd 0 s of about 45 s | downloading kwok 0 s");
  expect(shown).toContain("downloading kwok: done\n");
  expect(shown.at(-1)).toBe("ready\n");
  for (const line of shown) expect(line.trimEnd().length).toBeLessThan(60);
});

test("free ports are different and nobody listens on them", async () => {
  const ports = await freePorts(6);
  expect(new Set(ports).size).toBe(6);
  for (const port of ports) expect(await isTaken(port)).toBe(false);
});

test("a port that somebody listens on is taken", async () => {
  expect(await isTaken(Number(new URL((await server(() => undefined)).url).port))).toBe(true);
});

test("a kubeconfig that is written can be read", () => {
  const file = join(temporaryFolder(), "kubeconfig");
  const credentials = { server: "https://127.0.0.1:1", ca: "ca", cert: "cert", key: "key" };
  writeFileSync(file, writeKubeconfig(credentials, "here"));
  expect(readKubeconfig(file)).toEqual(credentials);
});

test("a kubeconfig that logs in by other means is refused by name", () => {
  const file = join(temporaryFolder(), "kubeconfig");
  writeFileSync(
    file,
    "current-context: a\ncontexts: [{ name: a, context: { cluster: c, user: u } }]\nusers: [{ name: u, user: { token: t } }]\n",
  );
  expect(() => readKubeconfig(file)).toThrow(`${file} is not the kubeconfig of an embedded cluster`);
});

test("an API server that is not there is an error, and no wait", async () => {
  const address = (await deadAddress()).replace("http:", "https:");
  await expect(clusterApi({ server: address, ca: "", cert: "", key: "" })("/readyz")).rejects.toThrow();
});

test("a folder without a cluster has none, and to stop it is nothing", async () => {
  const folder = join(temporaryFolder(), "cluster");
  expect(await clusterStatus({ folder })).toEqual({ state: "none", processes: [] });
  await stopCluster({ folder, delete: true });
  expect(existsSync(folder)).toBe(false);
});

async function examine(change: { readonly go?: string }) {
  const folder = temporaryFolder();
  if (change.go !== undefined) program(folder, "go", `echo ${change.go}`);
  const rows = await doctor({
    env: { PATH: folder, FAIRLEAD_MIRROR: await deadAddress() },
    cache: join(folder, "cache"),
    sources: [source()],
    modules: modules(join(folder, "modules"), "etcd"),
    folder: join(folder, "cluster"),
  });
  expect(existsSync(join(folder, "cache"))).toBe(false);
  return (what: string) => rows.find((row) => row.what === what);
}

test("the doctor says what will be built, and makes nothing", async () => {
  const row = await examine({ go: "go1.26.8" });
  expect(row("etcd")).toEqual({
    what: "etcd",
    version: "3.6.8",
    from: "will be built with Go, about 1 s",
    state: "later",
  });
  expect(row("embedded cluster")).toMatchObject({ version: "none", state: "fine" });
  expect(row("Node.js")).toMatchObject({ version: process.versions.node, state: "fine" });
});

test("the doctor names the ways out when a part can come by none", async () => {
  const row = await examine({});
  expect(row("etcd")).toMatchObject({ state: "bad", from: "cannot be had" });
  expect(row("etcd")?.advice).toMatch(
    /^install it \(https:\/\/example\.com\), make its download reachable \(.*\), or install Go/,
  );
  expect(row("npm")).toMatchObject({ state: "bad" });
});
