import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withLock } from "../../toolchain/lock.ts";
import { memory, temporaryFolder } from "./workbench.ts";

test("what needs the lock never works at the same time", async () => {
  const file = join(temporaryFolder(), "lock");
  const report = memory();
  const order: string[] = [];
  let finish = () => {};
  const finished = new Promise<void>((done) => {
    finish = done;
  });
  const first = withLock(file, { guards: "the cache", report }, async () => {
    order.push("first begins");
    await finished;
    order.push("first ends");
  });
  while (order.length === 0) await new Promise(setImmediate);
  const second = withLock(
    file,
    { guards: "the cache", report, interval: 1 },
    async () => void order.push("second begins"),
  );
  finish();
  await Promise.all([first, second]);
  expect(order).toEqual(["first begins", "first ends", "second begins"]);
  expect(report.lines).toEqual([]);
});

test("another run that holds the lock is waited for, and that is said once", async () => {
  const file = join(temporaryFolder(), "lock");
  writeFileSync(file, JSON.stringify({ pid: process.ppid }));
  const report = memory();
  const work = withLock(file, { guards: "the cache", report, interval: 1 }, async () => "done");
  while (report.lines.length === 0) await new Promise(setImmediate);
  rmSync(file);
  expect(await work).toBe("done");
  expect(report.lines).toEqual([`waiting for process ${process.ppid}, which is using the cache`]);
});

test("the lock is gone when the work fails, and the failure comes through", async () => {
  const folder = temporaryFolder();
  const work = withLock(join(folder, "lock"), { guards: "the cache" }, () => Promise.reject(new Error("no luck")));
  await expect(work).rejects.toThrow("no luck");
  expect(readdirSync(folder)).toEqual([]);
});

test("the lock of a process that is gone is taken over, and that is said", async () => {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  writeFileSync(join(folder, "lock"), JSON.stringify({ pid: child.pid }));
  const report = memory();
  expect(await withLock(join(folder, "lock"), { guards: "the cache", report }, async () => "done")).toBe("done");
  expect(report.lines).toEqual([`took over the cache from process ${child.pid} that was ended`]);
  expect(readdirSync(folder)).toEqual([]);
});

test.runIf(existsSync("/proc/self/stat"))("a later process with the same id does not keep the lock", async () => {
  const file = join(temporaryFolder(), "lock");
  writeFileSync(file, JSON.stringify({ pid: process.pid, started: "1" }));
  const report = memory();
  await withLock(file, { guards: "the cache", report }, async () => undefined);
  expect(report.lines).toEqual([`took over the cache from process ${process.pid} that was ended`]);
});

test("a lock that holds nonsense does not block for ever", async () => {
  const file = join(temporaryFolder(), "lock");
  writeFileSync(file, "{");
  expect(await withLock(file, { guards: "the cache" }, async () => "done")).toBe("done");
});

test("of many that find a dead lock, one works at a time", async () => {
  const file = join(temporaryFolder(), "lock");
  writeFileSync(file, "dead");
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(file, { guards: "the cache", interval: 1 }, work)));
  expect(most).toBe(1);
});
