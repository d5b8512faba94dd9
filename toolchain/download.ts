import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { hasCode, reasonOf, ToolchainError } from "./failure.ts";
import type { Environment } from "./places.ts";
import type { Checksum } from "./source.ts";

/** How long a host may keep us waiting, in milliseconds. */
export interface Patience {
  /** Until it answers at all. */
  readonly connect: number;
  /** Between two pieces of a file. */
  readonly stall: number;
}

/** What is given up on quickly, so that a machine without the internet comes to its build soon. */
const PATIENCE: Patience = { connect: 5_000, stall: 15_000 };

/** Names a server that has the publishers' files under their host and path: MIRROR/github.com/… */
export const MIRROR_VARIABLE = "FAIRLEAD_MIRROR";

/** How publishers are reached. */
export interface NetworkOptions {
  readonly env?: Environment;
  readonly patience?: Patience;
}

/** The publishers' servers, for one run: a host that did not answer is not asked again. */
export interface Network {
  /** A small text. Throws a ToolchainError with the reason. */
  readonly text: (url: string) => Promise<string>;
  /** A file, whose SHA-256 is returned in hexadecimal. Nothing is left of a file that did not come whole. */
  readonly file: (url: string, to: string) => Promise<string>;
  /** The SHA-256 that the publisher says for a file. */
  readonly publishedSum: (url: string, checksum: Checksum) => Promise<string>;
}

/** Opens the way to the publishers, or to a mirror. Asks nobody yet. */
export function network(options: NetworkOptions = {}): Network {
  const { env = process.env, patience = PATIENCE } = options;
  const silentHosts = new Map<string, string>();

  /** Hands the answer to `read`, and ends the connection when nothing came for too long. */
  async function get<T>(
    publisherUrl: string,
    read: (body: ReadableStream<Uint8Array>, alive: () => void) => Promise<T>,
  ): Promise<T> {
    const url = mirrored(publisherUrl, env[MIRROR_VARIABLE]);
    const known = silentHosts.get(url.host);
    if (known !== undefined) throw new ToolchainError(known);
    const abort = new AbortController();
    let timer = setTimeout(
      () => abort.abort(new Error(`no answer within ${patience.connect / 1000} s`)),
      patience.connect,
    );
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(new Error(`nothing came for ${patience.stall / 1000} s`)), patience.stall);
    };
    try {
      const answer = await fetch(url, { signal: abort.signal, headers: { "user-agent": "fairlead" } }).catch(
        (error) => {
          const reason = `${url.host} is not reachable (${reasonOf(error)})`;
          silentHosts.set(url.host, reason);
          throw new ToolchainError(reason);
        },
      );
      if (!answer.ok || answer.body === null) {
        await answer.body?.cancel();
        throw new ToolchainError(`${url.href} answers ${answer.status} ${answer.statusText}`.trimEnd());
      }
      alive();
      return await read(answer.body, alive);
    } catch (error) {
      if (error instanceof ToolchainError || hasCode(error, "ENOSPC", "EACCES", "EROFS")) throw error;
      throw new ToolchainError(`${url.href} did not come whole (${reasonOf(error)})`);
    } finally {
      clearTimeout(timer);
    }
  }

  async function text(url: string): Promise<string> {
    return get(url, async (body, alive) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of body) {
        alive();
        pieces.push(piece);
      }
      return Buffer.concat(pieces).toString("utf8");
    });
  }

  async function file(url: string, to: string): Promise<string> {
    const hash = createHash("sha256");
    try {
      await get(url, (body, alive) => {
        const watch = new Transform({
          transform(piece: Buffer, _encoding, done) {
            alive();
            hash.update(piece);
            done(null, piece);
          },
        });
        return pipeline(Readable.fromWeb(body), watch, createWriteStream(to));
      });
    } catch (error) {
      await rm(to, { force: true });
      throw error;
    }
    return hash.digest("hex");
  }

  async function publishedSum(url: string, checksum: Checksum): Promise<string> {
    const sum = READ_SUM[checksum.kind](await text(checksum.url), basename(new URL(url).pathname));
    if (sum === undefined) throw new ToolchainError(`${checksum.url} has no SHA-256 for ${basename(url)}`);
    return sum;
  }

  return { text, file, publishedSum };
}

/** Downloads a release file and compares it with the publisher's sum. Throws a ToolchainError; then nothing is left of the file. */
export async function downloadVerified(net: Network, url: string, checksum: Checksum, to: string): Promise<void> {
  const expected = await net.publishedSum(url, checksum);
  const actual = await net.file(url, to);
  if (actual === expected) return;
  await rm(to, { force: true });
  throw new ToolchainError(
    `${url} has the SHA-256 ${actual}, but its publisher says ${expected}; the file was thrown away`,
  );
}

const SHA256 = /^[0-9a-f]{64}$/;

const READ_SUM: Readonly<Record<Checksum["kind"], (text: string, name: string) => string | undefined>> = {
  bare: (text) => sumIn(text.trim().split(/\s/)[0]),
  list: (text, name) => {
    const line = text.split("\n").find(
      (candidate) =>
        candidate
          .trim()
          .split(/\s+\*?/)[1]
          ?.replace(/^\.\//, "") === name,
    );
    return sumIn(line?.trim().split(/\s/)[0]);
  },
  github: (text, name) => {
    const release = readJson(text);
    const asset = list(field(release, "assets")).find((candidate) => field(candidate, "name") === name);
    const digest = field(asset, "digest");
    return typeof digest === "string" ? sumIn(digest.replace(/^sha256:/, "")) : undefined;
  },
};

function sumIn(word: string | undefined): string | undefined {
  const sum = word?.toLowerCase();
  return sum !== undefined && SHA256.test(sum) ? sum : undefined;
}

/** A proxy that wants a password answers with a page of its own. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && key in value
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function mirrored(publisherUrl: string, mirror: string | undefined): URL {
  const url = new URL(publisherUrl);
  if (mirror === undefined || mirror === "") return url;
  return new URL(`${mirror.replace(/\/+$/, "")}/${url.host}${url.pathname}${url.search}`);
}
