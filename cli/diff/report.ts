import { type Cost, cost } from "./cost.ts";
import { type ObjectChange, objectChanges } from "./objects.ts";
import { type Roll, rolls } from "./rolls.ts";
import { checkComparable, pairs, type Side } from "./side.ts";
import { type Stop, stops } from "./stops.ts";
import { type Touched, touched } from "./touched.ts";

/** What a change does to one environment. */
export interface EnvironmentDiff {
  readonly environment: string;
  readonly objects: readonly ObjectChange[];
  readonly stops: readonly Stop[];
  readonly rolls: readonly Roll[];
  readonly touched: readonly Touched[];
  readonly cost: Cost;
}

/** What a change does. */
export interface Diff {
  readonly base: string;
  readonly head: string;
  readonly environments: readonly EnvironmentDiff[];
}

/** Compares two sides, environment by environment. */
export function diffOf(base: Side, head: Side): Diff {
  checkComparable(base, head);
  const environments = pairs(base, head).map(([environment, before, after]): EnvironmentDiff => {
    const objects = objectChanges(before, after);
    const links = [...(before?.links ?? []), ...(after?.links ?? [])];
    return {
      environment,
      objects,
      stops: stops(objects),
      rolls: rolls(objects, after?.requests ?? []),
      touched: touched(objects, links),
      cost: cost(before?.requests ?? [], after?.requests ?? []),
    };
  });
  return { base: base.label, head: head.label, environments };
}

/** Stop signs of all environments together. */
export function stopCount({ environments }: Diff): number {
  return environments.reduce((sum, one) => sum + one.stops.length, 0);
}
