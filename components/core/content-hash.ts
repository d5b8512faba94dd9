import { hash } from "node:crypto";

/** Ten hexadecimal digits that change with the content and with nothing else; a suffix for names. */
export function contentHash(content: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(content)
    .sort()
    .map((key) => JSON.stringify([key, content[key]]));
  return hash("sha256", pairs.join(""), "hex").slice(0, 10);
}
