import type { Duration } from "../core/duration.ts";
import type { CanaryStep, HeaderMatch } from "./rollout-props.ts";

/** Three tiers, each larger than the one before, so that a fault meets few people. */
export interface Funnel {
  /** Who tries it first, 1 % of the traffic. @default { name: "X-Traffic-Tag", value: "canary" } */
  readonly staff?: HeaderMatch;
  /** Requests of one region, some 5 % of the traffic. @default 5 % of everybody */
  readonly region?: HeaderMatch;
  /** How long each of the first two tiers lasts, at the region's quiet hour. @default "2h" */
  readonly hold?: Duration;
  /** Percent more in each step of the third tier. @default 10 */
  readonly climb?: number;
  /** How long each of these steps lasts. @default "5m" */
  readonly pace?: Duration;
}

const REGION_SHARE = 5;

/** The articles' funnel: 1 % staff, 5 % of one region for two hours each, then 10 % more every five minutes. */
export function funnel(props: Funnel = {}): readonly CanaryStep[] {
  const { staff = { name: "X-Traffic-Tag", value: "canary" }, region, hold = "2h", climb = 10, pace = "5m" } = props;
  const climbs = Math.max(0, Math.ceil((100 - REGION_SHARE) / climb) - 1);
  return [
    { header: staff, share: 1, pause: hold },
    region === undefined ? { weight: REGION_SHARE, pause: hold } : { header: region, share: REGION_SHARE, pause: hold },
    ...Array.from({ length: climbs }, (_, index) => ({ weight: REGION_SHARE + climb * (index + 1), pause: pace })),
  ];
}
