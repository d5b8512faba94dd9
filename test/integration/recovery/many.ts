import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../cli.ts";

// `npm run torture -- 200`: the recovery test with as many kills as are asked for, and its seed if it is to be repeated.
const [kills = "200", seed] = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--project", "integration", "test/integration/recovery"],
  {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, FAIRLEAD_KILLS: kills, ...(seed === undefined ? {} : { FAIRLEAD_SEED: seed }) },
  },
);
process.exitCode = status ?? 1;
