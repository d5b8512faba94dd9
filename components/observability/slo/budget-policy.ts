import type { Objective } from "./objective.ts";
import { RECORDED, recordedSelector } from "./recorded.ts";

/** What a team does about releases while so much of its error budget is left. */
export interface BudgetStep {
  readonly name: string;
  /** It applies while the share that is left is above this; the last step applies below all of them. */
  readonly above: number;
  /** What may be released. */
  readonly releases: "everything" | "carefully" | "fixes";
  /** What the team agreed to, in its own words. */
  readonly agreement: string;
}

/** After the SRE workbook's example: https://sre.google/workbook/error-budget-policy/ */
export const ERROR_BUDGET_POLICY: readonly BudgetStep[] = [
  {
    name: "healthy",
    above: 0.5,
    releases: "everything",
    agreement: "Release as often as you like; spend the budget on experiments.",
  },
  {
    name: "watchful",
    above: 0.25,
    releases: "everything",
    agreement: "Release as before; talk about what spent the budget in the next planning.",
  },
  {
    name: "careful",
    above: 0,
    releases: "carefully",
    agreement: "One change at a time, each as a canary that is watched; work on what spent the budget comes first.",
  },
  {
    name: "exhausted",
    above: Number.NEGATIVE_INFINITY,
    releases: "fixes",
    agreement: "Only fixes of reliability and security until the budget is back above nothing; a review is written.",
  },
];

/** The step that applies while a share of the budget is left. */
export function budgetStep(remaining: number, policy: readonly BudgetStep[] = ERROR_BUDGET_POLICY): BudgetStep {
  const step = policy.find(({ above }) => remaining > above) ?? policy.at(-1);
  if (step === undefined) throw new RangeError("an error-budget policy has one step at least");
  return step;
}

/** The share of an objective's budget that is left, for a gate before a release or a panel. */
export function budgetQuery(objective: Objective): string {
  return `${RECORDED.remaining}${recordedSelector(objective)}`;
}
