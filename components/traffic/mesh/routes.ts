import type { CallPolicy } from "../../core/call-policy.ts";
import type { VirtualService } from "./kind.ts";
import { hostOf, type Mesh, STABLE, TRAFFIC_TAG, tagsOf } from "./mesh.ts";
import { type ResolvedPolicy, resolvePolicy, spanOf, widest } from "./policy.ts";

type Spec = NonNullable<VirtualService["spec"]>;
type Route = NonNullable<Spec["http"]>[number];
type Destinations = NonNullable<Route["route"]>;
type Destination = Destinations[number]["destination"];

/** What leads requests to the pods of a service. */
export interface RouteFacts {
  readonly name: string;
  readonly namespace: string;
  readonly mesh: Mesh;
  /** Service of the version that is tried out; whoever does the trying moves the weights. */
  readonly canary?: string | undefined;
  /** Version -> labels of its pods, where versions are told apart by labels. */
  readonly versions?: Readonly<Record<string, unknown>> | undefined;
  /** Version -> share of the requests without a tag, in percent. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** Caller -> how it calls, where that differs from the others. */
  readonly callers: readonly SpecialCaller[];
}

export interface SpecialCaller {
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly policy: CallPolicy;
}

/** Failures of a request that never reached the program. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on */
const UNSENT = "connect-failure,refused-stream,reset-before-request";
/** Besides those, failures after which only what is idempotent may be tried again; the last two are gRPC's. */
const SENT = "gateway-error,reset,unavailable,cancelled";

/** The name of the subset of a region's pods. */
export const regionSubset = (region: string): string => `region-${region}`;

/** The subset of a version, where labels tell versions apart. */
export const versionSubset = (version: string): string => `version-${version}`;

/** Timeout, retries and colours of every HTTP and gRPC call to a service, the most particular route first. */
export function routes(facts: RouteFacts): readonly Route[] {
  const { mesh, callers } = facts;
  const everyone = resolvePolicy({}, mesh.policy);
  if (mesh.mode === "ambient") {
    // A waypoint serves all callers and does not know their labels: the most patient one decides, and each caller's own
    // deadline still ends its calls earlier.
    return coloured(facts, "", widest([everyone, ...callers.map(({ policy }) => resolvePolicy(policy, mesh.policy))]));
  }
  const special = callers.filter(({ policy }) => policy.timeout !== undefined || policy.retries !== undefined);
  return [
    ...special.flatMap(({ name, selector, policy }) =>
      coloured(facts, `${name}-`, resolvePolicy(policy, mesh.policy), selector),
    ),
    ...coloured(facts, "", everyone),
  ];
}

function coloured(
  facts: RouteFacts,
  prefix: string,
  policy: ResolvedPolicy,
  sourceLabels?: Readonly<Record<string, string>>,
): readonly Route[] {
  const from = sourceLabels === undefined ? {} : { sourceLabels };
  const rules = { timeout: spanOf(policy.timeout), retries: retriesOf(policy) };
  const tagged = Object.entries(tagsOf(facts.mesh)).flatMap(([tag, target]): readonly Route[] => {
    const destination = "region" in target ? regional(facts, target.region) : versioned(facts, target.version);
    if (destination === undefined) return [];
    // Envoy compares header names in lower case.
    const match = [{ ...from, headers: { [TRAFFIC_TAG.toLowerCase()]: { exact: tag } } }];
    return [{ name: `${prefix}tag-${tag}`, match, route: [{ destination }], ...rules }];
  });
  const match = sourceLabels === undefined ? {} : { match: [from] };
  return [...tagged, { name: `${prefix}default`, ...match, route: untagged(facts), ...rules }];
}

function retriesOf({ retries }: ResolvedPolicy): NonNullable<Route["retries"]> {
  // Left out it would mean Istio's own two, which also repeat what was already under way.
  if (retries === undefined) return { attempts: 0 };
  const { attempts, idempotent, perTry } = retries;
  return {
    attempts,
    retryOn: idempotent ? `${UNSENT},${SENT}` : UNSENT,
    ...(perTry === undefined ? {} : { perTryTimeout: spanOf(perTry) }),
  };
}

function hostOfStable({ name, namespace }: RouteFacts): string {
  return hostOf(name, namespace);
}

function regional(facts: RouteFacts, region: string): Destination {
  return { host: hostOfStable(facts), subset: regionSubset(region) };
}

/** Where a version is; undefined where the service has no such version, so that the tag changes nothing. */
function versioned(facts: RouteFacts, version: string): Destination | undefined {
  const { canary, versions, namespace } = facts;
  if (versions !== undefined && Object.hasOwn(versions, version)) {
    return { host: hostOfStable(facts), subset: versionSubset(version) };
  }
  if (canary === undefined) return undefined;
  if (version === STABLE) return { host: hostOfStable(facts) };
  return version === "canary" ? { host: hostOf(canary, namespace) } : undefined;
}

function untagged(facts: RouteFacts): Destinations {
  const { canary, versions, weights, namespace } = facts;
  const stable = hostOfStable(facts);
  if (weights !== undefined) {
    return Object.entries(weights).map(([version, weight]) => ({
      destination: { host: stable, subset: versionSubset(version) },
      weight,
    }));
  }
  if (canary !== undefined) {
    return [
      { destination: { host: stable }, weight: 100 },
      { destination: { host: hostOf(canary, namespace) }, weight: 0 },
    ];
  }
  const pinned = versions !== undefined && Object.hasOwn(versions, STABLE);
  return [{ destination: { host: stable, ...(pinned ? { subset: versionSubset(STABLE) } : {}) } }];
}
