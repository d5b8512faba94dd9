import { expect, test } from "vitest";
import { goServices } from "./services.ts";

test("go vet finds nothing in the services", async () => {
  expect(await goServices("vet", "./...")).toBe("");
});

test("the services' own tests pass, none of them from memory", async () => {
  expect(await goServices("test", "-count=1", "./...")).toMatch(/^ok\s+fairlead\.dev\/services\/responder\s/m);
});

test("a test that fails is told", async () => {
  await expect(goServices("test", "-count=1", "-timeout=1ns", "./responder")).rejects.toThrow("timed out");
});
