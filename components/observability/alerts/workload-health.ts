import { promqlDuration } from "../promql.ts";
import { type AlertFacts, type AlertRow, type Condition, growing, type Samples, series, steady } from "./row.ts";

/** A condition on gauges of one object: their selectors in order, and values under which it holds and does not. */
function gauges(
  names: readonly string[],
  labels: Readonly<Record<string, string>>,
  condition: Pick<Condition, "summary" | "description"> & {
    readonly expr: (...selectors: readonly string[]) => string;
    readonly bad: readonly number[];
    readonly good: readonly (readonly number[])[];
  },
): readonly Condition[] {
  const selectors = names.map((name) => series(name, labels));
  const samples = (values: readonly number[]): Samples =>
    selectors.map((one, index) => [one, steady(values[index] ?? 0)]);
  const { expr, summary, description, bad, good } = condition;
  return [
    { expr: expr(...selectors), summary, description, example: () => ({ bad: samples(bad), good: good.map(samples) }) },
  ];
}

/** Pods that are available and pods that are wanted: kube-state-metrics counts a Deployment's, Argo Rollouts its own. */
const REPLICAS = {
  deployment: {
    names: ["kube_deployment_status_replicas_available", "kube_deployment_spec_replicas"],
    labels: ({ names, namespace }: AlertFacts) => ({ deployment: names.deployment, namespace }),
  },
  rollout: {
    names: ["rollout_info_replicas_available", "rollout_info_replicas_desired"],
    labels: ({ names, namespace }: AlertFacts) => ({ name: names.deployment, namespace }),
  },
} as const;

/** Phases of a Rollout that it does not leave by itself. https://argo-rollouts.readthedocs.io/en/stable/features/controller-metrics/ */
const STUCK = ["Degraded", "InvalidSpec", "Error", "Timeout"];

export const WORKLOAD_ALERTS = {
  crashLoop: {
    alert: "CrashLoop",
    severity: "ticket",
    for: "10m",
    runbook: "crash-loop",
    conditions: ({ name, namespace, workload }) => {
      if (workload === "none") return [];
      return gauges(
        ["kube_pod_container_status_waiting_reason"],
        { container: name, namespace, reason: "CrashLoopBackOff" },
        {
          // Between two crashes the container runs for a moment.
          expr: (waiting) => `max by (pod) (max_over_time(${waiting}[5m])) >= 1`,
          summary: `${name}: a container crashes again and again`,
          description: `Pod {{ $labels.pod }} of ${name} crashes soon after each start.`,
          bad: [1],
          good: [[0]],
        },
      );
    },
  },
  outOfMemory: {
    alert: "OutOfMemory",
    severity: "ticket",
    for: "1m",
    actions: ["diagnose"],
    runbook: "out-of-memory",
    conditions: ({ name, namespace, workload }) => {
      if (workload === "none") return [];
      const restarts = series("kube_pod_container_status_restarts_total", { container: name, namespace });
      const killed = series("kube_pod_container_status_last_terminated_reason", {
        container: name,
        namespace,
        reason: "OOMKilled",
      });
      return [
        {
          expr: `sum by (pod) (increase(${restarts}[30m])) > 0 and max by (pod) (${killed}) == 1`,
          summary: `${name}: killed for its memory`,
          description: `The container of pod {{ $labels.pod }} went above its memory limit and was killed within the last 30m.`,
          example: () => ({
            bad: [
              [restarts, growing(0, 0.1)],
              [killed, steady(1)],
            ],
            good: [
              [
                [restarts, growing(0, 0.1)],
                [killed, steady(0)],
              ],
              [
                [restarts, steady(3)],
                [killed, steady(1)],
              ],
            ],
            from: 1,
          }),
        },
      ];
    },
  },
  replicasMissing: {
    alert: "ReplicasMissing",
    severity: "ticket",
    for: "15m",
    runbook: "replicas-missing",
    conditions: (facts) =>
      facts.workload === "cronJob" || facts.workload === "none"
        ? []
        : gauges(REPLICAS[facts.workload].names, REPLICAS[facts.workload].labels(facts), {
            expr: (available, wanted) => `max(${available}) < max(${wanted})`,
            summary: `${facts.name}: fewer pods than wanted`,
            description: `Only {{ $value }} pods of ${facts.name} are available. A rollout that hangs looks the same.`,
            bad: [2, 3],
            good: [[3, 3]],
          }),
  },
  noReplicas: {
    alert: "NoReplicas",
    severity: "page",
    for: "2m",
    runbook: "replicas-missing",
    conditions: (facts) =>
      facts.workload === "cronJob" || facts.workload === "none"
        ? []
        : gauges(REPLICAS[facts.workload].names, REPLICAS[facts.workload].labels(facts), {
            expr: (available, wanted) => `max(${available}) == 0 and max(${wanted}) > 0`,
            summary: `${facts.name}: no pod is available`,
            description: `Nobody answers for ${facts.name}.`,
            bad: [0, 3],
            good: [
              [1, 3],
              [0, 0],
            ],
          }),
  },
  rolloutDegraded: {
    alert: "RolloutDegraded",
    severity: "ticket",
    for: "5m",
    runbook: "rollout-degraded",
    conditions: ({ name, names, namespace, workload }) => {
      if (workload !== "rollout") return [];
      const facts = { name: names.deployment, namespace };
      const phase = (value: string) => series("rollout_info", { ...facts, phase: value });
      return [
        {
          expr: `max by (phase) (${series("rollout_info", facts, [["phase", "=~", STUCK.join("|")]])}) == 1`,
          summary: `${name}: a new version does not take over`,
          description: `The Rollout of ${name} is {{ $labels.phase }}: its new version was taken back or does not get ahead. The old one answers.`,
          example: () => ({
            bad: [[phase("Degraded"), steady(1)]],
            good: [
              [[phase("Paused"), steady(1)]],
              [[phase("Progressing"), steady(1)]],
              [[phase("Healthy"), steady(1)]],
            ],
          }),
        },
      ];
    },
  },
  autoscalerAtMaximum: {
    alert: "AutoscalerAtMaximum",
    severity: "ticket",
    for: "15m",
    actions: ["diagnose"],
    runbook: "autoscaler-at-maximum",
    conditions: ({ autoscaled, name, names, namespace }) =>
      autoscaled
        ? gauges(
            ["kube_horizontalpodautoscaler_status_desired_replicas", "kube_horizontalpodautoscaler_spec_max_replicas"],
            { horizontalpodautoscaler: names.autoscaler, namespace },
            {
              expr: (desired, most) => `max(${desired}) >= max(${most})`,
              summary: `${name}: as many pods as it may have`,
              description: `The autoscaler of ${name} is at its maximum of {{ $value }} pods; more load meets no more pods.`,
              bad: [8, 8],
              good: [[7, 8]],
            },
          )
        : [],
  },
  drainBlocked: {
    alert: "DrainBlocked",
    severity: "ticket",
    for: "30m",
    runbook: "drain-blocked",
    conditions: ({ disruptionBudget, name, names, namespace }) =>
      disruptionBudget
        ? gauges(
            [
              "kube_poddisruptionbudget_status_pod_disruptions_allowed",
              "kube_poddisruptionbudget_status_expected_pods",
            ],
            { namespace, poddisruptionbudget: names.disruptionBudget },
            {
              expr: (allowed, expected) => `max(${allowed}) == 0 and max(${expected}) > 0`,
              summary: `${name}: its disruption budget lets no pod go`,
              description: `No node with a pod of ${name} can be drained, so upgrades of the cluster wait.`,
              bad: [0, 3],
              good: [
                [1, 3],
                [0, 0],
              ],
            },
          )
        : [],
  },
  jobFailed: {
    alert: "JobFailed",
    severity: "ticket",
    for: "1m",
    runbook: "job",
    conditions: ({ name, namespace, workload }) => {
      if (workload !== "cronJob") return [];
      const failed = (run: string) => series("kube_job_failed", { condition: "true", job_name: run, namespace });
      const runs = series("kube_job_failed", { condition: "true", namespace }, [["job_name", "=~", `${name}-[0-9]+`]]);
      return [
        {
          expr: `sum(${runs}) > 0`,
          summary: `${name}: a run failed`,
          description: `{{ $value }} runs of ${name} failed for good. It fires until they are deleted or pushed out of the history.`,
          example: () => ({
            bad: [[failed(`${name}-29000000`), steady(1)]],
            good: [[[failed(`${name}-29000000`), steady(0)]], [[failed(`${name}-other-29000000`), steady(1)]]],
          }),
        },
      ];
    },
  },
  jobOverdue: {
    alert: "JobOverdue",
    severity: "ticket",
    for: "5m",
    bound: { unit: "delay", value: "1h" },
    runbook: "job",
    conditions: ({ name, namespace, workload }, bound) => {
      if (workload !== "cronJob") return [];
      const next = series("kube_cronjob_next_schedule_time", { cronjob: name, namespace });
      const suspended = series("kube_cronjob_spec_suspend", { cronjob: name, namespace });
      // The clock of promtool starts at 0.
      const due = (time: number, held: number): Samples => [
        [next, steady(time)],
        [suspended, steady(held)],
      ];
      return [
        {
          expr: `time() - max(${next}) > ${bound} and max(${suspended}) == 0`,
          summary: `${name}: was not started when it was due`,
          description: `${name} should have started {{ $value | humanizeDuration }} ago, more than ${promqlDuration(bound)}.`,
          example: () => ({ bad: due(-1.2 * bound, 0), good: [due(-0.6 * bound, 0), due(-1.2 * bound, 1)] }),
        },
      ];
    },
  },
} as const satisfies Readonly<Record<string, AlertRow>>;
