import * as z from "zod";
import { seconds } from "../core/duration.ts";
import type { Faults } from "../core/fault.ts";
import type { Deployment } from "../core/kind.ts";
import { type KubernetesObject, type Metadata, type Objects, present } from "../core/object.ts";
import { inside } from "../core/plain.ts";
import { checkShape, componentName, faultsOf, whereSound } from "../core/shape.ts";
import { fastUp } from "../workload/autoscaler.ts";
import type { EventScale, EventScalingProps, Trigger } from "./event-scaling-props.ts";
import { eventScaleShape } from "./event-scaling-props.ts";
import type { ScaledObject, TriggerAuthentication } from "./kind.ts";

/** The workload's other objects, and what scales it. */
export interface EventScalingObjects extends Objects {
  readonly scaledObject: ScaledObject;
  /** Where a trigger needs a password: one for each. */
  readonly [authentication: `triggerAuthentication-${string}`]: TriggerAuthentication;
}

/** The name of the autoscaler that KEDA makes for a workload. https://keda.sh/docs/latest/reference/scaledobject-spec/ */
export const kedaAutoscaler = (name: string): string => `keda-hpa-${name}`;

/** Roles of what KEDA can scale. */
const TARGETS = ["rollout", "deployment"] as const;

/**
 * A workload that is scaled by the work that waits for it, by KEDA. Its own number of pods is left out.
 * @throws FaultError with everything that is wrong with the scale.
 */
export function eventScaling(props: EventScalingProps): EventScalingObjects {
  validate(props);
  const { name, objects, scale } = props;
  const role = targetRole(objects);
  const target = objects[role] as Deployment;
  const metadata: Metadata = { ...target.metadata, name };
  return present({
    ...objects,
    [role]: unfixed(target),
    ...authentications(metadata, scale),
    scaledObject: scaledObject(metadata, target, scale),
  }) as EventScalingObjects;
}

function targetRole(objects: Objects): (typeof TARGETS)[number] {
  return TARGETS.find((role) => objects[role] !== undefined) ?? "deployment";
}

/** The autoscaler alone says how many pods there are. */
function unfixed(workload: Deployment): KubernetesObject {
  const { replicas: _replicas, ...spec } = { ...workload.spec };
  return { ...workload, spec } as KubernetesObject;
}

/** https://keda.sh/docs/latest/reference/scaledobject-spec/ */
function scaledObject(metadata: Metadata, target: KubernetesObject, scale: EventScale): ScaledObject {
  const { min, max, triggers, polling = "15s", cooldown = "5m", scaleDownWindow = "5m" } = scale;
  const { apiVersion, kind } = target;
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata,
    spec: {
      scaleTargetRef: { apiVersion, kind, name: target.metadata.name },
      minReplicaCount: min,
      maxReplicaCount: max,
      pollingInterval: seconds(polling) ?? 0,
      cooldownPeriod: seconds(cooldown) ?? 0,
      advanced: {
        horizontalPodAutoscalerConfig: {
          // As fast up as every autoscaler here; down at once when the window is over, for work that is gone is gone.
          behavior: {
            scaleUp: fastUp(max),
            scaleDown: { stabilizationWindowSeconds: seconds(scaleDownWindow) ?? 0 },
          },
        },
      },
      triggers: Object.entries(triggers).map(([name, trigger]) => ({
        name,
        ...question(trigger),
        ...(trigger.rabbitmq === undefined
          ? {}
          : { authenticationRef: { name: authenticationName(metadata.name, name) } }),
      })),
    },
  };
}

/** KEDA takes every setting as text. https://keda.sh/docs/latest/scalers/ */
function question(trigger: Trigger): { readonly type: string; readonly metadata: Readonly<Record<string, string>> } {
  const { kafka, rabbitmq, prometheus, cron } = trigger;
  if (kafka !== undefined) {
    const { servers: bootstrapServers, topic, group: consumerGroup, lag } = kafka;
    return { type: "kafka", metadata: { bootstrapServers, topic, consumerGroup, lagThreshold: String(lag) } };
  }
  if (rabbitmq !== undefined) {
    const { queue: queueName, messages } = rabbitmq;
    return { type: "rabbitmq", metadata: { queueName, mode: "QueueLength", value: String(messages) } };
  }
  if (prometheus !== undefined) {
    const { server: serverAddress, query, each } = prometheus;
    return { type: "prometheus", metadata: { serverAddress, query, threshold: String(each) } };
  }
  const { start = "", end = "", timezone = "", replicas = 0 } = cron ?? {};
  return { type: "cron", metadata: { timezone, start, end, desiredReplicas: String(replicas) } };
}

function authentications(metadata: Metadata, { triggers }: EventScale): Objects {
  return Object.fromEntries(
    Object.entries(triggers).flatMap(([name, { rabbitmq }]) => {
      if (rabbitmq === undefined) return [];
      const { secret, key } = rabbitmq.host;
      const authentication: TriggerAuthentication = {
        apiVersion: "keda.sh/v1alpha1",
        kind: "TriggerAuthentication",
        metadata: { ...metadata, name: authenticationName(metadata.name, name) },
        spec: { secretTargetRef: [{ parameter: "host", name: secret, key }] },
      };
      return [[`triggerAuthentication-${name}`, authentication]];
    }),
  );
}

function authenticationName(name: string, trigger: string): string {
  return `${name}-${trigger}`;
}

const factsShape = z.looseObject({ name: componentName, scale: eventScaleShape });

function validate(props: EventScalingProps): void {
  const faults = faultsOf(props, "event scaling");
  checkShape(faults, factsShape, props);
  const { objects } = props;
  if (inside(objects, targetRole(Object(objects)), "kind") === undefined) {
    faults.add("objects", Object.keys(Object(objects)), "but none of them runs pods", "give those of a worker");
  }
  whereSound(faults, props, ["scale", "objects"], (part) => {
    checkAmount(faults, part);
    for (const [name, trigger] of Object.entries(part.scale.triggers)) {
      checkTrigger(faults, `scale.triggers.${name}`, trigger, part.scale);
    }
  });
  faults.check();
}

function checkAmount(faults: Faults, { scale, objects }: Pick<EventScalingProps, "scale" | "objects">): void {
  const { min, max } = scale;
  if (min > max) faults.add("scale.min", min, `but scale.max is ${max}`, "use a min that is not above max");
  if (objects["autoscaler"] !== undefined) {
    faults.add("scale", scale, "but an autoscaler decides how many pods there are already", "keep one of the two");
  }
  if (min > 0) return;
  if (objects["service"] !== undefined) {
    faults.add("scale.min", 0, "but others call it, and while there is no pod nobody answers", "use 1 or more");
  }
  const kept = inside(objects["disruptionBudget"], "spec", "minAvailable");
  if (kept !== undefined) {
    faults.add(
      "scale.min",
      0,
      `but its disruption budget keeps ${String(kept)}`,
      "use maxUnavailable: 1, or 1 or more pods",
    );
  }
  if (Object.values(scale.triggers).every(({ cron }) => cron !== undefined)) {
    faults.add(
      "scale.min",
      0,
      "but only the clock wakes it, whatever waits",
      "add what it takes its work from, or use 1",
    );
  }
}

function checkTrigger(faults: Faults, path: string, trigger: Trigger, { max }: EventScale): void {
  const given = Object.entries(trigger).flatMap(([kind, value]) => (value === undefined ? [] : [kind]));
  if (given.length !== 1) {
    faults.add(path, given, "but a trigger looks at one thing", "give one of kafka, rabbitmq, prometheus and cron");
    return;
  }
  const { kafka, cron } = trigger;
  if (kafka?.partitions !== undefined && max > kafka.partitions) {
    const problem = `but the topic has ${kafka.partitions} partitions, and the other pods would read nothing`;
    faults.add("scale.max", max, problem, `use ${kafka.partitions}, or more partitions`);
  }
  if (cron === undefined) return;
  if (cron.start === cron.end) {
    faults.add(`${path}.cron.end`, cron.end, "but it begins then too, so it lasts no time", "use a later time");
  }
  if (cron.replicas > max) {
    faults.add(`${path}.cron.replicas`, cron.replicas, `but scale.max is ${max}`, "raise max or use fewer");
  }
}
