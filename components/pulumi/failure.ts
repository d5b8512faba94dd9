import { RunError } from "@pulumi/pulumi";
import { FaultError } from "../core/fault.ts";

/**
 * Runs a step. Its faults become the engine's own kind of error, which is shown as its message and without a stack trace:
 * the place that matters stands in the message. The FaultError is the cause.
 */
export function reported<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new RunError(error.message, { cause: error });
  }
}
