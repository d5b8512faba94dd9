import type { Job, Step, Workflow } from "./kind.ts";
import type { Settled } from "./props.ts";
import { ACCESS, checkout, KUBECONFIG, OWN_REPOSITORY, PACKAGES, printed, script } from "./steps.ts";

/** By this the comment is found again. */
const MARK = "<!-- fairlead diff -->";

/** Characters that all previews may take together; a comment has 65,536 and the comparison takes 40,000 at most. */
const ROOM = 20_000;

/** A person who has looked at the stop signs sets it on the pull request. */
const SEEN = "stop-signs-seen";

/**
 * What a pull request does: `fairlead diff` in one comment, `pulumi preview` of each environment below it, and a gate that
 * stop signs close. What runs code of the pull request has a token that may read; what may write a comment runs none of it.
 */
export function review({ environments, branch, runner, command }: Settled): Workflow {
  const previews = Object.fromEntries(environments.map((name) => [`preview-${name}`, preview(name, runner)]));
  return {
    name: "review",
    on: { pull_request: { branches: [branch], types: ["opened", "synchronize", "reopened", "labeled", "unlabeled"] } },
    permissions: { contents: "read" },
    concurrency: { group: "review-${{ github.event.pull_request.number }}", "cancel-in-progress": true },
    jobs: {
      diff: diff(command, runner),
      ...previews,
      comment: comment(Object.keys(previews), runner),
      gate: gate(runner),
    },
  };
}

function diff(command: string, runner: string): Job {
  const run: Step = {
    id: "diff",
    env: { BASE: "${{ github.event.pull_request.base.sha }}" },
    run: script([
      ...printed(`${command} diff "$BASE" --markdown`, "diff.md"),
      // 2 is a stop sign, which the gate is about.
      'if [ "$status" -ne 0 ] && [ "$status" -ne 2 ]; then exit "$status"; fi',
    ]),
  };
  return {
    "runs-on": runner,
    "timeout-minutes": 15,
    outputs: { text: "${{ steps.diff.outputs.text }}", status: "${{ steps.diff.outputs.status }}" },
    steps: [checkout(0), ...PACKAGES, run],
  };
}

function preview(environment: string, runner: string): Job {
  const run: Step = {
    id: "preview",
    env: { STACK: environment },
    run: script([
      ...printed('pulumi preview --stack "$STACK" --non-interactive --color never', "preview.txt"),
      'exit "$status"',
    ]),
  };
  return {
    name: `preview of ${environment}`,
    if: `vars.FAIRLEAD_PREVIEW == 'true' && ${OWN_REPOSITORY}`,
    "runs-on": runner,
    "timeout-minutes": 20,
    // Its secrets should be able to read the cluster and the state, and no more.
    environment: `preview-${environment}`,
    env: ACCESS,
    outputs: { text: "${{ steps.preview.outputs.text }}" },
    steps: [checkout(), ...PACKAGES, KUBECONFIG, run],
  };
}

function comment(previews: readonly string[], runner: string): Job {
  const variable = (job: string) => job.toUpperCase().replace(/\W/g, "_");
  const texts = Object.fromEntries(previews.map((job) => [variable(job), `\${{ needs.${job}.outputs.text }}`]));
  const room = Math.floor(ROOM / previews.length);
  const sections = previews.flatMap((job) => [
    `if [ -n "$${variable(job)}" ]; then`,
    `  printf '\\n<details><summary>pulumi preview: %s</summary>\\n\\n' "${job.replace(/^preview-/, "")}"`,
    // Indented, it is code to Markdown whatever stands in it.
    `  printf '%s\\n' "\${${variable(job)}:0:${room}}" | sed 's/^/    /'`,
    "  printf '\\n</details>\\n'",
    "fi",
  ]);
  const run: Step = {
    env: {
      GH_TOKEN: "${{ github.token }}",
      NUMBER: "${{ github.event.pull_request.number }}",
      DIFF: "${{ needs.diff.outputs.text }}",
      ...texts,
    },
    run: script([
      "{",
      "printf '%s\\n' \"$DIFF\"",
      ...sections,
      '} > "$RUNNER_TEMP/comment.md"',
      'comments="repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments"',
      `mine='.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("${MARK}"))) | .id'`,
      'id=$(gh api "$comments" --paginate --jq "$mine" | tail -n 1)',
      'if [ -n "$id" ]; then',
      '  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$RUNNER_TEMP/comment.md" --silent',
      "else",
      '  gh api "$comments" -F "body=@$RUNNER_TEMP/comment.md" --silent',
      "fi",
    ]),
  };
  return {
    needs: ["diff", ...previews],
    if: `!cancelled() && needs.diff.result == 'success' && ${OWN_REPOSITORY}`,
    "runs-on": runner,
    "timeout-minutes": 5,
    permissions: { "pull-requests": "write" },
    steps: [run],
  };
}

function gate(runner: string): Job {
  return {
    name: "stop signs",
    needs: "diff",
    "runs-on": runner,
    "timeout-minutes": 5,
    permissions: {},
    steps: [
      {
        env: {
          STATUS: "${{ needs.diff.outputs.status }}",
          SEEN: `\${{ contains(github.event.pull_request.labels.*.name, '${SEEN}') }}`,
        },
        run: script([
          'if [ "$STATUS" = 2 ] && [ "$SEEN" != true ]; then',
          `  echo "::error::objects would be replaced: look at the comment, then set the label ${SEEN}"`,
          "  exit 1",
          "fi",
        ]),
      },
    ],
  };
}
