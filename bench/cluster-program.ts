import type { Program } from "../components/index.ts";
import { clusterEnvironment } from "./services.ts";

/** What bench/cluster.ts applies: as many services as it says. */
export const program: Program = {
  project: "bench",
  environments: ["dev"],
  build: () => clusterEnvironment(Number(process.env["BENCH_SERVICES"])),
};
