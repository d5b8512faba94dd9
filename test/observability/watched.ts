import type { ServiceAlertsProps } from "../../components/observability/index.ts";

/** A service to which every alert applies but those of jobs; a test says what differs. */
export function watchedService(rest: Partial<ServiceAlertsProps> = {}): ServiceAlertsProps {
  return {
    name: "order",
    namespace: "shop",
    owner: "checkout",
    protocols: ["http", "grpc"],
    autoscaled: true,
    cpuLimit: true,
    certificates: ["shop-tls", "admin-tls"],
    backing: {
      database: { postgres: "order-db" },
      cache: { redis: "order-cache", namespace: "data" },
      events: { kafka: { group: "order", topic: "orders" } },
      work: { rabbitmq: { queue: "order.retry" } },
    },
    ...rest,
  };
}

/** A job to which every alert of jobs applies. */
export function watchedJob(rest: Partial<ServiceAlertsProps> = {}): ServiceAlertsProps {
  return { name: "reconcile", namespace: "shop", owner: "checkout", workload: "cronJob", ...rest };
}
