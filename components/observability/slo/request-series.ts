import { globMatcher, type Matcher } from "../promql.ts";
import type { Instrumentation, Protocol } from "./objective-props.ts";

/** Where the requests of a protocol are counted, and which of them failed by the service's fault. */
export interface RequestSeries {
  /** The series that counts every request. */
  readonly total: string;
  /** What a failed request looks like among them. */
  readonly failed: Matcher;
  /** The histogram of durations. */
  readonly duration: string;
  /** What a request that did not fail looks like in the histogram; absent where it does not tell. */
  readonly succeeded?: Matcher;
}

// Codes that OpenTelemetry calls errors of a server: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
export const FAILED_GRPC_CODES: readonly string[] = [
  "Unknown",
  "DeadlineExceeded",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
];
const GRPC_CODES = FAILED_GRPC_CODES.join("|");
const RPC_CODES = "UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS";

const SERIES: Readonly<Record<Protocol, Readonly<Record<Instrumentation, RequestSeries>>>> = {
  http: {
    opentelemetry: {
      total: "http_server_request_duration_seconds_count",
      failed: ["http_response_status_code", "=~", "5.."],
      duration: "http_server_request_duration_seconds",
      succeeded: ["http_response_status_code", "!~", "5.."],
    },
    prometheus: {
      total: "http_requests_total",
      failed: ["status", "=~", "5.."],
      duration: "http_request_duration_seconds",
      succeeded: ["status", "!~", "5.."],
    },
  },
  grpc: {
    opentelemetry: {
      total: "rpc_server_call_duration_seconds_count",
      failed: ["rpc_response_status_code", "=~", RPC_CODES],
      duration: "rpc_server_call_duration_seconds",
      succeeded: ["rpc_response_status_code", "!~", RPC_CODES],
    },
    prometheus: {
      total: "grpc_server_handled_total",
      failed: ["grpc_code", "=~", GRPC_CODES],
      // The histogram knows no code, so failed calls count by their duration too.
      duration: "grpc_server_handling_seconds",
    },
  },
};

export function requestSeries(protocol: Protocol, instrumentation: Instrumentation): RequestSeries {
  return SERIES[protocol][instrumentation];
}

/** One HTTP route. */
export function routeMatcher(instrumentation: Instrumentation, route: string): Matcher {
  return globMatcher(instrumentation === "opentelemetry" ? "http_route" : "path", route);
}

/** One gRPC method, with or without its service. */
export function methodMatchers(instrumentation: Instrumentation, method: string): readonly Matcher[] {
  const slash = method.lastIndexOf("/");
  if (instrumentation === "opentelemetry") return [globMatcher("rpc_method", slash < 0 ? `*/${method}` : method)];
  const name = globMatcher("grpc_method", method.slice(slash + 1));
  return slash < 0 ? [name] : [globMatcher("grpc_service", method.slice(0, slash)), name];
}
