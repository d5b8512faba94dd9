import { pinned } from "./actions.ts";
import type { Job, Step } from "./kind.ts";

/** The repository, without a token left in it for what runs afterwards. */
export function checkout(depth = 1): Step {
  return { uses: pinned("checkout"), with: { "persist-credentials": false, "fetch-depth": depth } };
}

/** Node.js and the packages, as the lock file names them; no package runs a script of its own. */
export const PACKAGES: readonly Step[] = [
  { uses: pinned("setupNode"), with: { "node-version": 22, cache: "npm" } },
  { name: "Packages", run: "npm ci --ignore-scripts" },
];

/** A script: nothing of a pull request is written into it, all of it comes by variables. */
export function script(lines: readonly string[]): string {
  return `set -euo pipefail\n${lines.join("\n")}\n`;
}

/** The cluster and the engine's state of an environment, from the secrets that the repository keeps for it. */
export const ACCESS: NonNullable<Job["env"]> = {
  PULUMI_BACKEND_URL: "${{ vars.PULUMI_BACKEND_URL }}",
  PULUMI_ACCESS_TOKEN: "${{ secrets.PULUMI_ACCESS_TOKEN }}",
  PULUMI_CONFIG_PASSPHRASE: "${{ secrets.PULUMI_CONFIG_PASSPHRASE }}",
  PULUMI_SKIP_UPDATE_CHECK: "true",
};

/** The cluster's kubeconfig, readable by nobody else. */
export const KUBECONFIG: Step = {
  name: "Way to the cluster",
  env: { KUBECONFIG_TEXT: "${{ secrets.KUBECONFIG }}" },
  run: script([
    'if [ -z "$KUBECONFIG_TEXT" ]; then echo "::error::the secret KUBECONFIG is empty"; exit 1; fi',
    "umask 077",
    'printf "%s" "$KUBECONFIG_TEXT" > "$RUNNER_TEMP/kubeconfig"',
    'echo "KUBECONFIG=$RUNNER_TEMP/kubeconfig" >> "$GITHUB_ENV"',
  ]),
};

/** Keeps what a command prints as an output of its step, between two lines that it cannot know. */
export function printed(command: string, file: string): readonly string[] {
  return [
    "status=0",
    `${command} > "$RUNNER_TEMP/${file}" || status=$?`,
    `cat "$RUNNER_TEMP/${file}" >> "$GITHUB_STEP_SUMMARY"`,
    "end=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')",
    `{ echo "text<<$end"; head -c 60000 "$RUNNER_TEMP/${file}"; echo; echo "$end"; echo "status=$status"; } >> "$GITHUB_OUTPUT"`,
  ];
}

/** Secrets are not given to a pull request of another repository. */
export const OWN_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository";
