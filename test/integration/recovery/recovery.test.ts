import { afterAll, beforeAll, expect, test } from "vitest";
import { expectKept } from "./kept.ts";
import type { Shape } from "./project.ts";
import { openTorture, type Torture, VICTIMS } from "./torture.ts";

/** How often `up` is killed. `npm run torture -- 200` sets it. */
const KILLS = Number(process.env["FAIRLEAD_KILLS"] ?? 20);
/** How often `down` is. */
const REMOVALS = Math.ceil(KILLS / 5);
/** Longest that one kill and the run after it may take on a busy machine, in milliseconds. */
const KILL_TIMEOUT = 180_000;
const SEED = Number(process.env["FAIRLEAD_SEED"] ?? Date.now() % 1_000_000);

/** The user's own objects, each once: the Secret under the name that it was given. */
const OWN = [expect.stringMatching(/^own-[0-9a-f]+$/), "own-plain"];

let torture: Torture;
let longest = 0;

beforeAll(async () => {
  torture = await openTorture();
  for (const shape of ["a", "b"] as const) longest = Math.max(longest, (await torture.apply(shape)).milliseconds);
});

afterAll(() => torture.close());

test("the comparison sees an object that is missing and one that is too many", async () => {
  const differences = await torture.differences("a");
  expect(differences).toContainEqual(expect.stringMatching(/cluster lost Deployment\/goes/));
  expect(differences).toContainEqual(expect.stringMatching(/cluster has too many: Deployment\/comes/));
  expect(differences).toContainEqual(expect.stringMatching(/state lost .*goes/));
});

test(
  "what a killed run made is kept, the same objects, and is no longer unknown to the engine",
  async () => {
    await torture.apply("a");
    const before = await torture.identities("a", "goes");
    expect(Object.keys(before).length).toBeGreaterThan(5);
    torture.forget("goes");
    const { said } = await torture.apply("a");
    expect(said).toMatch(
      new RegExp(`run was ended in the middle: settling .*: ${Object.keys(before).length} made, 0 not`),
    );
    expect(await torture.identities("a", "goes")).toEqual(before);
    expect(await torture.differences("a")).toEqual([]);
  },
  KILL_TIMEOUT,
);

test(
  "what a killed run made and the next description no longer has is taken away",
  async () => {
    torture.forget("goes");
    await torture.apply("b");
    expect(await torture.identities("a", "goes")).toEqual({});
    expect(await torture.differences("b")).toEqual([]);
  },
  KILL_TIMEOUT,
);

test(
  "what the state does not tell, as the run was killed before it was written, is kept: the same objects",
  () => expectKept(torture),
  KILL_TIMEOUT,
);

test(
  "what the state does not tell and the next description no longer has is taken away, and so it is by a removal",
  async () => {
    expect(await torture.killAt("b", "comes")).toBe(false);
    await torture.apply("a");
    expect(await torture.identities("b", "comes")).toEqual({});
    expect(await torture.differences("a")).toEqual([]);
    expect(await torture.killAt("b", "comes")).toBe(false);
    await torture.remove();
    expect(await torture.own()).toEqual([]);
    expect(await torture.identities("b", "comes")).toEqual({});
    expect(await torture.identities("b", "stays")).toEqual({});
  },
  KILL_TIMEOUT,
);

test(
  "a secret of the user's own beside the components is made once, and stands nowhere as text",
  async () => {
    expect(await torture.own()).toEqual([]);
    await torture.killAt("a", "goes");
    expect(torture.telling()).toEqual([]);
    const made = await torture.own();
    await torture.apply("a");
    const now = await torture.own();
    expect(now).toEqual(OWN);
    expect(now).toEqual(expect.arrayContaining([...made]));
    expect(torture.telling()).toEqual([]);
  },
  KILL_TIMEOUT,
);

test(
  "attributes of the state that an earlier version had no time to write are no hindrance, and none are written any more",
  async () => {
    torture.breakAttributes();
    await torture.apply("a");
    expect(await torture.differences("a")).toEqual([]);
    expect(torture.attributes()).toEqual([]);
  },
  KILL_TIMEOUT,
);

test(
  "what a killed removal took away is made again: its state is not believed",
  async () => {
    await torture.apply("a");
    await torture.breakRemoval("a", "stays");
    expect(await torture.differences("a")).toContainEqual(expect.stringMatching(/cluster lost Service\/stays/));
    const { said } = await torture.apply("a");
    expect(said).toContain("an earlier removal was ended in the middle: settling by looking at the cluster: done");
    expect(await torture.differences("a")).toEqual([]);
  },
  KILL_TIMEOUT,
);

test(
  `up makes everything again after down was killed, ${REMOVALS} times at random points (seed ${SEED})`,
  async () => {
    const random = randomNumbers(SEED + 1);
    await torture.apply("a");
    for (let kill = 0; kill < REMOVALS; kill++) {
      const victim = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? "everything";
      const after = Math.round(random() * longest);
      await torture.killRemoval(after, victim);
      await torture.apply("a");
      const where = `kill ${kill + 1} of ${REMOVALS}: ${victim} after ${after} ms, seed ${SEED}`;
      expect(await torture.differences("a"), where).toEqual([]);
    }
  },
  REMOVALS * KILL_TIMEOUT,
);

test(
  `up that is killed ${KILLS} times at random points finishes when it is started again (seed ${SEED})`,
  async () => {
    const random = randomNumbers(SEED);
    for (let kill = 0; kill < KILLS; kill++) {
      const shape: Shape = kill % 2 === 0 ? "a" : "b";
      const victim = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? "everything";
      const after = Math.round(random() * longest);
      const where = `kill ${kill + 1} of ${KILLS}: ${victim} after ${after} ms, seed ${SEED}`;
      await torture.kill(shape, after, victim);
      const { said } = await torture.apply(shape).catch((error: unknown) => {
        throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      });
      expect(said, where).toContain("environment dev is up");
      expect(await torture.differences(shape), where).toEqual([]);
      expect(await torture.own(), where).toEqual(OWN);
    }
    expect(torture.telling()).toEqual([]);
  },
  KILLS * KILL_TIMEOUT,
);

/** Repeatable random numbers from 0 to 1: mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
