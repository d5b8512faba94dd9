import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A text that nothing else holds; at home in names, URLs and JSON alike, so that it is written one way everywhere. */
export function newMarker(): string {
  return `m4rker${Math.random().toString(36).slice(2, 12)}`;
}

/** As it is, and in base64 at each of the three places of a group that it may begin at. */
function spellings(text: string): readonly Buffer[] {
  const encoded = [0, 1, 2].map((before) => {
    const all = Buffer.from("\0".repeat(before) + text).toString("base64");
    // The characters that the text alone decides.
    return all.slice(Math.ceil((before * 8) / 6), Math.floor(((before + text.length) * 8) / 6));
  });
  return [text, ...encoded].map((one) => Buffer.from(one));
}

/** Whether some bytes hold a text in any spelling, packed by gzip or not. */
export function holds(bytes: Uint8Array, text: string): boolean {
  const found = (plain: Buffer) => spellings(text).some((one) => plain.includes(one));
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return found(whole) || (whole[0] === 0x1f && whole[1] === 0x8b && found(unpacked(whole)));
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes);
  } catch {
    // It only began like one.
    return bytes;
  }
}

/** Files under a folder that hold a text, from the folder on; those that go while it looks hold nothing. */
export function filesWith(folder: string, text: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => {
      const bytes = readIfThere(join(folder, path));
      return bytes !== undefined && holds(bytes, text);
    })
    .sort();
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
