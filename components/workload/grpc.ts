import type { CallPolicy } from "../core/call-policy.ts";
import { type Duration, seconds } from "../core/duration.ts";
import type { Faults } from "../core/fault.ts";
import { once } from "../core/once.ts";
import { checked, maybe, strict, wholeSeconds } from "../core/shape.ts";

/** How long gRPC connections to a service live, and how its clients see to it that they do. */
export interface Grpc {
  /**
   * Age at which the server asks a client to connect anew: until then a client that balances by itself does not see new
   * pods. @default "5m"
   */
  readonly connectionAge?: Duration;
  /** How often a client asks whether a quiet connection still stands. grpc-go asks every 10 s at most. @default "30s" */
  readonly keepalive?: Duration;
}

/** What the server forgives: half of what clients do, as a ping that is early by a moment ends the connection. */
const FORGIVEN = 2;
const CONNECTION_AGE: Duration = "5m";
const KEEPALIVE: Duration = "30s";
/** How long a client waits for the answer to such a question. https://grpc.io/docs/guides/keepalive/ */
const KEEPALIVE_TIMEOUT: Duration = "10s";

export const grpcShape = strict<Grpc>({
  connectionAge: maybe(wholeSeconds),
  keepalive: maybe(
    checked(wholeSeconds, (text) =>
      (seconds(text) ?? 0) >= 10
        ? undefined
        : ["but grpc-go asks every 10 s at most, whatever it is told", 'use "10s" or more'],
    ),
  ),
});

/** Notes connections that would be over before the first question whether they stand. */
export function checkGrpc(faults: Faults, grpc: Grpc | undefined, ports: Readonly<Record<string, number>>): void {
  if (grpc === undefined) return;
  if (ports["grpc"] === undefined) {
    faults.add("grpc", grpc, "but no port is called grpc", "add it to ports, or leave out grpc");
  }
  const age = grpc.connectionAge ?? CONNECTION_AGE;
  const keepalive = grpc.keepalive ?? KEEPALIVE;
  if ((seconds(age) ?? 0) > (seconds(keepalive) ?? 0)) return;
  const problem = `but clients ask every ${keepalive} whether a connection stands, so none would ever be asked about`;
  faults.add("grpc.connectionAge", grpc.connectionAge, problem, "use a longer age, or a shorter keepalive");
}

/**
 * What a gRPC server reads; it sets keepalive.ServerParameters and EnforcementPolicy by it.
 * https://pkg.go.dev/google.golang.org/grpc/keepalive
 * @param drain Seconds that requests get to end, also those of a connection that has come of age.
 */
export function grpcServerVariables(grpc: Grpc | undefined, drain: number): Readonly<Record<string, string>> {
  return {
    GRPC_MAX_CONNECTION_AGE: grpc?.connectionAge ?? CONNECTION_AGE,
    GRPC_MAX_CONNECTION_AGE_GRACE: `${drain}s`,
    GRPC_KEEPALIVE_MIN_TIME: `${Math.floor((seconds(grpc?.keepalive ?? KEEPALIVE) ?? 0) / FORGIVEN)}s`,
  };
}

/** One service that a program calls by gRPC. */
export interface GrpcTarget {
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  /** Name of its headless Service, where the client balances by itself; absent where a mesh does. */
  readonly headless?: string | undefined;
  readonly grpc?: Grpc | undefined;
  readonly policy?: CallPolicy | undefined;
}

/** What a gRPC client reads: whom to dial, and the service config by which it balances, gives up and tries again. */
export function grpcClientVariables(targets: readonly GrpcTarget[]): Readonly<Record<string, string>> {
  if (targets.length === 0) return {};
  const variables: Record<string, string> = {};
  for (const target of targets) {
    const word = target.service.toUpperCase().replaceAll("-", "_");
    const host = `${target.headless ?? target.service}.${target.namespace}.svc.cluster.local`;
    variables[`${word}_GRPC_TARGET`] = `dns:///${host}:${target.port}`;
    variables[`${word}_GRPC_SERVICE_CONFIG`] = serviceConfigText(target);
  }
  const keepalive = Math.max(...targets.map(({ grpc }) => seconds(grpc?.keepalive ?? KEEPALIVE) ?? 0));
  // One for all: what the strictest of the called servers forgives.
  variables["GRPC_KEEPALIVE_TIME"] = `${keepalive}s`;
  variables["GRPC_KEEPALIVE_TIMEOUT"] = KEEPALIVE_TIMEOUT;
  return variables;
}

/** Most calls are as any other: theirs is written once. */
const PLAIN_CONFIG = once(() => ({ text: JSON.stringify(serviceConfig({})) }));

function serviceConfigText(target: GrpcTarget): string {
  const isPlain = target.policy === undefined || Object.keys(target.policy).length === 0;
  return isPlain ? PLAIN_CONFIG().text : JSON.stringify(serviceConfig(target));
}

/** https://github.com/grpc/grpc/blob/master/doc/service_config.md */
function serviceConfig({ headless, policy }: Pick<GrpcTarget, "headless" | "policy">): object {
  const timeout = policy?.timeout === undefined ? {} : { timeout: `${seconds(policy.timeout) ?? 0}s` };
  // Where a mesh tries again the client must not: tries of both would multiply.
  const retryPolicy = headless === undefined ? undefined : retryPolicyOf(policy);
  const method = { ...timeout, ...(retryPolicy === undefined ? {} : { retryPolicy }) };
  return {
    loadBalancingConfig: [{ round_robin: {} }],
    ...(Object.keys(method).length === 0 ? {} : { methodConfig: [{ name: [{}], ...method }] }),
  };
}

/** gRPC by itself tries again what never reached the server; only of what is idempotent more is wanted. */
function retryPolicyOf(policy: CallPolicy | undefined): object | undefined {
  const retries = policy?.retries;
  if (retries === undefined || retries === false || retries.idempotent !== true) return undefined;
  return {
    // gRPC counts the first try, and makes five at most.
    maxAttempts: Math.min(5, (retries.attempts ?? 2) + 1),
    initialBackoff: "0.025s",
    maxBackoff: "0.25s",
    backoffMultiplier: 2,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
}
