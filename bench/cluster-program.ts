import type { Program } from "../components/index.ts";
import { runProgram } from "../components/pulumi/index.ts";
import { clusterEnvironment } from "./services.ts";

/** What bench/cluster.ts applies: as many services as it says. */
export const program: Program = {
  project: "bench",
  environments: ["dev"],
  build: () => clusterEnvironment(Number(process.env["BENCH_SERVICES"])),
};

/** Runs it under the engine. */
export const run = (): unknown => runProgram(program);
