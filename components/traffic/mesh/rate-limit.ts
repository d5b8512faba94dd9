import type { Metadata } from "../../core/object.ts";
import type { EnvoyFilter } from "./kind.ts";
import type { RateLimit } from "./mesh.ts";

/**
 * A token bucket in front of every instance. Its figures reach running proxies within seconds, and no pod restarts.
 * https://istio.io/latest/docs/tasks/policy-enforcement/rate-limit/#local-rate-limit
 */
export function localRateLimit(
  metadata: Metadata,
  selector: Readonly<Record<string, string>>,
  limit: RateLimit,
): EnvoyFilter {
  const always = { numerator: 100, denominator: "HUNDRED" };
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata,
    spec: {
      workloadSelector: { labels: selector },
      // Filters that are placed by others' position need a fixed order among themselves.
      priority: 10,
      configPatches: [
        {
          applyTo: "HTTP_FILTER",
          match: {
            context: "SIDECAR_INBOUND",
            listener: {
              filterChain: {
                filter: {
                  name: "envoy.filters.network.http_connection_manager",
                  subFilter: { name: "envoy.filters.http.router" },
                },
              },
            },
          },
          patch: {
            operation: "INSERT_BEFORE",
            value: {
              name: "envoy.filters.http.local_ratelimit",
              typed_config: {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
                stat_prefix: "rate_limit",
                token_bucket: {
                  max_tokens: limit.burst ?? limit.requestsPerSecond,
                  tokens_per_fill: limit.requestsPerSecond,
                  fill_interval: "1s",
                },
                filter_enabled: { runtime_key: "rate_limit_enabled", default_value: always },
                filter_enforced: { runtime_key: "rate_limit_enforced", default_value: always },
                // Without it a gRPC client reads UNAVAILABLE, and tries again at once.
                rate_limited_as_resource_exhausted: true,
              },
            },
          },
        },
      ],
    },
  };
}
