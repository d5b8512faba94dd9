import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withoutAsides } from "../../components/pulumi/asides.ts";
import { NO_DEBUG } from "../../components/pulumi/no-debug.ts";

const { debug } = pulumi.log;
const hook: unknown = Reflect.get(Error, "prepareStackTrace");

beforeEach(() => void Reflect.set(Error, "prepareStackTrace", () => "mapped"));

afterEach(() => {
  vi.unstubAllEnvs();
  Reflect.set(pulumi.log, "debug", debug);
  Reflect.set(Error, "prepareStackTrace", hook);
});

test("a stack is no longer mapped to sources", () => {
  expect(new Error("it").stack).toBe("mapped");
  withoutAsides(() => undefined);
  expect(new Error("it").stack).toContain("asides.test.ts");
});

test("debug messages are told where somebody may read them", () => {
  withoutAsides(() => undefined);
  expect(pulumi.log.debug).toBe(debug);
});

test("debug messages are not told where nobody reads them", async () => {
  vi.stubEnv(NO_DEBUG, "true");
  withoutAsides(() => undefined);
  expect(pulumi.log.debug).not.toBe(debug);
  expect(await pulumi.log.debug("unread")).toBeUndefined();
});
