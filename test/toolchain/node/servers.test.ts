import { expect, test } from "vitest";
import { installed } from "../../e2e/servers.ts";

test("who lacks the shop's servers is told what to install", () => {
  expect(() => installed("/nowhere/*/bin/initdb")).toThrow(
    "initdb is missing: apt-get install -y postgresql rabbitmq-server",
  );
  expect(installed("/bin/s[h]")).toBe("/bin/sh");
});
