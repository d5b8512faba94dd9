import { createHash } from "node:crypto";

/** Ten hexadecimal digits that change with the content and with nothing else; a suffix for names. */
export function contentHash(content: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const key of Object.keys(content).sort()) hash.update(JSON.stringify([key, content[key]]));
  return hash.digest("hex").slice(0, 10);
}
