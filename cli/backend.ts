import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * The address of a state folder as the engine takes it. Without attributes: it would write those to a second file beside
 * each one, in place, and an engine that is killed in that moment could never read its state again ("failed to load
 * checkpoint: EOF"). https://pkg.go.dev/gocloud.dev/blob/fileblob#hdr-URLs
 */
export function backendUrl(folder: string): string {
  return `file://${folder}?metadata=skip`;
}

/** Takes away attributes that an earlier version wrote, and may not have written to their end. Nothing is in them that counts. */
export function dropAttributes(folder: string): void {
  const root = join(folder, ".pulumi");
  if (!existsSync(root)) return;
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".attrs")) rmSync(join(root, name), { force: true });
  }
}
