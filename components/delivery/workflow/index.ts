import type { Program } from "../../core/environment.ts";
import { checks } from "./checks.ts";
import { drift } from "./drift.ts";
import { images } from "./images.ts";
import type { Workflow } from "./kind.ts";
import { settled, type WorkflowsProps } from "./props.ts";
import { pullRequestEnvironment } from "./pull-request-environment.ts";
import { review } from "./review.ts";

export type { Job, Step, Workflow } from "./kind.ts";
export type { ImageProps, WorkflowsProps } from "./props.ts";
export { WORKFLOW_HEADER, workflowText } from "./text.ts";

/** A program whose repository has workflows. */
export interface WorkflowProgram extends Program {
  readonly workflows: Omit<WorkflowsProps, "project" | "environments">;
}

/**
 * The workflows of a repository, by the names of their files.
 * @throws FaultError with everything that is wrong with the props.
 */
export function workflows(props: WorkflowsProps): Readonly<Record<string, Workflow>> {
  const said = settled(props);
  const { images: built, pullRequestEnvironment: own } = said;
  return {
    "checks.yml": checks(said),
    "review.yml": review(said),
    "drift.yml": drift(said),
    ...(built === undefined || Object.keys(built).length === 0 ? {} : { "images.yml": images(said, built) }),
    ...(own === undefined ? {} : { "pull-request-environment.yml": pullRequestEnvironment(said, own) }),
  };
}
