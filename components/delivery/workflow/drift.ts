import type { Job, Workflow } from "./kind.ts";
import type { Settled } from "./props.ts";
import { ACCESS, checkout, KUBECONFIG, PACKAGES, script } from "./steps.ts";

/** Fails where a cluster is not what the branch describes: somebody changed it by hand, or nobody applied a commit. */
export function drift({ environments, drift: cron, runner }: Settled): Workflow {
  const look = (environment: string): Job => ({
    name: `drift of ${environment}`,
    if: "vars.FAIRLEAD_PREVIEW == 'true'",
    "runs-on": runner,
    "timeout-minutes": 20,
    environment: `preview-${environment}`,
    env: ACCESS,
    steps: [
      checkout(),
      ...PACKAGES,
      KUBECONFIG,
      {
        env: { STACK: environment },
        // Without a refresh the engine compares with what it remembers, and not with the cluster.
        run: script([
          'pulumi preview --stack "$STACK" --refresh --expect-no-changes --diff --non-interactive --color never | tee -a "$GITHUB_STEP_SUMMARY"',
        ]),
      },
    ],
  });
  return {
    name: "drift",
    on: { schedule: [{ cron }], workflow_dispatch: {} },
    permissions: { contents: "read" },
    concurrency: { group: "drift", "cancel-in-progress": false },
    jobs: Object.fromEntries(environments.map((name) => [`drift-${name}`, look(name)])),
  };
}
