import { expect, test } from "vitest";
import { goServices } from "./services.ts";

// As the services' images are built, so that nothing is compiled twice.
const TAGS = ["-tags=grpcnotrace"];

test("go vet finds nothing in the services", async () => {
  expect(await goServices("vet", ...TAGS, "./...")).toBe("");
});

test("the services' own tests pass, none of them from memory", async () => {
  const said = await goServices("test", "-count=1", ...TAGS, "./...");
  for (const name of ["responder", "order", "internal/kit", "internal/shop"]) {
    expect(said).toMatch(new RegExp(`^ok\\s+fairlead\\.dev/services/${name}\\s`, "m"));
  }
});

test("a test that fails is told", async () => {
  await expect(goServices("test", "-count=1", "-timeout=1ns", "./responder")).rejects.toThrow("timed out");
});
