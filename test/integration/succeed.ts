import { expect } from "vitest";
import type { Cli } from "./cli.ts";

/** Runs a command that must succeed; what it said, on both streams. */
export async function succeed(cli: Cli, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await cli.run(...args);
  expect(status, stdout + stderr).toBe(0);
  return stdout + stderr;
}
