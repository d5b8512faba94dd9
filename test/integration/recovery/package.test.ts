import { afterAll, beforeAll, expect, test } from "vitest";
import { type Packed, pack } from "../package.ts";
import { expectKept } from "./kept.ts";
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
  await expectKept(torture);
  expect(await torture.own()).toHaveLength(2);
  expect(torture.telling()).toEqual([]);
}, 600_000);
