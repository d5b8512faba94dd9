import type { ServiceLevelProps } from "../../components/observability/index.ts";

/** A service level with the fewest props; a test says what differs. */
export function order(rest: Partial<ServiceLevelProps> = {}): ServiceLevelProps {
  return {
    name: "order",
    namespace: "shop",
    owner: "checkout",
    objectives: { availability: { availability: 99.9 } },
    ...rest,
  };
}

/** Metrics that the services of these tests declare as their own. */
export const OWN_METRICS: NonNullable<ServiceLevelProps["metrics"]> = {
  export_timestamp_seconds: { type: "gauge" },
  export_age_seconds: { type: "gauge" },
  jobs_total: { type: "counter", labels: ["outcome"] },
  queue_wait_seconds: { type: "histogram", buckets: [0.5, 1, 30] },
};

/** One objective of each kind. */
export const EVERY_KIND: ServiceLevelProps["objectives"] = {
  availability: { availability: 99.9 },
  latency: { latency: { percentile: 99, under: "750ms" } },
  route: { availability: 99.5, route: "/orders/*" },
  method: { latency: { percentile: 95, under: "1s" }, method: "shop.v1.Orders/Create" },
  fresh: { freshness: { percent: 99, under: "10m", timestamp: "export_timestamp_seconds" } },
  young: { freshness: { percent: 99, under: "10m", age: "export_age_seconds" } },
  jobs: {
    custom: {
      percent: 99.9,
      total: { metric: "jobs_total" },
      good: { metric: "jobs_total", where: { outcome: ["ok", "late"] } },
    },
  },
  failures: {
    custom: {
      percent: 99,
      total: { metric: "jobs_total" },
      bad: { metric: "jobs_total", where: { outcome: "failed" } },
    },
  },
  queue: { latency: { percentile: 95, under: "30s", metric: "queue_wait_seconds" } },
};
