import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./cli.ts";

// `npm run torture -- 200`, `npm run fuzz -- 100000`: a random test as often as asked for, and its seed if it is to be repeated.
const [folder = "", variable = "", times, seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--project", "integration", `test/integration/${folder}`],
  {
    cwd: ROOT,
    stdio: "inherit",
    env: {
      ...process.env,
      ...(times === undefined ? {} : { [variable]: times }),
      FAIRLEAD_SEED: seed,
    },
  },
);
process.exitCode = status ?? 1;
