import { createHash } from "node:crypto";
import { ToolchainError } from "../failure.ts";
import { compressed, type ImageFile, tarOf } from "./layer.ts";

/** What an image from scratch holds, and how its program is started. */
export interface ImageContent {
  readonly files: readonly ImageFile[];
  /** Program and arguments that stay whatever a pod says as `args`. */
  readonly entrypoint: readonly string[];
  /** Arguments that a pod may replace. @default none */
  readonly command?: readonly string[];
  /** Numeric user; its group has the same number. @default 1001 */
  readonly user?: number;
  /** Variables, NAME -> value. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Folder that the program is started in. @default "/" */
  readonly folder?: string;
  /** Ports that it listens at, for a person to read. @default none */
  readonly ports?: readonly number[];
  readonly architecture: "amd64" | "arm64";
}

/** Bytes that are named by their sum. */
export interface Blob {
  readonly mediaType: string;
  /** "sha256:…" */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** An image, whole, as the Open Container Initiative lays it down. */
export interface OciImage {
  /** What pods name it by: the digest of its manifest. */
  readonly digest: string;
  readonly architecture: string;
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** "sha256:…" of some bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** An image of one layer. The same content gives the same digest, on every machine. */
export async function ociImage(content: ImageContent): Promise<OciImage> {
  const { user = 1001, env = {}, labels = {}, folder = "/", command = [], ports = [] } = content;
  if (!Number.isInteger(user) || user < 0) throw new ToolchainError(`user ${user} is no number of a user; write 1001`);
  if (content.files.length === 0) throw new ToolchainError("an image without files can start nothing");
  const tar = await tarOf(content.files);
  const layer = blob("application/vnd.oci.image.layer.v1.tar+gzip", compressed(tar));
  const config = json("application/vnd.oci.image.config.v1+json", {
    created: "1970-01-01T00:00:00Z",
    architecture: content.architecture,
    os: "linux",
    config: {
      User: `${user}:${user}`,
      ...(ports.length === 0 ? {} : { ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])) }),
      Env: pairs({ PATH: "/", ...env }).map(([name, value]) => `${name}=${value}`),
      Entrypoint: content.entrypoint,
      ...(command.length === 0 ? {} : { Cmd: command }),
      WorkingDir: folder,
      Labels: Object.fromEntries(pairs(labels)),
    },
    rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    history: [{ created: "1970-01-01T00:00:00Z", created_by: "fairlead" }],
  });
  const manifest = json(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor(config),
    layers: [descriptor(layer)],
  });
  return { digest: manifest.digest, architecture: content.architecture, manifest, config, layers: [layer] };
}

/** How one blob names another. */
export function descriptor({ mediaType, digest, bytes }: Blob) {
  return { mediaType, digest, size: bytes.byteLength };
}

function blob(mediaType: string, bytes: Uint8Array): Blob {
  return { mediaType, digest: digestOf(bytes), bytes };
}

/** Order is ours, not that in which a caller happened to write. */
function pairs(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
}

function json(mediaType: string, value: unknown): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}
