import { pinned } from "./actions.ts";
import type { Job, Step, Workflow } from "./kind.ts";
import type { Settled } from "./props.ts";
import { checkout, PACKAGES } from "./steps.ts";

/** What the integration tests build is kept from run to run; the name follows the pinned modules. */
const TOOLCHAIN: readonly Step[] = [
  { uses: pinned("setupGo"), with: { "go-version": "1.26", cache: false } },
  {
    uses: pinned("cache"),
    with: {
      path: "~/.cache/fairlead\n~/go/pkg/mod\n",
      key: "fairlead-${{ runner.os }}-${{ runner.arch }}-${{ hashFiles('**/go.sum', 'package-lock.json') }}",
      "restore-keys": "fairlead-${{ runner.os }}-${{ runner.arch }}-",
    },
  },
];

/** lint, then unit tests, then integration tests: each only where the one before it passed. */
export function checks({ branch, runner, gates }: Settled): Workflow {
  const gate = (minutes: number, run: string, needs?: string, before: readonly Step[] = []): Job => ({
    ...(needs === undefined ? {} : { needs }),
    "runs-on": runner,
    "timeout-minutes": minutes,
    steps: [checkout(), ...PACKAGES, ...before, { run }],
  });
  return {
    name: "checks",
    on: { pull_request: {}, push: { branches: [branch] } },
    permissions: { contents: "read" },
    concurrency: {
      group: "checks-${{ github.ref }}",
      // Every commit of the branch is checked to the end; of a pull request the last one.
      "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    },
    jobs: {
      lint: gate(15, gates.lint),
      unit: gate(20, gates.unit, "lint"),
      integration: gate(90, gates.integration, "unit", TOOLCHAIN),
    },
  };
}
