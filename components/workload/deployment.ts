import { constant } from "../core/constant.ts";
import type { Deployment, PodTemplate, ServiceAccount } from "../core/kind.ts";
import type { Metadata } from "../core/object.ts";

const ONE_BY_ONE = constant({ type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });

/** Pods that are replaced one by one without ever being fewer. Replicas are left out where an autoscaler decides. */
export function deployment(
  metadata: Metadata,
  selector: Readonly<Record<string, string>>,
  template: PodTemplate,
  replicas: number | undefined,
): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: selector },
      strategy: ONE_BY_ONE,
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: 300,
      template,
    },
  };
}

/** An identity of its own for each workload; the token is mounted only where a pod asks for it. */
export function serviceAccount(metadata: Metadata): ServiceAccount {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata, automountServiceAccountToken: false };
}
