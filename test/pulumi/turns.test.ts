import { setImmediate as next } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { inTurn } from "../../components/pulumi/turns.ts";

test("a component has its turn once those before it have had theirs, and what it needs with it", async () => {
  const turn = inTurn();
  const need = pulumi.output({}) as unknown as pulumi.Resource;
  const had: number[] = [];
  const all = Array.from({ length: 12 }, async (_, index) => {
    const needed = await turn(index === 11 ? [need] : undefined);
    had.push(index);
    return needed;
  });
  await Promise.resolve();
  await next();
  expect(had.length).toBeLessThan(12);
  expect(had.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
  const needed = await Promise.all(all);
  expect(had).toEqual(Array.from({ length: 12 }, (_, index) => index));
  expect(needed.slice(0, 11)).toEqual(Array.from({ length: 11 }, () => []));
  expect(needed[11]).toEqual([need]);
});

test("what waits for something of the caller's waits for that alone", () => {
  const own = Promise.resolve([]);
  expect(inTurn()(own)).toBe(own);
});
