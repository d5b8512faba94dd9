import { relative } from "node:path";
import type { Environment } from "../components/core/environment.ts";
import type { Report } from "../toolchain/index.ts";
import type { EngineEvent, Step } from "./events.ts";
import { Failure } from "./failure.ts";
import { type Changes, changesText, errorsText, follow } from "./progress.ts";
import type { Verb } from "./pulumi.ts";
import type { Session } from "./session.ts";
import { STATUS_OF } from "./signals.ts";
import { tellWaiting } from "./waiting.ts";

/** How a change is made. */
export interface OperationOptions {
  readonly report: Report;
  /** What is being done, such as "applying dev". */
  readonly what: string;
  /** Its components are named as they are done. @default none is named */
  readonly environment?: Environment;
  /** Told of each step that is done. */
  readonly onStep?: (step: Step) => void;
}

/**
 * Runs an operation of the engine that asks nobody: what it does is told as it happens, in few words.
 * @throws Failure with the engine's errors in full, and where the log is.
 */
export async function operate(session: Session, verb: Verb, options: OperationOptions): Promise<Changes> {
  const { report, what, environment, onStep } = options;
  const activity = report.begin(what);
  const progress = follow(report, environment);
  const onEvent = (event: EngineEvent) => {
    progress.onEvent(event);
    if (event.kind === "done") onStep?.(event.step);
  };
  const quiet = verb === "up" && environment !== undefined ? tellWaiting(session, environment, report) : undefined;
  const outcome = await session.pulumi
    .operate(verb, onEvent)
    .catch((error: unknown) => {
      activity.end("failed");
      throw error;
    })
    .finally(quiet);
  const log = relative(process.cwd(), outcome.log);
  const changes = progress.changes();
  if (outcome.status === 0) {
    activity.end(verb === "preview" ? "done" : changesText(changes));
    return changes;
  }
  if (outcome.stopped !== undefined) {
    activity.end(`stopped, ${changesText(changes)}`);
    throw new Failure(`stopped as asked; the next run goes on from here (log: ${log})`, STATUS_OF[outcome.stopped]);
  }
  activity.end("failed");
  throw new Failure(`${errorsText(progress.errors(), outcome.said)}\n\nlog: ${log}`);
}

/**
 * Changes a cluster of the user's on their terminal, with the engine's own preview and question.
 * @throws Failure where nobody can be asked, and when it was not done.
 */
export async function converse(session: Session, verb: Verb, change: string): Promise<void> {
  if (process.stdin.isTTY !== true) {
    throw new Failure(`nobody is at a terminal to be asked: add --yes to ${change} without a question`);
  }
  const status = await session.pulumi.converse(verb);
  if (status !== 0) throw new Failure("", status);
}
