import type { ProbeProps, Probes } from "../../components/index.ts";
import { at, given, number, text } from "./read.ts";

const KINDS = [
  ["startup", "startupProbe"],
  ["liveness", "livenessProbe"],
  ["readiness", "readinessProbe"],
] as const;

/** A container's probes in a component's words, and what is said in no such words. */
export function probesOf(
  container: unknown,
  ports: Readonly<Record<string, number>>,
): { readonly probes: Probes; readonly notes: readonly string[] } {
  const probes: { -readonly [K in keyof Probes]: ProbeProps } = {};
  const notes: string[] = [];
  const isServing = ports["http"] !== undefined || ports["grpc"] !== undefined;
  const instead = isServing
    ? "the component's own asks instead"
    : "nothing asks now: give probes, or a port named http";
  for (const [kind, key] of KINDS) {
    const probe = at(container, key);
    if (probe === undefined) continue;
    const props = probeProps(probe, ports);
    if (props !== undefined) probes[kind] = props;
    else notes.push(`${key}: only HTTP and gRPC, on a port of the container; ${instead}`);
  }
  if (!isServing) return { probes, notes };
  const asked = probes.liveness ?? probes.readiness;
  for (const [kind, key] of KINDS) {
    if (probes[kind] !== undefined) continue;
    if (asked === undefined) {
      notes.push(
        `${key} is new, and asks as components do (/healthz, /readyz or gRPC health): the program must answer`,
      );
    } else {
      const { path, grpc, port } = asked;
      probes[kind] = { ...given("path", path), ...given("grpc", grpc), ...given("port", port) };
      if (kind !== "startup") notes.push(`${key} is new, and asks as the other one does`);
    }
  }
  return { probes, notes };
}

function probeProps(probe: unknown, ports: Readonly<Record<string, number>>): ProbeProps | undefined {
  const http = at(probe, "httpGet");
  const grpc = at(probe, "grpc");
  const wanted = at(http ?? grpc, "port");
  const port = typeof wanted === "number" ? nameOf(wanted, ports) : text(wanted);
  if (port === undefined || ports[port] === undefined) return undefined;
  const handler =
    http === undefined
      ? { grpc: text(at(grpc, "service")) ?? "", ...(port === "grpc" ? {} : { port }) }
      : { path: text(at(http, "path")) ?? "/", ...(port === "http" ? {} : { port }) };
  const span = (value: unknown) => (number(value) === undefined ? undefined : `${number(value)}s`);
  return {
    ...handler,
    ...given("delay", span(at(probe, "initialDelaySeconds"))),
    ...given("period", span(at(probe, "periodSeconds"))),
    ...given("timeout", span(at(probe, "timeoutSeconds"))),
    ...given("failures", number(at(probe, "failureThreshold"))),
  };
}

function nameOf(number: number, ports: Readonly<Record<string, number>>): string | undefined {
  return Object.keys(ports).find((name) => ports[name] === number);
}
