import type { Report } from "../toolchain/index.ts";

/** What the engine did, counted. */
export interface Changes {
  readonly created: number;
  readonly updated: number;
  readonly replaced: number;
  readonly deleted: number;
  readonly same: number;
}

const RESOURCES =
  /^\s+(?:\+-?|~|-|±)?\s*(\d+) (created|updated|replaced|deleted|unchanged|to create|to update|to replace|to delete)\b/;
const FIELD: Readonly<Record<string, keyof Changes>> = {
  created: "created",
  "to create": "created",
  updated: "updated",
  "to update": "updated",
  replaced: "replaced",
  "to replace": "replaced",
  deleted: "deleted",
  "to delete": "deleted",
  unchanged: "same",
};

/** Reads the summary that the engine prints last. */
export function changesIn(output: string): Changes {
  const changes = { created: 0, updated: 0, replaced: 0, deleted: 0, same: 0 };
  for (const line of output.slice(output.lastIndexOf("Resources:")).split("\n")) {
    const match = RESOURCES.exec(line);
    const field = match === null ? undefined : FIELD[match[2] ?? ""];
    if (field !== undefined) changes[field] += Number(match?.[1]);
  }
  return changes;
}

/** "12 created, 3 updated", or "nothing to change". */
export function changesText(changes: Changes): string {
  const parts = (["created", "updated", "replaced", "deleted"] as const).flatMap((field) =>
    changes[field] === 0 ? [] : [`${changes[field]} ${field}`],
  );
  return parts.length === 0 ? "nothing to change" : parts.join(", ");
}

/** What a person needs when a run failed: the diagnostics, without the tree of everything that went well. */
export function diagnosticsIn(output: string): string {
  const start = output.lastIndexOf("Diagnostics:");
  if (start < 0) return output.trim().split("\n").slice(-30).join("\n");
  const end = output.indexOf("\nResources:", start);
  return output
    .slice(start + "Diagnostics:".length, end < 0 ? undefined : end)
    .replace(/^\n+/, "")
    .trimEnd();
}

/** Shows that something goes on: one activity for the whole run. */
export async function during<T>(
  report: Report,
  what: string,
  work: () => Promise<T>,
  outcome: (result: T) => string,
): Promise<T> {
  const activity = report.begin(what);
  try {
    const result = await work();
    activity.end(outcome(result));
    return result;
  } catch (error) {
    activity.end("failed");
    throw error;
  }
}
