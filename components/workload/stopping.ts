import { type Duration, seconds } from "../core/duration.ts";
import type { Faults } from "../core/fault.ts";
import { maybe, type ShapeOf, wholeSeconds } from "../core/shape.ts";

/** How a program that serves is stopped. */
export interface Stopping {
  /** Wait before the program is told to stop, while the last callers learn that it goes. @default "5s" */
  readonly preStop?: Duration;
  /** How long it may finish requests after it was told to stop. Read by the program as DRAIN_TIMEOUT. @default "30s" */
  readonly drain?: Duration;
  /** When it is killed, counted from the beginning. @default preStop + drain + 5 s */
  readonly gracePeriod?: Duration;
}

export const stoppingShape: ShapeOf<Stopping> = {
  preStop: maybe(wholeSeconds),
  drain: maybe(wholeSeconds),
  gracePeriod: maybe(wholeSeconds),
};

/** Stopping with every default filled in, in seconds. */
export interface StoppingTimes {
  readonly preStop: number;
  readonly drain: number;
  readonly grace: number;
}

/** Seconds between the end of the drain and the kill, for flushing traces and closing files. */
const MARGIN = 5;

export function stoppingTimes(props: Stopping, preStopDefault: Duration = "5s"): StoppingTimes {
  const preStop = seconds(props.preStop ?? preStopDefault) ?? 0;
  const drain = seconds(props.drain ?? "30s") ?? 0;
  const grace = props.gracePeriod === undefined ? preStop + drain + MARGIN : (seconds(props.gracePeriod) ?? 0);
  return { preStop, drain, grace };
}

/** Notes a grace period that would kill the program while it still finishes requests. */
export function checkStopping(faults: Faults, props: Stopping, preStopDefault?: Duration): void {
  const { preStop, drain, grace } = stoppingTimes(props, preStopDefault);
  if (grace <= preStop + drain) {
    faults.add(
      "gracePeriod",
      props.gracePeriod,
      `but it ${preStop === 0 ? "" : `waits ${preStop} s and then `}drains up to ${drain} s, so it would be killed while it finishes requests`,
      `use "${preStop + drain + MARGIN}s", or a shorter drain`,
    );
  }
}
