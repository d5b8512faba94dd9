import * as z from "zod";
import { bytes, type Quantity, quantityValue } from "../core/quantity.ts";
import { checked, maybe, strict, whole } from "../core/shape.ts";
import type { ResolvedResources } from "./resources.ts";

/** How the Go runtime is told about the limits of its container. https://go.dev/doc/gc-guide */
export interface GoRuntime {
  /** Share of the memory limit that GOMEMLIMIT gets; the rest is for what the runtime does not count. @default 0.9 */
  readonly memoryShare?: number;
  /** GOGC in percent. @default Go's own 100; the articles use 50 with 1 GiB */
  readonly gcPercent?: number;
  /** GOMAXPROCS. @default the CPU limit, rounded up; without a limit Go decides */
  readonly maxProcs?: number;
  /** Prints a line per garbage collection (GODEBUG=gctrace=1). @default false */
  readonly gcTrace?: boolean;
}

export const goRuntimeShape = strict<GoRuntime>({
  memoryShare: maybe(
    checked(z.number(), (share) =>
      share > 0 && share <= 1
        ? undefined
        : ["but it is a share of the memory limit", "use a number above 0 and up to 1, such as 0.9"],
    ),
  ),
  gcPercent: maybe(whole(1)),
  maxProcs: maybe(whole(1)),
  gcTrace: maybe(z.boolean()),
});

/** The variables that the Go runtime reads. */
export function goVariables(resources: ResolvedResources, go: GoRuntime = {}): Readonly<Record<string, string>> {
  const cpuLimit = resources.limits.cpu;
  const maxProcs =
    go.maxProcs ?? (cpuLimit === undefined ? undefined : Math.max(1, Math.ceil(quantityValue(cpuLimit) ?? 1)));
  return {
    GOMEMLIMIT: goBytes(resources.limits.memory, go.memoryShare ?? 0.9),
    ...(go.gcPercent === undefined ? {} : { GOGC: String(go.gcPercent) }),
    ...(maxProcs === undefined ? {} : { GOMAXPROCS: String(maxProcs) }),
    ...(go.gcTrace === true ? { GODEBUG: "gctrace=1" } : {}),
  };
}

/** Go writes a byte count with "KiB", "MiB" or "GiB". */
function goBytes(limit: Quantity, share: number): string {
  return `${bytes((quantityValue(limit) ?? 0) * share)}B`;
}
