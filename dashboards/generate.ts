import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardFiles } from "./index.ts";

const folder = join(import.meta.dirname, "../components/observability/dashboards");
for (const [name, dashboard] of Object.entries(dashboardFiles())) {
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(dashboard, null, 2)}\n`);
}
execFileSync("biome", ["format", "--write", folder], { stdio: "inherit" });
