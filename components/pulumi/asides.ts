import * as pulumi from "@pulumi/pulumi";
import { NO_DEBUG } from "./no-debug.ts";

/**
 * Does what tells the engine of everything, and spares what the SDK does beside the work, half of it for 2,000 objects. It
 * notes a stack for each property and sends one with each resource, mapped by a hook to the sources of compiled programs:
 * by now the description is built, they lead into this package alone, and what fails says which resource it is. And it
 * tells the engine of each of its steps by a call of its own, which nobody sees but with `pulumi up --debug`: only where it
 * is said that nobody asks for that, it is left out.
 */
export function withoutAsides<T>(work: () => T): T {
  Reflect.deleteProperty(Error, "prepareStackTrace");
  if (process.env[NO_DEBUG] !== undefined) Reflect.set(pulumi.log, "debug", () => Promise.resolve());
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
