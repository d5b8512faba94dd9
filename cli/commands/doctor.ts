import { join } from "node:path";
import { doctor } from "../../toolchain/index.ts";
import { Failure } from "../failure.ts";
import { findProject } from "../project.ts";
import { table } from "../table.ts";

/** Prints what this machine has, where each part comes from, and what to do. */
export async function doctorCommand(): Promise<void> {
  const { state } = findProject();
  const rows = await doctor({ folder: join(state, "cluster") });
  const lines = rows.map((row) => [
    row.what,
    row.version,
    row.from,
    row.advice ?? (row.state === "later" ? "comes by itself" : "fine"),
  ]);
  console.log(table([["PART", "VERSION", "FROM", "STATE"], ...lines]));
  if (rows.some((row) => row.state === "bad")) throw new Failure("");
}
