import { seconds } from "../../core/duration.ts";
import { Faults } from "../../core/fault.ts";
import { type ServiceLevelProps, serviceObjectives } from "../service-level.ts";
import { loadTestThresholds, thresholdOf } from "../slo/load-test.ts";
import type { Objective } from "../slo/objective.ts";
import { FAILED_GRPC_CODES } from "../slo/request-series.ts";
import { LOAD_DEFAULTS, type LoadRequest, type ServiceLoad } from "./load-props.ts";
import { scriptText } from "./script-text.ts";

/** A load test of one service in one environment. */
export interface LoadTestProps {
  readonly environment: string;
  /** What it promises, and the test holds it to. */
  readonly level: ServiceLevelProps;
  readonly load: ServiceLoad & Required<Pick<ServiceLoad, "requests">>;
  /** Where it answers, such as "http://user.shop:8080". */
  readonly http?: string;
  /** The same for gRPC: "user.shop:9090". */
  readonly grpc?: string;
}

/**
 * A script for k6 2: requests as the service's description says, and its objectives as thresholds, so that k6 ends with
 * status 99 where they are not met. https://grafana.com/docs/k6/latest/using-k6/thresholds/
 * @param protos Folder that contracts are named from, as the script sees it.
 * @throws FaultError where nothing is asked that an objective could be measured by: k6 would pass it.
 */
export function loadTestScript(props: LoadTestProps, protos = "."): string {
  const { environment, level, load, http, grpc } = props;
  const objectives = serviceObjectives(level);
  const faults = new Faults(level.name);
  checkMeasured(faults, objectives, load);
  faults.check();
  const shares = Object.values(load.requests).reduce((sum, { share = 1 }) => sum + share, 0);
  return scriptText({
    service: level.name,
    environment,
    promises: objectives.filter((one) => thresholdOf(one) !== undefined).map(({ id, promise }) => `${id}: ${promise}`),
    http,
    grpc,
    protos,
    contracts: [...new Set(Object.values(load.requests).flatMap(({ proto }) => proto ?? []))].sort(),
    rate: load.rate ?? LOAD_DEFAULTS.rate,
    ramp: `${seconds(load.ramp ?? LOAD_DEFAULTS.ramp) ?? 0}s`,
    hold: `${seconds(load.hold ?? LOAD_DEFAULTS.hold) ?? 0}s`,
    patience: Math.max(1, ...objectives.flatMap(({ bound }) => bound ?? [])),
    requests: Object.fromEntries(
      Object.entries(load.requests).map(([name, { share = 1, ...request }]) => {
        const tags = objectives.filter((one) => isNarrow(one) && isAbout(one, request)).map(({ id }) => [id, "yes"]);
        return [name, { ...request, share: share / shares, tags: Object.fromEntries(tags) }];
      }),
    ),
    thresholds: loadTestThresholds(objectives),
    failed: FAILED_GRPC_CODES,
  });
}

/** Notes objectives that no request is about: k6 calls a threshold without a sample met. */
function checkMeasured(faults: Faults, objectives: readonly Objective[], { requests }: LoadTestProps["load"]): void {
  const measured = objectives.filter((one) => thresholdOf(one) !== undefined);
  if (measured.length === 0) {
    const said = objectives.map(({ name }) => name);
    const problem = "but none of them is about requests, which are all that k6 knows of";
    faults.add("slo", said, problem, "give it availability or latency");
  }
  for (const objective of measured) {
    if (Object.values(requests).some((request) => isAbout(objective, request))) continue;
    const { name, route, method, protocol } = objective;
    const subject = route ?? method ?? (protocol === "grpc" ? "gRPC" : "HTTP");
    const problem = `but no request is about ${subject}, so ${name} would be held whatever happens`;
    const remedy = 'add one: requests: { look: { path: "/users/ada" } }, or for gRPC { call, proto }';
    faults.add("slo.load.requests", Object.keys(requests), problem, remedy);
  }
}

function isNarrow({ route, method }: Objective): boolean {
  return route !== undefined || method !== undefined;
}

/** Whether a request counts for an objective. */
function isAbout({ protocol, route, method }: Objective, { path, call }: LoadRequest): boolean {
  if (protocol === "grpc") {
    return (
      call !== undefined && (method === undefined || glob(method.includes("/") ? method : `*/${method}`).test(call))
    );
  }
  return path !== undefined && (route === undefined || glob(route).test(path.replace(/[?#].*$/, "")));
}

/** A route as services name it: "/orders/{id}"; a star stands for anything. */
function glob(text: string): RegExp {
  const parts = text.split(/(\{[^}]*\}|\*)/).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return part === "*" ? ".*" : "[^/]+";
  });
  return new RegExp(`^${parts.join("")}$`);
}
