import * as z from "zod";
import { type Duration, seconds } from "../core/duration.ts";
import { nearest } from "../core/fault.ts";
import type { ConfigMap, CronJob, NetworkPolicy, Secret, ServiceAccount } from "../core/kind.ts";
import { selectorLabels } from "../core/name.ts";
import { type Metadata, type Objects, present } from "../core/object.ts";
import { checked, checkShape, duration, faultsOf, maybe, strict, whereSound, whole } from "../core/shape.ts";
import { configuration } from "./config.ts";
import { serviceAccount } from "./deployment.ts";
import { networkPolicy } from "./network-policy.ts";
import { podTemplate } from "./pod.ts";
import { type ExternalSecret, secretObjects } from "./secret.ts";
import { type WorkloadProps, workloadLabels, workloadShape } from "./workload.ts";
import { checkWorkload } from "./workload-check.ts";

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

// As the controller's own parser has them: it knows no 7 for Sunday. https://github.com/robfig/cron
const FIELDS: readonly {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names of the values, from the least on. */
  readonly words?: readonly string[];
}[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of month", least: 1, most: 31 },
  {
    name: "month",
    least: 1,
    most: 12,
    words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of week", least: 0, most: 6, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/** Why a text is no schedule; undefined when it is. */
function scheduleProblem(text: string): string | undefined {
  if (MACROS.includes(text)) return undefined;
  if (text.includes("TZ=")) return "but the zone belongs in timeZone";
  const fields = text.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) return `but a schedule has five fields, and this has ${fields.length}`;
  for (const [index, field] of FIELDS.entries()) {
    const written = fields[index] ?? "";
    if (written.split(",").every((part) => isPart(part, field))) continue;
    return `but its ${field.name}, "${written}", is none between ${field.least} and ${field.most}`;
  }
  return undefined;
}

/** One part of a field: "*", "5", "1-5", with or without a step such as "/15". */
function isPart(part: string, { least, most, words = [] }: (typeof FIELDS)[number]): boolean {
  const [range = "", step, ...rest] = part.split("/");
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === "*" || range === "?") return true;
  const bounds = range.split("-").map((bound) => {
    const word = words.indexOf(bound.toLowerCase());
    return word < 0 ? (/^\d+$/.test(bound) ? Number(bound) : Number.NaN) : word + least;
  });
  const [from = Number.NaN, to = from] = bounds;
  return bounds.length <= 2 && least <= from && from <= to && to <= most;
}

/** Why a text is no time zone; undefined when it is. */
function zoneProblem(text: string): readonly [problem: string, remedy: string] | undefined {
  const known = Intl.supportedValuesOf("timeZone");
  const near = nearest(text, known);
  const remedy = near === undefined ? 'use a name such as "Europe/Berlin" or "Etc/UTC"' : `did you mean "${near}"?`;
  const problem = "but it is no time zone of the IANA's list";
  // An offset such as "+01:00" is a zone to JavaScript and none to Kubernetes.
  if (!/^[A-Za-z]/.test(text) || /^local$/i.test(text)) return [problem, remedy];
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
  } catch {
    return [problem, remedy];
  }
  // JavaScript overlooks the case of letters; the file that Kubernetes reads does not.
  return near !== undefined && near !== text && near.toLowerCase() === text.toLowerCase()
    ? [problem, remedy]
    : undefined;
}

export const cronJobShape = strict<CronJobProps>({
  ...workloadShape,
  schedule: checked(z.string(), (text) => {
    const problem = scheduleProblem(text);
    return problem === undefined ? undefined : [problem, 'use for example "0 3 * * *" for every night at three'];
  }),
  timeZone: maybe(checked(z.string(), zoneProblem)),
  concurrency: maybe(z.enum(["Allow", "Forbid", "Replace"])),
  retries: maybe(whole(0)),
  deadline: maybe(
    checked(duration, (text) =>
      Number.isInteger(seconds(text)) && seconds(text) !== 0
        ? undefined
        : ["but Kubernetes counts whole seconds here, and ends a run at once after none", 'use for example "30m"'],
    ),
  ),
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
            activeDeadlineSeconds: seconds(props.deadline ?? "1h") ?? 3600,
            template: pods,
          },
        },
      },
    } satisfies CronJob,
    networkPolicy: networkPolicy({
      ...owner,
      selector: selectorLabels(props.name),
      ports: [],
      calls: props.calls,
      calledBy: [],
    }),
  }) as CronJobObjects;
}

function validate(props: CronJobProps): void {
  const faults = faultsOf(props, "cron job");
  checkShape(faults, cronJobShape, props);
  checkWorkload(faults, props);
  whereSound(faults, props, ["config"], ({ config = {} }) => {
    for (const [name, file] of Object.entries(config)) {
      if (file.reload === true)
        faults.add(`config.${name}.reload`, true, "but a job reads its files once", "leave it out");
    }
  });
  whereSound(faults, props, ["debug"], ({ debug }) => {
    if (debug?.delve === true)
      faults.add("debug.delve", true, "but a job would wait for the debugger for ever", "leave it out");
  });
  faults.check();
}
