import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly owner: string;
  /** Seconds since 1970. */
  readonly modified: number;
}

/** What a tar holds, in its order. */
export async function entries(tar: Uint8Array): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  const reader = extract();
  reader.on("entry", ({ name, type, mode, uid, gid, mtime }, content, next) => {
    const modified = (mtime?.getTime() ?? -1) / 1_000;
    found.push({ name, type: type ?? "", mode: mode ?? 0, owner: `${uid}:${gid}`, modified });
    content.on("end", next).resume();
  });
  await pipeline(Readable.from([Buffer.from(tar)]), reader);
  return found;
}
