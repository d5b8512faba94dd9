import { expect } from "vitest";
import type { Torture } from "./torture.ts";

/** Kills a run once it has made a component, before the state is written; the next one keeps the same objects and finishes. */
export async function expectKept(torture: Torture): Promise<void> {
  await torture.apply("b");
  expect(await torture.killAt("a", "goes")).toBe(false);
  const made = await torture.identities("a", "goes");
  expect(Object.keys(made).length).toBeGreaterThan(0);
  const { said } = await torture.apply("a");
  expect(said).toMatch(/an earlier run was ended in the middle: settling .*: [1-9]\d* made/);
  expect(await torture.identities("a", "goes")).toMatchObject(made);
  expect(await torture.differences("a")).toEqual([]);
}
