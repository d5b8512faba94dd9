import * as z from "zod";
import { Faults } from "../core/fault.ts";
import type { LimitRange, Namespace, NetworkPolicy, ResourceQuota } from "../core/kind.ts";
import { labels } from "../core/name.ts";
import { type Objects, present } from "../core/object.ts";
import type { Quantity } from "../core/quantity.ts";
import { checkShape, componentName, maybe, quantity, recordOf, strict, whole } from "../core/shape.ts";

/** The pod security standards. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export type PodSecurity = "restricted" | "baseline" | "privileged";

/** The most that a namespace's pods may ask for together. */
export interface Quota {
  readonly cpu: Quantity;
  readonly memory: Quantity;
  readonly pods: number;
}

/** A namespace that is safe before anything runs in it. */
export interface TeamNamespaceProps {
  readonly name: string;
  readonly partOf?: string;
  readonly owner?: string;
  /** What is refused. What restricted forbids is always warned of and audited. @default "restricted" */
  readonly podSecurity?: PodSecurity;
  /** @default no limit */
  readonly quota?: Quota;
  /** What a container without resources gets. @default 100m CPU, 128Mi memory */
  readonly containerDefaults?: { readonly cpu: Quantity; readonly memory: Quantity };
  /** Labels beside the usual ones, such as a mesh's. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface TeamNamespaceObjects extends Objects {
  readonly namespace: Namespace;
  readonly quota?: ResourceQuota;
  readonly limitRange: LimitRange;
  /** Nothing comes in and nothing goes out, unless a policy of a workload allows it. */
  readonly defaultDeny: NetworkPolicy;
}

export const teamNamespaceShape = strict<TeamNamespaceProps>({
  name: componentName,
  partOf: maybe(z.string()),
  owner: maybe(z.string()),
  podSecurity: maybe(z.enum(["restricted", "baseline", "privileged"])),
  quota: maybe(strict<Quota>({ cpu: quantity, memory: quantity, pods: whole(1) })),
  containerDefaults: maybe(strict<{ cpu: Quantity; memory: Quantity }>({ cpu: quantity, memory: quantity })),
  labels: maybe(recordOf(z.string())),
});

/**
 * A namespace with pod security, quota, default limits and default deny.
 * @throws FaultError with everything that is wrong with the props.
 */
export function teamNamespace(props: TeamNamespaceProps): TeamNamespaceObjects {
  const faults = new Faults(typeof props.name === "string" ? props.name : "namespace");
  checkShape(faults, teamNamespaceShape, props);
  faults.check();
  const common = labels({ name: props.name, partOf: props.partOf, owner: props.owner, component: "namespace" });
  const inside = (name: string) => ({ name, namespace: props.name, labels: common });
  const memory = props.containerDefaults?.memory ?? "128Mi";
  return present({
    namespace: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: props.name,
        labels: {
          ...common,
          ...props.labels,
          "pod-security.kubernetes.io/enforce": props.podSecurity ?? "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
        },
      },
    } satisfies Namespace,
    quota: props.quota === undefined ? undefined : resourceQuota(inside("quota"), props.quota),
    limitRange: {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: inside("container-defaults"),
      spec: {
        limits: [
          {
            type: "Container",
            defaultRequest: { cpu: props.containerDefaults?.cpu ?? "100m", memory },
            default: { memory },
          },
        ],
      },
    } satisfies LimitRange,
    defaultDeny: {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: inside("default-deny"),
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    } satisfies NetworkPolicy,
  });
}

function resourceQuota(metadata: ResourceQuota["metadata"], quota: Quota): ResourceQuota {
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata,
    spec: {
      hard: {
        "requests.cpu": quota.cpu,
        "requests.memory": quota.memory,
        "limits.memory": quota.memory,
        pods: String(quota.pods),
      },
    },
  };
}
