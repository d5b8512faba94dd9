import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTENDERS, type Run, runContender, type Task } from "./contender.ts";
import { writeObjects } from "./objects.ts";
import { proveEqual } from "./proof.ts";
import { type Results, report } from "./report.ts";
import { environmentOf } from "./services.ts";

/** Services -> rounds; fewer where one takes half a minute. */
const SIZES = [
  [10, 5],
  [100, 5],
  [1000, 2],
  [3000, 2],
] as const;
/** As many as can be read back in a few seconds. */
const PROVED = 100;

const temporary = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
try {
  const proved = proveEqual(taskOf(PROVED));
  console.log(`all programs write the same ${proved} objects`);
  const results: Results = new Map(SIZES.map(([count, rounds]) => [count, measured(count, rounds)]));
  const text = report(results, `${proved.toLocaleString("en")} objects of ${PROVED} services, deep-equal`);
  writeFileSync("docs/benchmarks.md", text);
  console.log(text);
} finally {
  rmSync(temporary, { recursive: true });
}

function taskOf(count: number): Task {
  const objects = join(temporary, `${count}.json`);
  writeObjects(environmentOf(count), objects);
  return { count, objects, programs: import.meta.dirname, temporary };
}

/** Rounds in which each contender has its turn. The proof has read every program once, so no file is cold. */
function measured(count: number, rounds: number): ReadonlyMap<string, readonly Run[]> {
  const task = taskOf(count);
  const contenders = CONTENDERS.filter(({ most }) => count <= most);
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const run = runContender(contender, task);
      runs.get(contender.name)?.push(run);
      console.log(`${count} services, ${contender.name}: ${run.wall.toFixed(2)} s, CPU ${run.cpu.toFixed(2)} s`);
    }
  }
  return runs;
}
