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
    throw refusal(error.message, error);
  }
}

/**
 * An error that the engine shows as its message alone. It has no stack: the SDK would colour one that nobody is shown, and
 * for a stack with its own frames that takes half a minute.
 */
export function refusal(message: string, cause?: unknown): RunError {
  const error = new RunError(message, cause === undefined ? undefined : { cause });
  delete error.stack;
  return error;
}
