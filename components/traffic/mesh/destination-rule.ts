import type { Breaker } from "../../core/call-policy.ts";
import { type Metadata, present } from "../../core/object.ts";
import { type DestinationRule, NETWORKING } from "./kind.ts";
import { hostOf, type Mesh, tagsOf } from "./mesh.ts";
import { regionSubset, versionSubset } from "./routes.ts";

type Spec = NonNullable<DestinationRule["spec"]>;
export type TrafficPolicy = NonNullable<Spec["trafficPolicy"]>;

/** How long a connection may take to come about: within a cluster, milliseconds. */
const CONNECT = "1s";

export interface DestinationFacts {
  readonly service: string;
  readonly namespace: string;
  readonly mesh: Mesh;
  readonly breaker: Required<Breaker> | undefined;
  readonly versions?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** Labels of the calling pods that it is about. @default every caller */
  readonly callers?: Readonly<Record<string, string>> | undefined;
}

/** How a service's pods are spared and chosen, and which subsets of them routes name. */
export function destinationRule(metadata: Metadata, facts: DestinationFacts): DestinationRule {
  const { mesh, callers } = facts;
  const subsets = subsetsOf(facts);
  return {
    apiVersion: NETWORKING,
    kind: "DestinationRule",
    metadata,
    spec: {
      host: hostOf(facts.service, facts.namespace),
      ...(callers === undefined ? {} : { workloadSelector: { matchLabels: callers } }),
      trafficPolicy: trafficPolicy(facts.breaker, mesh.regions),
      ...(subsets.length === 0 ? {} : { subsets }),
    },
  };
}

/** Limits, ejection and the order of regions. https://istio.io/latest/docs/reference/config/networking/destination-rule/ */
export function trafficPolicy(breaker: Required<Breaker> | undefined, regions: Mesh["regions"] = {}): TrafficPolicy {
  const failover = Object.entries(regions).flatMap(([from, [to]]) => (to === undefined ? [] : [{ from, to }]));
  return present({
    connectionPool: {
      tcp: { connectTimeout: CONNECT, ...(breaker === undefined ? {} : { maxConnections: breaker.connections }) },
      ...(breaker === undefined
        ? {}
        : {
            http: {
              http1MaxPendingRequests: breaker.pending,
              http2MaxRequests: breaker.requests,
              // A fifth of the load may be second tries: more would keep a service down that is coming up.
              maxRetries: Math.max(1, Math.ceil(breaker.requests / 5)),
            },
          }),
    },
    outlierDetection:
      breaker === undefined
        ? undefined
        : {
            consecutive5xxErrors: breaker.failures,
            consecutiveGatewayErrors: breaker.failures,
            interval: breaker.interval,
            baseEjectionTime: breaker.ejection,
            maxEjectionPercent: breaker.ejectable,
          },
    loadBalancer:
      failover.length === 0
        ? undefined
        : { simple: "LEAST_REQUEST" as const, localityLbSetting: { enabled: true, failover } },
  });
}

function subsetsOf({ mesh, versions = {} }: DestinationFacts): NonNullable<Spec["subsets"]> {
  const regions = Object.values(tagsOf(mesh)).flatMap((target) => ("region" in target ? [target.region] : []));
  return [
    ...Object.entries(versions).map(([version, labels]) => ({ name: versionSubset(version), labels })),
    // Istio labels every endpoint with the region of its node.
    ...[...new Set(regions)].map((region) => ({
      name: regionSubset(region),
      labels: { "topology.kubernetes.io/region": region },
    })),
  ];
}
