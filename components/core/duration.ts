import { remembered } from "./remembered.ts";

/** A span of time as Go and Kubernetes write it: "30s", "1m30s", "250ms", "1h". */
export type Duration = string;

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const TERM = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** The span in seconds; undefined when it is no duration, or no text at all. */
export const seconds: (text: Duration) => number | undefined = remembered((text) =>
  typeof text === "string" && DURATION.test(text) ? total(text) : undefined,
);

function total(text: string): number {
  let sum = 0;
  for (const [, amount = "0", unit = "s"] of text.matchAll(TERM)) sum += Number(amount) * (UNITS[unit] ?? 0);
  return Math.round(sum * 1000) / 1000;
}
