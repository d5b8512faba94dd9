import { type BackendTrafficPolicy, GATEWAY_API } from "./kind.ts";
import { backoffOf } from "./route-check.ts";
import type { RouteFacts, RouteGroup } from "./route-group.ts";
import type { Retries, Route } from "./route-props.ts";

/** The name by which a policy finds its rule. */
export function ruleName(index: number): string {
  return `rule-${index + 1}`;
}

/** Whether a route asks for what the Gateway API's standard channel cannot say. */
export function needsPolicy({ retries, timeout, grpc }: Route): boolean {
  return retries !== undefined || (timeout !== undefined && grpc !== undefined);
}

/** A policy of Envoy Gateway for each rule that needs one. */
export function trafficPolicies(
  { metadata }: RouteFacts,
  group: RouteGroup,
): Readonly<Record<`trafficPolicy-${string}`, BackendTrafficPolicy>> {
  const kind = group.grpc ? "GRPCRoute" : "HTTPRoute";
  return Object.fromEntries(
    group.routes.flatMap((route, index) => {
      if (!needsPolicy(route)) return [];
      const place = [group.grpc ? "grpc" : "http", ...(group.name === undefined ? [] : [group.name]), ruleName(index)];
      const policy: BackendTrafficPolicy = {
        apiVersion: "gateway.envoyproxy.io/v1alpha1",
        kind: "BackendTrafficPolicy",
        metadata: { ...metadata, name: `${metadata.name}-${group.grpc ? "grpc" : "http"}-${ruleName(index)}` },
        spec: {
          targetRefs: [{ group: GATEWAY_API, kind, name: metadata.name, sectionName: ruleName(index) }],
          ...(route.retries === undefined ? {} : { retry: retry(route.retries) }),
          ...(route.timeout === undefined ? {} : { timeout: { http: { requestTimeout: route.timeout } } }),
        },
      };
      return [[`trafficPolicy-${place.join("-")}`, policy]];
    }),
  );
}

/** What never reached the service may be tried again whatever it was; answers only where the route says so. */
function retry(retries: Retries): NonNullable<BackendTrafficPolicy["spec"]["retry"]> {
  const { attempts, perTry, codes } = retries;
  const triggers = ["connect-failure", "refused-stream", ...(codes === undefined ? [] : ["retriable-status-codes"])];
  return {
    numRetries: attempts,
    perRetry: { timeout: perTry, backOff: { baseInterval: backoffOf(retries) } },
    retryOn: { triggers, ...(codes === undefined ? {} : { httpStatusCodes: codes }) },
  };
}
