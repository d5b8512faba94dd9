import { percent } from "../slo/rung.ts";
import { type AlertFacts, type AlertRow, type BackingService, type Condition, series, steady } from "./row.ts";

/** A condition for each backing service of a kind. */
function each<K extends keyof BackingService>(
  facts: AlertFacts,
  kind: K,
  condition: (name: string, what: NonNullable<BackingService[K]>, namespace: string) => Omit<Condition, "labels">,
): readonly Condition[] {
  return Object.entries(facts.backing).flatMap(([backing, service]) => {
    const what = service[kind];
    if (what === undefined) return [];
    return [{ ...condition(backing, what, service.namespace ?? facts.namespace), labels: { backing } }];
  });
}

/** A server that its exporter does not reach, or of which nobody knows. */
function down(kind: "postgres" | "redis", metric: string, title: string): AlertRow["conditions"] {
  return (facts) =>
    each(facts, kind, (backing, job, namespace) => {
      const up = series(metric, { job, namespace });
      return {
        expr: `max(${up}) == 0 or absent(${up})`,
        summary: `${facts.name}: its ${title} ${backing} does not answer`,
        description: `The exporter ${job} does not reach ${backing}, or is not scraped itself.`,
        example: () => ({ bad: [[up, steady(0)]], good: [[[up, steady(1)]]] }),
      };
    });
}

/** The taken part of two gauges of one server. */
function taken(
  kind: "postgres" | "redis",
  [used, most]: readonly [used: string, most: string],
  expr: (used: string, most: string) => string,
  what: string,
): AlertRow["conditions"] {
  return (facts, bound) =>
    each(facts, kind, (backing, job, namespace) => {
      const [part, whole] = [series(used, { job, namespace }), series(most, { job, namespace })];
      const share = (ratio: number) =>
        [
          [part, steady(1000 * ratio)],
          [whole, steady(1000)],
        ] as const;
      return {
        expr: `${expr(part, whole)} > ${bound}`,
        summary: `${facts.name}: more than ${percent(bound)} of the ${what} of ${backing} are taken`,
        description: `{{ $value | humanizePercentage }} of the ${what} of ${backing} are taken.`,
        example: () => ({ bad: share(bound * 1.05), good: [share(bound * 0.95)] }),
      };
    });
}

export const BACKING_ALERTS = {
  postgresDown: {
    alert: "PostgresDown",
    severity: "page",
    for: "2m",
    runbook: "postgres",
    conditions: down("postgres", "pg_up", "PostgreSQL"),
  },
  postgresConnections: {
    alert: "PostgresConnections",
    severity: "ticket",
    for: "10m",
    bound: { unit: "share", value: "80%" },
    runbook: "postgres",
    conditions: taken(
      "postgres",
      ["pg_stat_activity_count", "pg_settings_max_connections"],
      (used, most) => `sum(${used}) / max(${most})`,
      "connections",
    ),
  },
  redisDown: {
    alert: "RedisDown",
    severity: "page",
    for: "2m",
    runbook: "redis",
    conditions: down("redis", "redis_up", "Redis"),
  },
  redisMemory: {
    alert: "RedisMemory",
    severity: "ticket",
    for: "15m",
    bound: { unit: "share", value: "90%" },
    runbook: "redis",
    // A maximum of 0 means none.
    conditions: taken(
      "redis",
      ["redis_memory_used_bytes", "redis_memory_max_bytes"],
      (used, most) => `max(${used} / (${most} > 0))`,
      "bytes",
    ),
  },
  kafkaLag: {
    alert: "KafkaLag",
    severity: "ticket",
    for: "15m",
    bound: { unit: "count", value: 500_000 },
    runbook: "kafka-lag",
    conditions: (facts, bound) =>
      each(facts, "kafka", (backing, { group, topic }, namespace) => {
        const lag = (partition = {}) =>
          series("kafka_consumergroup_lag", { consumergroup: group, namespace, topic }, partition);
        const behind = (messages: number) =>
          ["0", "1"].map((partition) => [lag({ partition }), steady(messages / 2)] as const);
        return {
          expr: `sum(${lag()}) > ${bound}`,
          summary: `${facts.name}: far behind in ${topic}`,
          description: `The consumer group ${group} is {{ $value | humanize }} messages behind in ${topic} (${backing}).`,
          example: () => ({ bad: behind(bound * 1.2), good: [behind(bound * 0.8)] }),
        };
      }),
  },
  queueBacklog: {
    alert: "QueueBacklog",
    severity: "ticket",
    for: "15m",
    bound: { unit: "count", value: 10_000 },
    runbook: "queue-backlog",
    conditions: (facts, bound) =>
      each(facts, "rabbitmq", (backing, { queue }, namespace) => {
        const ready = series("rabbitmq_queue_messages_ready", { namespace, queue });
        return {
          expr: `sum(${ready}) > ${bound}`,
          summary: `${facts.name}: messages pile up in ${queue}`,
          description: `{{ $value | humanize }} messages wait in ${queue} (${backing}).`,
          example: () => ({ bad: [[ready, steady(bound * 1.2)]], good: [[[ready, steady(bound * 0.8)]]] }),
        };
      }),
  },
} as const satisfies Readonly<Record<string, AlertRow>>;
