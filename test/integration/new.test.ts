import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "./cli.ts";

// A copy of the checkout, so that what is made can be checked as a contributor would check it.
let copy: string;

const NOT_COPIED = [".git", ".fairlead", "node_modules", "dist", "deploy"];

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "fairlead-new-"));
  cpSync(ROOT, copy, { recursive: true, filter: (file) => !NOT_COPIED.includes(relative(ROOT, file)) });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** What a script of the copy's package.json says; its output in full where it fails. */
function npm(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", ...args], { cwd: copy, encoding: "utf8" });
  expect(status, `${stdout}${stderr}`).toBe(0);
  return stdout;
}

test("services and components pass every check as they are made", () => {
  npm("new", "--", "service", "greeter", "--owner", "welcome");
  npm("new", "--", "service", "order-archive");
  npm("new", "--", "component", "policy/rate-limit");
  npm("new", "--", "component", "data/usage-record");
  npm("new", "--", "component", "observability/audit-trail");
  npm("check");
});

test("their own tests pass, and those that look at everything", () => {
  const made = ["infra/greeter", "infra/order-archive", "policy/rate-limit", "data/usage-record"];
  const said = npm("test:unit", "--", ...made, "observability/audit-trail", "infra/program", "parity/components");
  for (const one of made) expect(said).toContain(`test/${one}.test.ts`);
});

test("a check of the copy sees what is wrong", () => {
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/@biomejs/biome/bin/biome"), "check", "--stdin-file-path=infra/services.ts"],
    { cwd: copy, encoding: "utf8", input: "export   const services = 1\n" },
  );
  expect(status, stdout).not.toBe(0);
});
