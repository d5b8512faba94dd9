import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Environment, identity, type KubernetesObject, placed, sentence } from "../../../components/index.ts";
import { fromYaml, toYaml } from "../../../components/yaml/index.ts";
import { installCrds } from "../../../toolchain/crds.ts";
import { type Cli, openCli } from "../cli.ts";
import { type ClusterObjects, clusterObjects } from "../objects.ts";
import { written } from "./mutate.ts";
import { outcome, sound, type Written } from "./subject.ts";

/** How many mutations are tried. `npm run fuzz -- 100000` sets it. */
const MUTATIONS = Number(process.env["FAIRLEAD_MUTATIONS"] ?? 10_000);
// The suite tries the same ones each time, so that a change is judged by what it changes; `npm run fuzz` tries others.
const SEED = Number(process.env["FAIRLEAD_SEED"] ?? 668_543);

/** Every object of what was not refused, once, by its JSON. */
const objects = new Map<string, KubernetesObject>();
let survivors = 0;

function check(subject: Written): void {
  const result = outcome(subject);
  if ("environments" in result) {
    survivors++;
    for (const environment of result.environments) keep(environment);
    return;
  }
  expect(result.refused).not.toEqual([]);
  for (const { component, path, problem, remedy } of result.refused) {
    const said = sentence({ component, path, value: "", problem, remedy });
    for (const part of [component, problem, remedy]) expect(part.trim(), said).not.toBe("");
    expect([component, path, problem, remedy].join(" "), said).not.toMatch(/undefined|NaN|\[object/);
  }
}

/** Keeps the objects that are new, once a reader finds in the YAML what was meant. */
function keep(environment: Environment): void {
  const fresh = [...placed(environment)].flatMap(({ object }) => {
    const json = JSON.stringify(object);
    if (objects.has(json)) return [];
    objects.set(json, object);
    // Rendering refuses secrets, and a test of its own shows it.
    return object.kind === "Secret" ? [] : [object];
  });
  if (fresh.length === 0) return;
  const again = Object.values(fromYaml(toYaml(fresh)));
  expect(again.map(identity).sort()).toEqual(fresh.map(identity).sort());
}

test("what is not mutated is accepted", () => {
  expect(outcome(sound)).toHaveProperty("environments");
});

test("the check sees a crash and a fault that says nothing", () => {
  const crash = {
    get catalogue(): unknown {
      throw new TypeError("no");
    },
    settings: {},
  };
  expect(() => check(crash)).toThrow(TypeError);
});

test(`each of ${MUTATIONS} mutations is refused with a place and a remedy, or gives an environment (seed ${SEED})`, () => {
  fc.assert(fc.property(written, check), { numRuns: MUTATIONS, seed: SEED });
  // Both must happen often, or nothing was tried.
  expect(survivors).toBeGreaterThan(MUTATIONS / 20);
  expect(survivors).toBeLessThan(MUTATIONS);
}, 3_600_000);

describe("on a real API server", () => {
  let cli: Cli;
  let cluster: ClusterObjects;

  beforeAll(async () => {
    cli = openCli();
    const started = await cli.run("cluster", "start");
    expect(started.status, started.stderr).toBe(0);
    await installCrds(cli.kubeconfig, objects.values());
    cluster = clusterObjects(cli.kubeconfig);
  });

  afterAll(() => cli.close());

  test("every object of every environment that was not refused is accepted", async () => {
    const all = [...objects.values()];
    for (const object of all) if (object.kind === "Namespace") await cluster.apply(object);
    const refused: string[] = [];
    await inParallel(all, async (object) => {
      await cluster.dryRun(object).catch((error: unknown) => {
        refused.push(`${identity(object)}: ${error instanceof Error ? error.message : String(error)}`);
      });
    });
    expect(refused).toEqual([]);
  }, 3_600_000);
});

/** Requests at a time: enough to keep the API server busy. */
const AT_A_TIME = 8;

async function inParallel<T>(items: readonly T[], step: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      for (const item of rest) await step(item);
    }),
  );
}
