import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contender, LIBRARIES, OURS, peers, runContender, type Task } from "./contender.ts";
import { writeObjects, writeValues } from "./objects.ts";
import { proveEqual } from "./proof.ts";
import { report } from "./report.ts";
import { environmentOf } from "./services.ts";
import { temporaryFolder } from "./temporary.ts";
import type { Usage } from "./usage.ts";

/** Services -> rounds; fewer where one takes half a minute. */
const SIZES = [
  [10, 5],
  [100, 5],
  [1000, 5],
  [3000, 3],
] as const;
/** As many as can be read back in a few seconds. */
const PROVED = 100;

const temporary = temporaryFolder();
try {
  const others = process.argv.includes("--peers") ? await peers(temporary) : [];
  const contenders = [OURS, ...LIBRARIES, ...others];
  const proved = await proveEqual(contenders, taskOf(PROVED));
  console.log(`all programs write the same ${proved} objects`);
  const results = new Map<number, ReadonlyMap<string, readonly Usage[]>>();
  for (const [count, rounds] of SIZES) results.set(count, await inTurns(contenders, count, rounds));
  const text = report(results, `${proved.toLocaleString("en")} objects of ${PROVED} services, deep-equal`);
  writeFileSync("docs/benchmarks.md", text);
  console.log(text);
} finally {
  rmSync(temporary, { recursive: true });
}

function taskOf(count: number): Task {
  const [objects, values] = [join(temporary, `${count}.json`), join(temporary, `${count}-values.json`)];
  const environment = environmentOf(count);
  writeObjects(environment, objects);
  writeValues(environment, values);
  return { count, objects, values, programs: import.meta.dirname, temporary };
}

/** Rounds in which each contender has its turn. The proof has read every program once, so no file is cold. */
async function inTurns(
  contenders: readonly Contender[],
  count: number,
  rounds: number,
): Promise<ReadonlyMap<string, readonly Usage[]>> {
  const task = taskOf(count);
  const runs = new Map<string, Usage[]>();
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders.filter(({ most }) => count <= most)) {
      const run = await runContender(contender, task);
      runs.set(contender.name, [...(runs.get(contender.name) ?? []), run]);
      console.log(`${count} services, ${contender.name}: ${run.wall.toFixed(2)} s, CPU ${run.cpu.toFixed(2)} s`);
    }
  }
  return runs;
}
