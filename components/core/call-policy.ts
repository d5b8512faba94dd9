import * as z from "zod";
import { type Duration, seconds } from "./duration.ts";
import { checked, duration, maybe, type ShapeOf, strict, whole } from "./shape.ts";

/**
 * How a call is made, where a mesh or a gRPC client can see to it. What is left out is as the environment says; where
 * that says nothing either, as the program does it.
 */
export interface CallPolicy {
  /** How long the caller waits for an answer, with everything that is tried again. */
  readonly timeout?: Duration;
  /** What is tried again; false: nothing. */
  readonly retries?: Retries | false;
  /** When the called service is spared; false: never. */
  readonly breaker?: Breaker | false;
}

/** What is tried again when it failed. */
export interface Retries {
  /** Tries after the first. @default 2 */
  readonly attempts?: number;
  /**
   * Whether doing it twice does no harm. If not, only what never reached the program is tried again. @default false
   */
  readonly idempotent?: boolean;
  /** The longest that one try may take; only of what is idempotent. @default an even share of the timeout */
  readonly perTry?: Duration;
}

/** When a service is spared. Each number is of one calling pod, as each has a proxy of its own. */
export interface Breaker {
  /** Connections at the same time. @default 100 */
  readonly connections?: number;
  /** Requests that wait for a connection. @default 100 */
  readonly pending?: number;
  /** Requests under way. @default 1000 */
  readonly requests?: number;
  /** Failures in a row after which a pod is left out. @default 5 */
  readonly failures?: number;
  /** How often the failures are looked at. @default "10s" */
  readonly interval?: Duration;
  /** How long a pod is left out the first time; as long again each further time. @default "30s" */
  readonly ejection?: Duration;
  /** Most pods that may be left out at the same time, in percent. @default 50 */
  readonly ejectable?: number;
}

/** A span that the mesh counts: at least a millisecond, as 0 would mean none at all. */
export const span: z.ZodType<Duration> = checked(duration, (text) =>
  (seconds(text) ?? 0) >= 0.001 ? undefined : ["but 0 means no limit to the mesh", 'use for example "3s"'],
);

const percent: z.ZodType<number> = checked(whole(1), (value) =>
  value <= 100 ? undefined : ["but it is a share in percent", "use a number from 1 to 100"],
);

export const retriesShape = checked(
  strict<Retries>({ attempts: maybe(whole(1)), idempotent: maybe(z.boolean()), perTry: maybe(span) }),
  ({ idempotent, perTry }) =>
    perTry === undefined || idempotent === true
      ? undefined
      : [
          "but perTry cuts a call off that is under way, and one that is not idempotent is then not tried again",
          "add idempotent: true, or leave out perTry",
        ],
);

export const breakerShape = checked(
  strict<Breaker>({
    connections: maybe(whole(1)),
    pending: maybe(whole(1)),
    requests: maybe(whole(1)),
    failures: maybe(whole(1)),
    interval: maybe(span),
    ejection: maybe(span),
    ejectable: maybe(percent),
  }),
  (breaker) =>
    Object.keys(breaker).length > 0
      ? undefined
      : ["but a breaker without a limit never breaks", "give a limit such as requests, or false for none"],
);

export const callPolicyShape: ShapeOf<CallPolicy> = {
  timeout: maybe(span),
  retries: maybe(z.union([retriesShape, z.literal(false)])),
  breaker: maybe(z.union([breakerShape, z.literal(false)])),
};
