import { afterAll, beforeAll, expect, test } from "vitest";
import { type Packed, pack } from "../package.ts";
import { openTorture, type Torture } from "./torture.ts";

let packed: Packed;
let torture: Torture;

beforeAll(async () => {
  packed = await pack();
  torture = await openTorture(await packed.install("shared-stack"));
});

afterAll(async () => {
  await torture?.close();
  packed?.close();
});

test("a project that has the package finishes what a killed run began: the same objects, known to the state", async () => {
  await torture.apply("b");
  expect(await torture.killAt("a", "goes")).toBe(false);
  const made = await torture.identities("a", "goes");
  expect(Object.keys(made).length).toBeGreaterThan(0);
  const { said } = await torture.apply("a");
  expect(said).toMatch(/an earlier run was ended in the middle: settling .*: [1-9]\d* made/);
  expect(await torture.identities("a", "goes")).toMatchObject(made);
  expect(await torture.differences("a")).toEqual([]);
  expect(await torture.own()).toHaveLength(2);
  expect(torture.telling()).toEqual([]);
}, 600_000);
