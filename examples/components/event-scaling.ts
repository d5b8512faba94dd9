import { type EventScalingObjects, eventScaling, worker } from "../../components/index.ts";

/** The articles' log analysis: 500,000 messages make 17 pods of 3, and 90 seconds after the backlog is gone there are 3 again. */
export const eventScalingExample: EventScalingObjects = eventScaling({
  name: "log-analysis",
  objects: worker({ name: "log-analysis", namespace: "shop", image: "registry.example.com/shop/log-analysis:1.0.0" }),
  scale: {
    min: 3,
    max: 17,
    triggers: {
      backlog: { kafka: { servers: "kafka.data:9092", topic: "logs", group: "analysis", lag: 30_000, partitions: 34 } },
      retries: { rabbitmq: { queue: "retry", messages: 100, host: { secret: "rabbitmq", key: "uri" } } },
      age: {
        prometheus: {
          server: "http://prometheus-operated.monitoring:9090",
          query: 'max(log_oldest_seconds{namespace="shop"})',
          each: 60,
        },
      },
      morning: { cron: { timezone: "Asia/Shanghai", start: "0 8 * * 1-5", end: "0 10 * * 1-5", replicas: 6 } },
    },
    polling: "10s",
    cooldown: "2m",
    scaleDownWindow: "90s",
  },
});
