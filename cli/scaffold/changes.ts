import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Fault, FaultError } from "../../components/core/fault.ts";

/** A file as it shall be. */
export interface Change {
  /** From the checkout's root, with slashes. */
  readonly file: string;
  readonly text: string;
  /** made: nothing may stand there yet; edited: something does. */
  readonly what: "made" | "edited";
}

/** Files that would be made and are there already. */
export function taken(root: string, changes: readonly Change[]): readonly Fault[] {
  return changes.flatMap(({ file, what }): readonly Fault[] => {
    if (what === "edited" || !existsSync(join(root, file))) return [];
    const problem = "is there already, and would be overwritten";
    return [{ component: file, path: "", problem, remedy: "choose another name, or move the file away" }];
  });
}

/**
 * Writes every file, or none.
 * @throws FaultError for files that are in the way.
 */
export function writeChanges(root: string, changes: readonly Change[]): void {
  const faults = taken(root, changes);
  if (faults.length > 0) throw new FaultError(faults);
  const formatted = changes.map((change) => ({ ...change, text: formattedText(root, change) }));
  for (const { file, text } of formatted) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

/** The text as the project's own formatter wants it, imports sorted and joined; as it is where there is none. */
function formattedText(root: string, { file, text }: Change): string {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  if (!existsSync(biome)) return text;
  const args = [biome, "check", "--write", `--stdin-file-path=${file}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, input: text, encoding: "utf8" });
  if (status === 0) return stdout;
  const problem = `cannot be formatted: ${stderr.trim() || stdout.trim()}`;
  throw new FaultError([{ component: file, path: "", problem, remedy: "correct it as it stands, and try again" }]);
}
