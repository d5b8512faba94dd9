import { seconds } from "../../core/duration.ts";
import type { Job, Step, Workflow } from "./kind.ts";
import type { Settled, WorkflowsProps } from "./props.ts";
import { checkout, KUBECONFIG, OWN_REPOSITORY, PACKAGES, script } from "./steps.ts";

const NUMBER = "fairlead.dev/pull-request";
const EXPIRES = "fairlead.dev/expires";

type Own = NonNullable<WorkflowsProps["pullRequestEnvironment"]>;

/**
 * An environment for each pull request: namespaces of its own that bear its number and when they expire. Every push puts
 * that off; closing removes them, and so does an hourly look at what has expired.
 */
export function pullRequestEnvironment(
  { project, branch, runner, command }: Settled,
  { like, timeToLive = "48h" }: Own,
): Workflow {
  const job = (condition: string, steps: readonly Step[], rest: Partial<Job> = {}): Job => ({
    if: condition,
    "runs-on": runner,
    "timeout-minutes": 20,
    environment: "pull-requests",
    ...rest,
    steps,
  });
  const isOpen = `github.event_name == 'pull_request' && github.event.action != 'closed' && ${OWN_REPOSITORY}`;
  const isClosed = `github.event_name == 'pull_request' && github.event.action == 'closed' && ${OWN_REPOSITORY}`;
  const number = { NUMBER: "${{ github.event.pull_request.number }}" };
  const ahead = { ...number, LIKE: like, SETTING: `${project}:namespace`, NAMESPACE: `${project}-pr-` };
  return {
    name: "pull-request-environment",
    on: {
      pull_request: { branches: [branch], types: ["opened", "synchronize", "reopened", "closed"] },
      schedule: [{ cron: "43 * * * *" }],
    },
    permissions: { contents: "read" },
    // What is being made is not removed at the same time.
    concurrency: {
      group: "pull-request-environment-${{ github.event.pull_request.number || 'sweep' }}",
      "cancel-in-progress": false,
    },
    jobs: {
      bring: job(isOpen, [
        checkout(),
        ...PACKAGES,
        { name: "Namespaces of its own", env: ahead, run: script(SETTING_LINES) },
        { env: ahead, run: script([`${command} render "$LIKE" --out "$RUNNER_TEMP/rendered"`]) },
        KUBECONFIG,
        {
          name: "Apply, and say how long it lives",
          env: { ...ahead, SECONDS_TO_LIVE: String(seconds(timeToLive) ?? 0) },
          run: script(APPLY_LINES),
        },
      ]),
      remove: job(
        isClosed,
        [
          KUBECONFIG,
          { env: number, run: script([`kubectl delete namespace --selector "${NUMBER}=$NUMBER" --wait=false`]) },
        ],
        { permissions: {} },
      ),
      sweep: job("github.event_name == 'schedule'", [KUBECONFIG, { run: script(SWEEP_LINES) }], { permissions: {} }),
    },
  };
}

const SETTING_LINES = [
  "node --input-type=module <<'PROGRAM'",
  'import { existsSync, readFileSync, writeFileSync } from "node:fs";',
  'import { parse, stringify } from "yaml";',
  "const { LIKE, NAMESPACE, NUMBER, SETTING } = process.env;",
  "const file = `Pulumi.${LIKE}.yaml`;",
  'const settings = (existsSync(file) && parse(readFileSync(file, "utf8"))) || {};',
  "const config = { ...settings.config, [SETTING]: `${NAMESPACE}${NUMBER}` };",
  "writeFileSync(file, stringify({ ...settings, config }));",
  "PROGRAM",
];

const APPLY_LINES = [
  'objects="$RUNNER_TEMP/rendered/$LIKE"',
  // Namespaces first: files are applied in the order of their names.
  'list=$(kubectl create --dry-run=client --validate=false --recursive -f "$objects" -o go-template=\'{{if eq .kind "Namespace"}}{{.metadata.name}}{{"\\n"}}{{end}}\')',
  "expires=$(( $(date +%s) + SECONDS_TO_LIVE ))",
  "for namespace in $list; do",
  '  case "$namespace" in "$NAMESPACE$NUMBER"|"$NAMESPACE$NUMBER"-*) ;; *) echo "::error::$namespace is not of this pull request"; exit 1 ;; esac',
  '  kubectl create namespace "$namespace" --dry-run=client -o yaml | kubectl apply --server-side -f -',
  `  kubectl label namespace "$namespace" --overwrite "${NUMBER}=$NUMBER" "${EXPIRES}=$expires"`,
  "done",
  'kubectl apply --server-side --force-conflicts --recursive -f "$objects"',
  'echo "$NAMESPACE$NUMBER lives until $(date -u -d "@$expires")" >> "$GITHUB_STEP_SUMMARY"',
];

const SWEEP_LINES = [
  "now=$(date +%s)",
  `found='{{range .items}}{{.metadata.name}} {{index .metadata.labels "${EXPIRES}"}}{{"\\n"}}{{end}}'`,
  `kubectl get namespaces --selector "${NUMBER},${EXPIRES}" -o go-template="$found" | while read -r namespace expires; do`,
  '  if [ "$expires" -ge "$now" ]; then continue; fi',
  '  echo "$namespace has expired"',
  '  kubectl delete namespace "$namespace" --wait=false < /dev/null',
  "done",
];
