/** A part of the toolchain that cannot be had or does not run; the message is meant for the user as it is. */
export class ToolchainError extends Error {
  override readonly name = "ToolchainError";
}

/** The real node does not start, though its control plane is well: what the cluster holds is kept. */
export class NodeFailure extends ToolchainError {}

/** What went wrong, in one line: an error's message with its innermost cause, which is where Node's fetch puts the reason. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause: unknown = error.cause;
  if (cause === undefined) return error.message;
  if (error.message === "fetch failed" || error.message === "terminated") return reasonOf(cause);
  return `${error.message}: ${reasonOf(cause)}`;
}

/** The last lines of a program's output, for a message. */
export function lastLines(text: string, count = 12): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/** Whether an error from the file system has one of the codes, such as "ENOENT". */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}
