import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ensureParts, type ToolchainOptions } from "../../toolchain/ensure.ts";
import type { Source } from "../../toolchain/source.ts";
import {
  deadAddress,
  fakeGo,
  fileServer,
  memory,
  modules,
  program,
  server,
  sha256,
  source,
  temporaryFolder,
} from "./workbench.ts";

/** A machine for a test: an empty cache, a PATH with only what the test puts there, and a publisher that is not reachable. */
async function machine(change: { readonly sources?: readonly Source[]; readonly mirror?: string } = {}) {
  const folder = temporaryFolder();
  const bin = join(folder, "bin");
  const goLog = join(folder, "go.log");
  const report = memory();
  const mirror = change.mirror ?? (await deadAddress());
  const options: ToolchainOptions = {
    report,
    cache: join(folder, "cache"),
    env: { PATH: `${bin}:/usr/bin:/bin`, FAIRLEAD_MIRROR: mirror },
    sources: change.sources ?? [source()],
    modules: modules(join(folder, "modules"), "etcd", "kwok", "kwokctl"),
  };
  const goCalls = () => (existsSync(goLog) ? readFileSync(goLog, "utf8").trim().split("\n") : []);
  return { folder, bin, goLog, report, options, goCalls };
}

function only<T>(parts: ReadonlyMap<string, T>): T {
  const [part] = parts.values();
  if (part === undefined || parts.size !== 1) throw new Error(`${parts.size} parts`);
  return part;
}

test("what fits on PATH is used, and nothing is made", async () => {
  const { bin, options } = await machine();
  const file = program(bin, "etcd", "echo 3.6.11");
  expect(only(await ensureParts(["etcd"], options))).toEqual({ name: "etcd", version: "3.6.11", origin: "path", file });
  expect(existsSync(options.cache ?? "")).toBe(false);
});

test("else the release is downloaded, checked, and remembered", async () => {
  const content = "#!/bin/sh\necho hello\n";
  const mirror = await fileServer({ "/example.com/etcd": content, "/example.com/etcd.sha256": sha256(content) });
  const { options, report } = await machine({ mirror: mirror.url });
  const part = only(await ensureParts(["etcd"], options));
  expect(part).toMatchObject({ version: "3.6.8", origin: "download" });
  expect(execFileSync(part.file, { encoding: "utf8" })).toBe("hello\n");
  expect(report.lines).toEqual(["downloading etcd 3.6.8: done"]);
  const asked = mirror.asked.length;
  expect(only(await ensureParts(["etcd"], options))).toEqual(part);
  expect(mirror.asked).toHaveLength(asked);
});

test("programs are taken out of an archive", async () => {
  const folder = temporaryFolder();
  program(join(folder, "etcd-v3"), "etcd", "echo packed");
  execFileSync("tar", ["-czf", join(folder, "etcd.tar.gz"), "-C", folder, "etcd-v3"]);
  const archive = readFileSync(join(folder, "etcd.tar.gz"));
  const mirror = await fileServer({
    "/example.com/etcd.tar.gz": archive,
    "/example.com/SUMS": `${sha256(archive)}  etcd.tar.gz\n`,
  });
  const url = "https://example.com/etcd.tar.gz";
  const checksum = { kind: "list", url: "https://example.com/SUMS" } as const;
  const sources = [source({ release: () => [{ url, checksum, holds: { etcd: "etcd-v3/etcd" } }] })];
  const { options } = await machine({ mirror: mirror.url, sources });
  const part = only(await ensureParts(["etcd"], options));
  expect(execFileSync(part.file, { encoding: "utf8" })).toBe("packed\n");
  expect(readdirSync(dirname(part.file)).sort()).toEqual(["etcd", "receipt.json"]);
});

test("else it is built with Go, from the pinned module alone", async () => {
  const { bin, goLog, goCalls, options, report } = await machine();
  fakeGo(bin, goLog, 'echo "$GOFLAGS $GOTOOLCHAIN $CGO_ENABLED" >&2');
  const env = { ...options.env, GOFLAGS: "-mod=mod", CGO_ENABLED: "1" };
  const part = only(await ensureParts(["etcd"], { ...options, env }));
  expect(part).toMatchObject({ version: "3.6.8", origin: "build" });
  expect(execFileSync(part.file, { encoding: "utf8" })).toBe("built\n");
  expect(goCalls()).toHaveLength(1);
  expect(goCalls()[0]).toMatch(/^build -trimpath -gcflags=all=-dwarf=false -ldflags -s -w -o .* example.com\/etcd$/);
  expect(report.lines).toEqual(["building etcd 3.6.8 with Go: done"]);
  expect(readdirSync(join(options.modules ?? "", "etcd"))).toEqual(["go.mod"]);
  expect(only(await ensureParts(["etcd"], options))).toEqual(part);
  expect(goCalls()).toHaveLength(1);
});

test("another pin in the module is another part", async () => {
  const { bin, goLog, goCalls, options } = await machine();
  fakeGo(bin, goLog);
  const before = only(await ensureParts(["etcd"], options));
  writeFileSync(join(options.modules ?? "", "etcd", "go.sum"), "another\n");
  const after = only(await ensureParts(["etcd"], options));
  expect(goCalls()).toHaveLength(2);
  expect(after.file).not.toBe(before.file);
});

test("a misfit on PATH is named before something of ours is used", async () => {
  const { bin, goLog, options, report } = await machine();
  const old = program(bin, "etcd", "echo 3.5.0");
  fakeGo(bin, goLog);
  await ensureParts(["etcd"], options);
  expect(report.lines[0]).toBe(
    `${old} is version 3.5.0, wanted is 3.6.0 or newer, below 3.7.0; using etcd 3.6.8 of our own`,
  );
});

test("a publisher that is down once is not asked for the other parts", async () => {
  const mirror = await server((request) => request.destroy());
  const another = source({
    name: "kwok",
    programs: [{ name: "kwok" }],
    builds: [{ folder: "kwok", packages: { kwok: "k" }, seconds: 1 }],
  });
  const { bin, goLog, options } = await machine({ mirror: mirror.url, sources: [source(), another] });
  fakeGo(bin, goLog);
  await ensureParts(["etcd"], options);
  expect(mirror.asked).toHaveLength(1);
});

test("when nothing helps, one error says what failed, why, and the three ways out", async () => {
  const { bin, goLog, options } = await machine();
  fakeGo(bin, goLog, 'echo "go: downloading example.com/x v1.0.0" >&2; echo "x.go:1: undefined: y" >&2; exit 1');
  const failure = await ensureParts(["etcd"], options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  const lines = (failure as Error).message.split("\n");
  expect(lines).toEqual([
    "etcd 3.6.8 cannot be had",
    "  on PATH:  no etcd",
    expect.stringMatching(/^ {2}download: 127\.0\.0\.1:\d+ is not reachable \(.*ECONNREFUSED/),
    "  build:    go build failed:",
    "      x.go:1: undefined: y",
    "one of these helps:",
    "  - install it on PATH, version 3.6.0 or newer, below 3.7.0: https://example.com",
    "  - download: make example.com reachable, or name a mirror in FAIRLEAD_MIRROR",
    "  - install Go 1.26.0 or newer (https://go.dev/dl/), with a module proxy that it can reach",
  ]);
});

test.each([
  ["no Go", undefined, "build:    Go is not installed"],
  ["an old Go", "go1.25.3", "is Go 1.25.3, but the pinned modules need 1.26.0 or newer"],
])("%s is a reason", async (_, version, reason) => {
  const { bin, options } = await machine();
  if (version !== undefined) program(bin, "go", `echo ${version}`);
  const env = { ...options.env, PATH: bin };
  await expect(ensureParts(["etcd"], { ...options, env })).rejects.toThrow(reason);
});

test("a release candidate of a newer Go will do", async () => {
  const { bin, goLog, options } = await machine();
  fakeGo(bin, goLog, ":", "go1.27rc1");
  expect(only(await ensureParts(["etcd"], options)).origin).toBe("build");
});

const TWO_STEPS = source({
  name: "kwok",
  programs: [{ name: "kwok" }, { name: "kwokctl" }],
  builds: [
    { folder: "kwok", packages: { kwok: "example.com/kwok" }, seconds: 1 },
    { folder: "kwokctl", packages: { kwokctl: "example.com/kwokctl" }, seconds: 1 },
  ],
});

test("an interrupted run goes on where it was: what is finished is not built again", async () => {
  const { bin, goLog, goCalls, options } = await machine({ sources: [TWO_STEPS] });
  fakeGo(bin, goLog, '[ "$name" = kwokctl ] && exit 1');
  await expect(ensureParts(["kwok", "kwokctl"], options)).rejects.toThrow("cannot be had");
  const [unfinished] = readdirSync(join(options.cache ?? "", "parts"));
  expect(unfinished).toMatch(/\.unfinished$/);
  // What a killed compiler leaves behind.
  mkdirSync(join(options.cache ?? "", "parts", unfinished ?? "", ".new-kwokctl"), { recursive: true });
  writeFileSync(join(options.cache ?? "", "parts", unfinished ?? "", ".new-kwokctl", "kwokctl"), "half");

  fakeGo(bin, goLog);
  const parts = await ensureParts(["kwok", "kwokctl"], options);
  expect(goCalls().map((call) => call.split("/").at(-1))).toEqual(["kwok", "kwokctl", "kwokctl"]);
  const file = parts.get("kwokctl")?.file ?? "";
  expect(execFileSync(file, { encoding: "utf8" })).toBe("built\n");
  expect(readdirSync(dirname(file)).sort()).toEqual(["kwok", "kwokctl", "receipt.json"]);
});

test("two runs at the same time build once", async () => {
  const { bin, goLog, goCalls, options } = await machine();
  fakeGo(bin, goLog);
  const [first, second] = await Promise.all([ensureParts(["etcd"], options), ensureParts(["etcd"], options)]);
  expect(first).toEqual(second);
  expect(goCalls()).toHaveLength(1);
});

test("a run that was killed in the middle of a build does not stop the next", async () => {
  const { folder, bin, goLog, goCalls, options, report } = await machine();
  fakeGo(bin, goLog, "sleep 600");
  const script = join(folder, "run.ts");
  const { cache, env, modules: moduleFolder } = options;
  writeFileSync(
    script,
    `import { ensureParts } from ${JSON.stringify(join(import.meta.dirname, "../../toolchain/ensure.ts"))};
const source = ${JSON.stringify({ ...source(), release: undefined })};
await ensureParts(["etcd"], { ...${JSON.stringify({ cache, env, modules: moduleFolder })}, sources: [{ ...source, release: () => [] }] });`,
  );
  // A group of its own, so that the compiler can be ended with it.
  const child = spawn(process.execPath, [script], { detached: true, stdio: "ignore" });
  const ended = once(child, "exit");
  while (goCalls().length === 0) await new Promise((next) => setTimeout(next, 10));
  if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  await ended;

  fakeGo(bin, goLog);
  expect(only(await ensureParts(["etcd"], options)).origin).toBe("build");
  expect(report.lines).toContain(`took over the part cache from process ${child.pid} that was ended`);
});

test("a part whose file was deleted is made again", async () => {
  const { bin, goLog, goCalls, options } = await machine();
  fakeGo(bin, goLog);
  const part = only(await ensureParts(["etcd"], options));
  execFileSync("rm", [part.file]);
  expect(existsSync(only(await ensureParts(["etcd"], options)).file)).toBe(true);
  expect(goCalls()).toHaveLength(2);
});
