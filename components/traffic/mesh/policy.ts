import type { Breaker, CallPolicy, Retries } from "../../core/call-policy.ts";
import { type Duration, seconds } from "../../core/duration.ts";
import type { Faults } from "../../core/fault.ts";

/** A policy with every default filled in; times in milliseconds. */
export interface ResolvedPolicy {
  readonly timeout: number;
  readonly retries: ResolvedRetries | undefined;
  readonly breaker: Required<Breaker> | undefined;
}

export interface ResolvedRetries {
  readonly attempts: number;
  readonly idempotent: boolean;
  /** Absent where a try that is under way is never cut off. */
  readonly perTry?: number;
}

/** The articles' routes have this timeout. */
const TIMEOUT: Duration = "3s";
const ATTEMPTS = 2;

const BREAKER: Required<Breaker> = {
  connections: 100,
  pending: 100,
  requests: 1000,
  failures: 5,
  interval: "10s",
  ejection: "30s",
  ejectable: 50,
};

/** Envoy waits a random part of this before the n-th retry. https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-max-retries */
const BACKOFF = 25;
const LONGEST_BACKOFF = 250;

/** Milliseconds that Envoy waits at most between tries, all together. */
export function longestBackoff(attempts: number): number {
  let sum = 0;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const wait = Math.min(LONGEST_BACKOFF, BACKOFF * (2 ** attempt - 1));
    if (wait === LONGEST_BACKOFF) return sum + LONGEST_BACKOFF * (attempts - attempt + 1);
    sum += wait;
  }
  return sum;
}

/** A call's policy over the environment's, over the defaults. */
export function resolvePolicy(call: CallPolicy = {}, central: CallPolicy = {}): ResolvedPolicy {
  const timeout = millis(call.timeout ?? central.timeout ?? TIMEOUT);
  const breaker = call.breaker ?? central.breaker ?? {};
  const retries = call.retries ?? central.retries ?? {};
  return {
    timeout,
    retries: retries === false ? undefined : resolveRetries(timeout, call, { ...(central.retries || {}), ...retries }),
    breaker: breaker === false ? undefined : { ...BREAKER, ...(central.breaker || {}), ...breaker },
  };
}

function resolveRetries(timeout: number, call: CallPolicy, retries: Retries): ResolvedRetries {
  const attempts = retries.attempts ?? ATTEMPTS;
  if (retries.idempotent !== true) return { attempts, idempotent: false };
  const share = evenShare(timeout, attempts);
  const own = call.retries === undefined || call.retries === false ? undefined : call.retries.perTry;
  // The environment's figure is for its own timeout; a call that is shorter gets a share of its own.
  const perTry = own === undefined ? Math.min(share, millis(retries.perTry ?? "1d")) : millis(own);
  return { attempts, idempotent: true, perTry };
}

/** The longest time in milliseconds that each try may take so that all of them fit. */
function evenShare(timeout: number, attempts: number): number {
  return Math.floor((timeout - longestBackoff(attempts)) / (attempts + 1));
}

/** Notes tries that go on when the caller has long given up. */
export function checkBudget(faults: Faults, path: string, call: CallPolicy, central: CallPolicy = {}): void {
  const { timeout, retries } = resolvePolicy(call, central);
  if (retries?.perTry === undefined) return;
  const most = evenShare(timeout, retries.attempts);
  if (most >= 1 && retries.perTry <= most) return;
  const tries = retries.attempts + 1;
  const own = call.retries === undefined || call.retries === false ? {} : call.retries;
  const [place, value] =
    own.perTry !== undefined
      ? (["retries.perTry", own.perTry] as const)
      : own.attempts !== undefined
        ? (["retries.attempts", own.attempts] as const)
        : (["timeout", call.timeout] as const);
  const needs = Math.max(0, retries.perTry) * tries + longestBackoff(retries.attempts);
  faults.add(
    path === "" ? place : `${path}.${place}`,
    value,
    `but ${tries} tries and the waits between them take up to ${needs} ms, and the caller gives up after ${timeout} ms`,
    most >= 1
      ? `use "${most}ms" per try, fewer attempts or a longer timeout`
      : "use fewer attempts or a longer timeout",
  );
}

export function millis(text: Duration): number {
  return Math.round((seconds(text) ?? 0) * 1000);
}

/** As Istio's API writes a span. */
export function spanOf(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** The policy that is as patient as the most patient of all: where one proxy serves callers that it cannot tell apart. */
export function widest(policies: readonly ResolvedPolicy[]): ResolvedPolicy {
  const [first = resolvePolicy(), ...rest] = policies;
  return rest.reduce(
    (all, one) => ({
      ...(one.timeout > all.timeout ? one : all),
      breaker: widestBreaker(all.breaker, one.breaker),
    }),
    first,
  );
}

function widestBreaker(
  one: Required<Breaker> | undefined,
  other: Required<Breaker> | undefined,
): Required<Breaker> | undefined {
  if (one === undefined || other === undefined) return undefined;
  const longer = (a: Duration, b: Duration) => (millis(a) >= millis(b) ? a : b);
  return {
    connections: Math.max(one.connections, other.connections),
    pending: Math.max(one.pending, other.pending),
    requests: Math.max(one.requests, other.requests),
    failures: Math.max(one.failures, other.failures),
    interval: longer(one.interval, other.interval),
    ejection: millis(one.ejection) <= millis(other.ejection) ? one.ejection : other.ejection,
    ejectable: Math.min(one.ejectable, other.ejectable),
  };
}
