import * as z from "zod";
import type { Duration } from "../core/duration.ts";
import type { Objects } from "../core/object.ts";
import { checked, filled, maybe, objectName, partName, recordOf, strict, whole, wholeSeconds } from "../core/shape.ts";

/** How many pods, decided by the work that waits. */
export interface EventScale {
  /** Fewest pods; 0 only for what nobody calls. */
  readonly min: number;
  readonly max: number;
  /** What is looked at, by a name of its own; the largest demand wins. */
  readonly triggers: Readonly<Record<string, Trigger>>;
  /** How often each is looked at. @default "15s" */
  readonly polling?: Duration;
  /** How long nothing must wait before the last pod goes, where min is 0. @default "5m" */
  readonly cooldown?: Duration;
  /** How long the least demand of the past counts before pods are taken away. @default "5m" */
  readonly scaleDownWindow?: Duration;
}

/** One source of work. Give one of the four. */
export interface Trigger {
  readonly kafka?: KafkaTrigger;
  readonly rabbitmq?: RabbitTrigger;
  readonly prometheus?: PrometheusTrigger;
  readonly cron?: CronTrigger;
}

/** Messages that a consumer group has not read. */
export interface KafkaTrigger {
  /** "kafka.data:9092", several with commas. */
  readonly servers: string;
  readonly topic: string;
  readonly group: string;
  /** Waiting messages that each pod may have. The articles' 500,000 at 17 pods are 30,000. */
  readonly lag: number;
  /** Partitions of the topic: a pod more than these would have nothing to read. @default not known */
  readonly partitions?: number;
}

/** Messages that wait in a queue. */
export interface RabbitTrigger {
  readonly queue: string;
  /** Waiting messages that each pod may have. */
  readonly messages: number;
  /** A Secret of the namespace and its key with amqp://user:password@host:5672/vhost. */
  readonly host: { readonly secret: string; readonly key: string };
}

/** The answer to a question. */
export interface PrometheusTrigger {
  /** Prometheus' address, as KEDA reaches it. */
  readonly server: string;
  /** PromQL that yields one number. */
  readonly query: string;
  /** How much of it each pod may have. */
  readonly each: number;
}

/** A time of the day at which many come. */
export interface CronTrigger {
  /** Five fields, such as "0 8 * * 1-5". */
  readonly start: string;
  readonly end: string;
  /** Such as "Asia/Shanghai". */
  readonly timezone: string;
  /** Pods in between. */
  readonly replicas: number;
}

/** A workload that KEDA scales. */
export interface EventScalingProps {
  readonly name: string;
  /** The objects of a microservice, a worker or a rollout; none of them may be an autoscaler already. */
  readonly objects: Objects;
  readonly scale: EventScale;
}

const positive = checked(z.number(), (value) =>
  value > 0 && Number.isFinite(value) ? undefined : ["but it must be above 0", "use for example 100"],
);

const cron = checked(z.string(), (text) =>
  /^(\S+\s+){4}\S+$/.test(text.trim())
    ? undefined
    : ["but a time has five fields", 'use for example "0 8 * * 1-5" for 8:00 on working days'],
);

const timezone = checked(z.string(), (name) =>
  isTimezone(name) ? undefined : ["but there is no such time zone", 'use for example "Asia/Shanghai"'],
);

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const triggerShape = strict<Trigger>({
  kafka: maybe(
    strict<KafkaTrigger>({
      servers: filled,
      topic: filled,
      group: filled,
      lag: positive,
      partitions: maybe(whole(1)),
    }),
  ),
  rabbitmq: maybe(
    strict<RabbitTrigger>({
      queue: filled,
      messages: positive,
      host: strict<RabbitTrigger["host"]>({ secret: objectName, key: filled }),
    }),
  ),
  prometheus: maybe(
    strict<PrometheusTrigger>({
      server: checked(z.string(), (address) =>
        URL.canParse(address) ? undefined : ["but it is no address", 'use for example "http://prometheus:9090"'],
      ),
      query: filled,
      each: positive,
    }),
  ),
  cron: maybe(strict<CronTrigger>({ start: cron, end: cron, timezone, replicas: whole(1) })),
});

const span = checked(wholeSeconds, (text) =>
  /[1-9]/.test(text) ? undefined : ["but that is no time at all", 'use for example "90s"'],
);

export const eventScaleShape = strict<EventScale>({
  min: whole(0),
  max: whole(1),
  triggers: checked(recordOf(triggerShape, partName), (triggers) =>
    Object.keys(triggers).length === 0
      ? ["so nothing decides how many pods there are", "give one, such as a queue"]
      : undefined,
  ),
  polling: maybe(span),
  cooldown: maybe(span),
  scaleDownWindow: maybe(wholeSeconds),
});
