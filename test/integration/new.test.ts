import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "./cli.ts";
import { run } from "./process.ts";

// A copy of the checkout, so that what is made can be checked as a contributor would check it.
let copy: string;

const NOT_COPIED = [".git", ".fairlead", "node_modules", "dist", "deploy"];

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "fairlead-new-"));
  cpSync(ROOT, copy, { recursive: true, filter: (file) => !NOT_COPIED.includes(basename(file)) });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** What a script of the copy's package.json says; its output in full where it fails. */
async function npm(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run("npm", ["run", "--silent", ...args], { cwd: copy });
  expect(status, `${stdout}${stderr}`).toBe(0);
  return stdout;
}

test("services and components pass every check as they are made", async () => {
  await npm("new", "--", "service", "greeter", "--owner", "welcome");
  await npm("new", "--", "service", "order-archive");
  await npm("new", "--", "component", "policy/rate-limit");
  await npm("new", "--", "component", "data/usage-record");
  await npm("new", "--", "component", "observability/audit-trail");
  await npm("check");
});

test("their own tests pass, and those that look at everything", async () => {
  const made = ["infra/greeter", "infra/order-archive", "policy/rate-limit", "data/usage-record"];
  const said = await npm("test:unit", "--", ...made, "observability/audit-trail", "infra/program", "parity/components");
  for (const one of made) expect(said).toContain(`test/${one}.test.ts`);
});

test("the check is one of the copy: it sees what is wrong there", async () => {
  appendFileSync(join(copy, "infra/services.ts"), "export const  unformatted = 1\n");
  const { status, stdout, stderr } = await run("npm", ["run", "--silent", "check"], { cwd: copy });
  expect(status).not.toBe(0);
  expect(stdout + stderr).toContain("infra/services.ts");
});
