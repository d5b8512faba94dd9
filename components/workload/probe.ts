import * as z from "zod";
import { constant } from "../core/constant.ts";
import { type Duration, seconds } from "../core/duration.ts";
import { didYouMean, type Faults } from "../core/fault.ts";
import type { Probe } from "../core/kind.ts";
import { checked, maybe, port, strict, whole, wholeSeconds } from "../core/shape.ts";

/** When a probe runs and what it takes to fail. */
export interface ProbeTiming {
  /** Wait before the first try. @default "0s": the startup probe waits instead */
  readonly delay?: Duration;
  /** Time between tries. */
  readonly period?: Duration;
  /** Longest time an answer may take. */
  readonly timeout?: Duration;
  /** Failures in a row before it counts. */
  readonly failures?: number;
}

/** How a container is asked whether it is well: by HTTP or by the gRPC health protocol. */
export interface ProbeProps extends ProbeTiming {
  /** HTTP path. @default "/healthz" for startup and liveness, "/readyz" for readiness */
  readonly path?: string;
  /** Asks by gRPC on the grpc port, for this service name ("" for the whole server). */
  readonly grpc?: string;
  /** A port by its name or number. @default "http" when there is one, else "grpc" */
  readonly port?: string | number;
}

/** The three questions Kubernetes asks. */
export interface Probes {
  readonly startup?: ProbeProps;
  readonly liveness?: ProbeProps;
  readonly readiness?: ProbeProps;
}

/** The source articles' timings, for those who want them: `probes: articleProbes`. */
export const articleProbes: Probes = {
  liveness: { delay: "30s", timeout: "3s", period: "10s", failures: 3 },
  readiness: { delay: "5s", timeout: "2s", period: "5s", failures: 1 },
};

// The articles' liveness delay of 30 s makes a fast start slow and a slow start die; a startup probe of up to 60 s serves both.
// The kubelet asks for the first time before the program runs, and then once a period: a period of 2 s made every pod of a
// program that is there in a moment wait for two.
// Their single readiness failure takes a pod out for one lost packet; two do not.
const DEFAULTS: Readonly<Record<keyof Probes, Required<ProbeTiming> & { readonly path: string }>> = {
  startup: { path: "/healthz", delay: "0s", period: "1s", timeout: "2s", failures: 60 },
  liveness: { path: "/healthz", delay: "0s", period: "10s", timeout: "3s", failures: 3 },
  readiness: { path: "/readyz", delay: "0s", period: "5s", timeout: "2s", failures: 2 },
};

const probeShape = strict<ProbeProps>({
  delay: maybe(wholeSeconds),
  period: maybe(wholeSeconds),
  timeout: maybe(wholeSeconds),
  failures: maybe(whole(1)),
  path: maybe(
    checked(z.string(), (path) => (path.startsWith("/") ? undefined : ["but a path begins with /", `use "/${path}"`])),
  ),
  grpc: maybe(z.string()),
  port: maybe(z.union([z.string(), port])),
});

export const probesShape = strict<Probes>({
  startup: maybe(probeShape),
  liveness: maybe(probeShape),
  readiness: maybe(probeShape),
});

/** Ports by name, as a container exposes them. */
export type NamedPorts = Readonly<Record<string, number>>;

/** The probes of a serving container; none when it has neither an http nor a grpc port and none is asked for. */
export function containerProbes(
  ports: NamedPorts,
  probes: Probes = {},
): { readonly startupProbe?: Probe; readonly livenessProbe?: Probe; readonly readinessProbe?: Probe } {
  if (ports["http"] !== undefined && Object.keys(probes).length === 0) return USUAL;
  const serving = ports["http"] !== undefined || ports["grpc"] !== undefined;
  const probe = (kind: keyof Probes): Probe | undefined =>
    serving || probes[kind] !== undefined ? containerProbe(ports, DEFAULTS[kind], probes[kind] ?? {}) : undefined;
  const startupProbe = probe("startup");
  const livenessProbe = probe("liveness");
  const readinessProbe = probe("readiness");
  return {
    ...(startupProbe === undefined ? {} : { startupProbe }),
    ...(livenessProbe === undefined ? {} : { livenessProbe }),
    ...(readinessProbe === undefined ? {} : { readinessProbe }),
  };
}

const usual = (kind: keyof Probes) => constant(containerProbe({}, DEFAULTS[kind], { port: "http" }));

/** What a container is asked at its http port, where nothing else is said. */
const USUAL = { startupProbe: usual("startup"), livenessProbe: usual("liveness"), readinessProbe: usual("readiness") };

function containerProbe(
  ports: NamedPorts,
  defaults: Required<ProbeTiming> & { path: string },
  props: ProbeProps,
): Probe {
  const delay = seconds(props.delay ?? defaults.delay) ?? 0;
  return {
    ...probeHandler(ports, defaults.path, props),
    ...(delay === 0 ? {} : { initialDelaySeconds: delay }),
    periodSeconds: seconds(props.period ?? defaults.period) ?? 10,
    timeoutSeconds: seconds(props.timeout ?? defaults.timeout) ?? 1,
    failureThreshold: props.failures ?? defaults.failures,
  };
}

function probeHandler(ports: NamedPorts, path: string, props: ProbeProps): Pick<Probe, "grpc" | "httpGet"> {
  const asksGrpc =
    props.grpc !== undefined || (props.path === undefined && props.port === undefined && ports["http"] === undefined);
  if (!asksGrpc) return { httpGet: { path: props.path ?? path, port: props.port ?? "http" } };
  // A gRPC probe takes a number only.
  const grpcPort = typeof props.port === "number" ? props.port : (portNamed(ports, props.port ?? "grpc") ?? 0);
  return {
    grpc: { port: grpcPort, ...(props.grpc === undefined || props.grpc === "" ? {} : { service: props.grpc }) },
  };
}

/** A port by its name; "constructor" is none, although every object has one. */
function portNamed(ports: NamedPorts, name: string): number | undefined {
  return Object.hasOwn(ports, name) ? ports[name] : undefined;
}

/** Notes every probe that asks at a port nobody exposes, or that takes longer than its own period. */
export function checkProbes(faults: Faults, ports: NamedPorts, probes: Probes | undefined): void {
  for (const kind of ["startup", "liveness", "readiness"] as const) {
    const props = probes?.[kind];
    if (props === undefined) continue;
    const wanted = props.port ?? (props.grpc === undefined ? "http" : "grpc");
    const known =
      typeof wanted === "number" ? Object.values(ports).includes(wanted) : portNamed(ports, wanted) !== undefined;
    const implicit = props.port === undefined && props.path === undefined && props.grpc === undefined;
    if (!known && !(implicit && ports["grpc"] !== undefined)) {
      faults.add(
        `probes.${kind}.port`,
        wanted,
        "but the container exposes no such port",
        typeof wanted === "number"
          ? `use one of ${Object.entries(ports)
              .map(([name, number]) => `${name} (${number})`)
              .join(", ")}, or add it to ports`
          : didYouMean(wanted, Object.keys(ports)),
      );
    }
    const delay = seconds(props.period ?? DEFAULTS[kind].period) ?? 0;
    const timeout = seconds(props.timeout ?? DEFAULTS[kind].timeout) ?? 0;
    if (delay < 1)
      faults.add(
        `probes.${kind}.period`,
        props.period,
        "but Kubernetes asks once a second at most",
        'use "1s" or more',
      );
    if (timeout < 1)
      faults.add(`probes.${kind}.timeout`, props.timeout, "but an answer gets a second at least", 'use "1s" or more');
  }
}
