import { describe, expect, test } from "vitest";
import {
  catalogue,
  components,
  type EventScale,
  eventScaling,
  FaultError,
  foreignFields,
  microservice,
  type Objects,
  rollout,
  worker,
} from "../../components/index.ts";
import { eventScalingExample } from "../../examples/components/event-scaling.ts";

const facts = { name: "notifier", namespace: "shop", image: "registry.example.com/shop/notifier:1.0.0" };
const queue = worker(facts);
const kafka = { servers: "kafka.data:9092", topic: "orders", group: "notifier", lag: 1000 };
const scale: EventScale = { min: 1, max: 8, triggers: { orders: { kafka } } };

describe("a worker under KEDA", () => {
  const objects = eventScaling({ name: "notifier", objects: queue, scale });

  test("is scaled by what waits, and says no number of pods itself", () => {
    expect(objects.scaledObject.spec).toMatchObject({
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "notifier" },
      minReplicaCount: 1,
      maxReplicaCount: 8,
      triggers: [{ name: "orders", type: "kafka", metadata: { lagThreshold: "1000", consumerGroup: "notifier" } }],
    });
    expect(objects["deployment"]).not.toHaveProperty("spec.replicas");
    expect(foreignFields(Object.values(objects))).toEqual([
      { object: objects["deployment"], pointers: ["/spec/replicas"], owner: "ScaledObject notifier" },
    ]);
  });

  test("of a Rollout the Rollout is scaled", () => {
    const steps = [{ weight: 50, pause: "5m" }] as const;
    const fixed = worker({ ...facts, replicas: 4 });
    const rolled = rollout({ name: "notifier", objects: fixed, canary: { steps }, analysis: false });
    const { scaledObject, rollout: target } = eventScaling({ name: "notifier", objects: rolled, scale });
    expect(scaledObject.spec.scaleTargetRef.kind).toBe("Rollout");
    expect(target).not.toHaveProperty("spec.replicas");
  });

  test("every setting is text, as KEDA wants it, and a password stays in its Secret", () => {
    const { triggers } = eventScalingExample.scaledObject.spec;
    for (const { metadata } of triggers)
      for (const value of Object.values(metadata)) expect(typeof value).toBe("string");
    expect(triggers.map(({ type }) => type)).toEqual(["kafka", "rabbitmq", "prometheus", "cron"]);
    expect(triggers[1]?.authenticationRef?.name).toBe("log-analysis-retries");
    expect(eventScalingExample["triggerAuthentication-retries"]?.spec.secretTargetRef).toEqual([
      { parameter: "host", name: "rabbitmq", key: "uri" },
    ]);
  });

  test("the articles' backlog makes the articles' pods", () => {
    const lag = Number(eventScalingExample.scaledObject.spec.triggers[0]?.metadata["lagThreshold"]);
    expect(Math.ceil(500_000 / lag)).toBe(17);
  });

  test("nothing that waits means no pod, where the worker may sleep", () => {
    const asleep = eventScaling({ name: "notifier", objects: queue, scale: { ...scale, min: 0 } });
    expect(asleep.scaledObject.spec.minReplicaCount).toBe(0);
  });
});

describe("an entry that KEDA scales", () => {
  const triggers = { mails: { kafka: { servers: "kafka:9092", topic: "mails", group: "mailer", lag: 100 } } };
  const mailer = {
    owner: "identity",
    image: "registry.example.com/shop/mailer",
    calls: [],
    ports: { http: 8080 },
  } as const;
  const canary = { steps: [{ weight: 50, pause: "10m" }] } as const;
  const made = (more: object) => {
    const entry = { ...mailer, slo: { availability: 99.9 }, scaleOn: { min: 2, max: 9, triggers }, ...more };
    const setting = { namespace: "shop", partOf: "shop", version: "1.0.0", replicas: 2, autoscaling: true, keda: true };
    const rollouts = { router: "replicas", prometheus: "http://prometheus:9090" } as const;
    return components(catalogue({ mailer: entry }), { ...setting, rollouts })["mailer"]?.objects ?? {};
  };
  const alerts = (objects: Objects) => JSON.stringify(objects["alerts"]);

  test("is watched by the name of the autoscaler that KEDA makes", () => {
    expect(alerts(made({}))).toContain('horizontalpodautoscaler=\\"keda-hpa-mailer\\"');
    expect(alerts(made({ scaleOn: undefined }))).not.toContain("AutoscalerAtMaximum");
  });

  test("has a fixed number of pods while a Deployment becomes a Rollout", () => {
    const objects = made({ rollout: { canary, move: { to: "rollout", replicas: 5 } } });
    expect(objects).not.toHaveProperty("scaledObject");
    expect(objects["rollout"]).toHaveProperty("spec.replicas", 5);
    expect(alerts(objects)).not.toContain("keda-hpa");
    expect(made({ rollout: { canary } })).toHaveProperty("scaledObject.spec.scaleTargetRef.kind", "Rollout");
  });
});

describe("what could not work is refused", () => {
  const cron = { timezone: "Asia/Shanghai", start: "0 8 * * *", end: "0 10 * * *", replicas: 4 };
  const service = microservice({ ...facts, ports: { http: 8080 }, replicas: 2 });
  test.each<readonly [string, Partial<EventScale>, object, string]>([
    ["min above max", { min: 9 }, queue, "scale.min is 9, but scale.max is 8"],
    ["no pod of what others call", { min: 0 }, service, "others call it"],
    [
      "no pod of what a budget keeps",
      { min: 0 },
      worker({ ...facts, replicas: 3, disruption: { minAvailable: 1 } }),
      "its disruption budget keeps 1",
    ],
    ["a sleeper that only the clock wakes", { min: 0, triggers: { day: { cron } } }, queue, "only the clock wakes it"],
    ["two autoscalers", {}, worker({ ...facts, scale: { min: 1, max: 2 } }), "keep one of the two"],
    ["nothing to look at", { triggers: {} }, queue, "nothing decides how many pods"],
    ["two things in one", { triggers: { both: { kafka, cron } } }, queue, "a trigger looks at one thing"],
    ["none in one", { triggers: { none: {} } }, queue, "a trigger looks at one thing"],
    [
      "more pods than partitions",
      { triggers: { orders: { kafka: { ...kafka, partitions: 6 } } } },
      queue,
      "scale.max is 8, but the topic has 6 partitions",
    ],
    [
      "more pods by the clock than at most",
      { triggers: { day: { cron: { ...cron, replicas: 20 } } } },
      queue,
      "raise max",
    ],
    ["a time that does not end", { triggers: { day: { cron: { ...cron, end: cron.start } } } }, queue, "no time"],
    [
      "a time zone that is none",
      { triggers: { day: { cron: { ...cron, timezone: "Shanghai" } } } },
      queue,
      "no such time zone",
    ],
    ["a time that is none", { triggers: { day: { cron: { ...cron, start: "8:00" } } } }, queue, "five fields"],
    ["nothing that runs", {}, {}, "none of them runs pods"],
  ])("%s", (_, change, objects, said) => {
    const build = () => eventScaling({ name: "notifier", objects: { ...objects }, scale: { ...scale, ...change } });
    expect(build).toThrow(FaultError);
    expect(build).toThrow(said);
  });
});
