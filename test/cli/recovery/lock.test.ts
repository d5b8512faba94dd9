import { spawn } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Pulumi } from "../../../cli/pulumi.ts";
import { clearDeadLock } from "../../../cli/recovery/lock.ts";
import type { Report } from "../../../toolchain/index.ts";
import { isAlive } from "../../../toolchain/process.ts";
import { folderWith, until } from "../workbench.ts";

/** A process id that the kernel gives to nobody. */
const DEAD = 2 ** 22 + 1;

function lock(content: unknown): Readonly<Record<string, string>> {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return { "locks/organization/shop/dev/5d0c.json": text };
}

/** Looks for dead locks of dev; what was asked of the engine, and what was told. */
function clearing(files: Readonly<Record<string, string>>, status = 0) {
  const asked: string[] = [];
  const told: string[] = [];
  const run: Pulumi = {
    stack: "dev",
    ask: async (...args) => {
      asked.push(args.join(" "));
      return { status, stdout: "", stderr: "it is not to be" };
    },
    tell: () => Promise.reject(new Error("not asked for")),
    operate: () => Promise.reject(new Error("not asked for")),
    converse: () => Promise.reject(new Error("not asked for")),
  };
  const report: Report = { say: (line) => void told.push(line), begin: () => ({ end: () => undefined }) };
  const done = clearDeadLock(run, join(folderWith(files), "locks"), report);
  return { asked, told, done };
}

describe("a lock", () => {
  test("that is not there is no matter", async () => {
    const { asked, told, done } = clearing({});
    await done;
    expect({ asked, told }).toEqual({ asked: [], told: [] });
  });

  test("of another environment is left to whoever works on that", async () => {
    const { asked, done } = clearing({ "locks/organization/shop/prod/5d0c.json": JSON.stringify({ pid: DEAD }) });
    await done;
    expect(asked).toEqual([]);
  });

  test.each([
    ["a process that is gone", { pid: DEAD, hostname: hostname() }],
    ["a run that was killed while it wrote it", "{"],
  ])("of %s is cleared, and that is said in one line", async (_, content) => {
    const { asked, told, done } = clearing(lock(content));
    await done;
    expect(asked).toEqual(["cancel --stack dev --yes"]);
    expect(told).toEqual(["an earlier run was ended in the middle: its lock is cleared"]);
  });

  test("of an engine that is still at work is waited for", async () => {
    const folder = folderWith();
    const program = join(folder, "pulumi");
    symlinkSync(process.execPath, program);
    const engine = spawn(program, ["-e", "setInterval(() => {}, 1000)", "--", "--stack", "dev"], { stdio: "ignore" });
    onTestFinished(() => void engine.kill("SIGKILL"));
    const { asked, told, done } = clearing(lock({ pid: engine.pid, hostname: hostname() }));
    await until(() => told.length > 0);
    expect({ asked, told }).toEqual({
      asked: [],
      told: [`waiting for process ${engine.pid}, which is still changing dev`],
    });
    engine.kill("SIGKILL");
    await done;
    expect(asked).toEqual(["cancel --stack dev --yes"]);
  });

  test.runIf(process.platform === "linux")("takes what the engine left running with it", async () => {
    const folder = folderWith();
    const left = `sleep 1000 & echo $! > ${JSON.stringify(join(folder, "left"))}; wait`;
    const engine = spawn("/bin/sh", ["-c", left], { stdio: "ignore", detached: true });
    const gone = new Promise((fulfil) => engine.on("close", fulfil));
    await until(() => existsSync(join(folder, "left")) && readFileSync(join(folder, "left"), "utf8").endsWith("\n"));
    const orphan = Number(readFileSync(join(folder, "left"), "utf8"));
    engine.kill("SIGKILL");
    await gone;
    expect(isAlive(orphan)).toBe(true);
    await clearing(lock({ pid: engine.pid, hostname: hostname() })).done;
    await until(() => !isAlive(orphan));
  });

  test("whose process id is somebody else's by now leaves that one alone", async () => {
    const other = spawn("sleep", ["1000"], { stdio: "ignore", detached: true });
    onTestFinished(() => void other.kill("SIGKILL"));
    await clearing(lock({ pid: other.pid, hostname: hostname() })).done;
    expect(isAlive(other.pid ?? 0)).toBe(true);
  });

  test("of another machine is left alone, with what to do", async () => {
    const { asked, done } = clearing(lock({ pid: 1, hostname: "elsewhere.example" }));
    await expect(done).rejects.toThrow(
      /^another machine \(elsewhere\.example\) is changing this .+ remove .+5d0c\.json/,
    );
    expect(asked).toEqual([]);
  });

  test("that the engine does not give up ends the run with the engine's reason", async () => {
    await expect(clearing(lock({ pid: DEAD }), 1).done).rejects.toThrow(/cannot be cleared:\nit is not to be/);
  });
});
