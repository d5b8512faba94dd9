import * as z from "zod";
import { type Duration, seconds } from "../core/duration.ts";
import { Faults } from "../core/fault.ts";
import type { ConfigMap, CronJob, NetworkPolicy, Secret, ServiceAccount } from "../core/kind.ts";
import { type Metadata, type Objects, present } from "../core/object.ts";
import { checked, checkShape, duration, maybe, strict, whole } from "../core/shape.ts";
import { configuration } from "./config.ts";
import { serviceAccount } from "./deployment.ts";
import { networkPolicy } from "./network-policy.ts";
import { podTemplate } from "./pod.ts";
import { type ExternalSecret, secretObjects } from "./secret.ts";
import { checkWorkload, type WorkloadProps, workloadLabels, workloadShape } from "./workload.ts";

/** A program that runs to its end, again and again. */
export interface CronJobProps extends WorkloadProps {
  /** Five fields, such as "0 3 * * *", or "@daily". */
  readonly schedule: string;
  /** The zone that the schedule is meant in. @default "Etc/UTC": the same in every cluster */
  readonly timeZone?: string;
  /** What happens when the last run has not ended. @default "Forbid": the new run is left out */
  readonly concurrency?: "Allow" | "Forbid" | "Replace";
  /** How often a failed run is tried again. @default 2 */
  readonly retries?: number;
  /** The longest a run may take, retries included. @default "1h" */
  readonly deadline?: Duration;
  /** How late a missed run may still start. @default "10m" */
  readonly startDeadline?: Duration;
  /** Keeps the schedule and starts nothing. @default false */
  readonly suspended?: boolean;
}

/** Everything that runs one job. */
export interface CronJobObjects extends Objects {
  readonly serviceAccount: ServiceAccount;
  readonly cronJob: CronJob;
  readonly config?: ConfigMap;
  readonly variables?: ConfigMap;
  readonly secret?: Secret;
  readonly [externalSecret: `externalSecret-${string}`]: ExternalSecret;
  readonly networkPolicy: NetworkPolicy;
}

const MACROS: readonly string[] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

const FIELDS: readonly {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly words?: RegExp;
}[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of month", least: 1, most: 31 },
  { name: "month", least: 1, most: 12, words: /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$/i },
  { name: "day of week", least: 0, most: 7, words: /^(sun|mon|tue|wed|thu|fri|sat)$/i },
];

/** Why a text is no schedule; undefined when it is. */
function scheduleProblem(text: string): string | undefined {
  if (MACROS.includes(text)) return undefined;
  if (text.includes("TZ=")) return "but the zone belongs in timeZone";
  const fields = text.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) return `but a schedule has five fields, and this has ${fields.length}`;
  for (const [index, { name, least, most, words }] of FIELDS.entries()) {
    for (const part of (fields[index] ?? "").split(",")) {
      const [range = "", step] = part.split("/");
      const bounds = range === "*" || range === "?" ? [] : range.split("-");
      const known = bounds.every(
        (bound) =>
          words?.test(bound) === true || (/^\d+$/.test(bound) && Number(bound) >= least && Number(bound) <= most),
      );
      if (!known || bounds.length > 2 || (step !== undefined && !/^[1-9]\d*$/.test(step))) {
        return `but its ${name}, "${fields[index]}", is none from ${least} to ${most}`;
      }
    }
  }
  return undefined;
}

export const cronJobShape = strict<CronJobProps>({
  ...workloadShape,
  schedule: checked(z.string(), (text) => {
    const problem = scheduleProblem(text);
    return problem === undefined ? undefined : [problem, 'use for example "0 3 * * *" for every night at three'];
  }),
  timeZone: maybe(z.string().min(1)),
  concurrency: maybe(z.enum(["Allow", "Forbid", "Replace"])),
  retries: maybe(whole(0)),
  deadline: maybe(duration),
  startDeadline: maybe(
    checked(duration, (text) =>
      // The CronJob controller looks every 10 s and would start nothing. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
      (seconds(text) ?? 0) < 10
        ? ["but the controller looks every 10 s only, so it would start nothing", 'use "1m" or more']
        : undefined,
    ),
  ),
  suspended: maybe(z.boolean()),
});

/**
 * A job that runs by the clock.
 * @throws FaultError with everything that is wrong with the props.
 */
export function cronJob(props: CronJobProps): CronJobObjects {
  validate(props);
  const labels = workloadLabels(props, "job");
  const metadata: Metadata = { name: props.name, namespace: props.namespace, labels };
  const owner = { name: props.name, namespace: props.namespace, labels };
  const config = configuration(owner, props.config, props.variables);
  const secrets = secretObjects(owner, props.secrets);
  const pods = podTemplate(props, { labels, config, ports: {}, probes: {}, restart: "Never", spread: false });
  return present({
    serviceAccount: serviceAccount(metadata),
    config: config.files,
    variables: config.variables,
    secret: secrets.secret,
    ...secrets.externalSecrets,
    cronJob: {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata,
      spec: {
        schedule: props.schedule,
        timeZone: props.timeZone ?? "Etc/UTC",
        concurrencyPolicy: props.concurrency ?? "Forbid",
        startingDeadlineSeconds: Math.round(seconds(props.startDeadline ?? "10m") ?? 600),
        suspend: props.suspended ?? false,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          spec: {
            backoffLimit: props.retries ?? 2,
            activeDeadlineSeconds: Math.round(seconds(props.deadline ?? "1h") ?? 3600),
            template: pods,
          },
        },
      },
    } satisfies CronJob,
    networkPolicy: networkPolicy({ ...owner, ports: [], calls: props.calls, calledBy: [] }),
  }) as CronJobObjects;
}

function validate(props: CronJobProps): void {
  const faults = new Faults(typeof props.name === "string" ? props.name : "cron job");
  if (checkShape(faults, cronJobShape, props)) {
    checkWorkload(faults, props, {});
    for (const [name, file] of Object.entries(props.config ?? {})) {
      if (file.reload === true)
        faults.add(`config.${name}.reload`, true, "but a job reads its files once", "leave it out");
    }
    if (props.debug?.delve === true)
      faults.add("debug.delve", true, "but a job would wait for the debugger for ever", "leave it out");
  }
  faults.check();
}
