// Run in a process of its own, so that each side of a comparison has its own copy of every module.
import { writeFileSync } from "node:fs";
import { buildEnvironment, openProject } from "../project.ts";
import { snapshot, written } from "./snapshot.ts";

/** Names of errors whose message is meant for people. */
const EXPECTED = ["FaultError", "Failure"];

const [folder = "", out = "", only] = process.argv.slice(2);
let place = "";
try {
  const project = await openProject(folder);
  const snapshots = project.program.environments
    .filter((name) => only === undefined || name === only)
    .map((name) => {
      place = `environment ${name}: `;
      return snapshot(buildEnvironment(project, name), true);
    });
  writeFileSync(out, written(snapshots));
} catch (error) {
  writeFileSync(out, place + told(error));
  process.exitCode = 1;
}

/** What a person needs of an error: a fault's sentences; of anything else also where it was thrown. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (EXPECTED.includes(error.name)) return error.message;
  const thrown = error.stack?.split("\n").find((line) => line.trim().startsWith("at "));
  return `${error.name}: ${error.message}${thrown === undefined ? "" : ` (${thrown.trim()})`}`;
}
