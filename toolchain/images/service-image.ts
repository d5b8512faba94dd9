import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { hasCode, ToolchainError } from "../failure.ts";
import { staticProgram } from "./elf.ts";
import { type OciImage, ociImage } from "./image.ts";
import { writeLayout } from "./layout.ts";
import { type ImageReference, imageReference } from "./reference.ts";

/** An image from scratch that holds a program and nothing that the program was not given. */
export interface ServiceImageOptions {
  /** File of a statically linked program for Linux; its architecture becomes the image's. */
  readonly binary: string;
  /** Where the image is kept, such as "registry.example.com/shop/order:1.0.0". */
  readonly name: string;
  /** Path of the program in the image. @default "/<name of the file>" */
  readonly path?: string;
  /** Arguments that stay whatever a pod says as `args`. @default none */
  readonly entrypoint?: readonly string[];
  /** Arguments that a pod may replace. @default none */
  readonly command?: readonly string[];
  /** @default 1001 */
  readonly user?: number;
  /** @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Further files, such as certificates: path in the image -> file here. @default none */
  readonly files?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  /** Folder that becomes an OCI layout. @default none is written */
  readonly layout?: string;
}

/** An image, and where it is. */
export interface BuiltImage {
  readonly image: OciImage;
  readonly reference: ImageReference;
  /** What pods name it by. */
  readonly digest: string;
  /** Bytes that a node pulls: manifest, configuration and layer. */
  readonly size: number;
  readonly layout?: string;
}

/** Makes an image of a program, without an engine. The same program gives the same digest on every machine. */
export async function buildServiceImage(options: ServiceImageOptions): Promise<BuiltImage> {
  const { binary, name, entrypoint = [], files = {}, layout, path = `/${basename(binary)}`, ...rest } = options;
  const reference = imageReference(name);
  const program = await contentOf(binary);
  const architecture = staticProgram(binary, program);
  const others = await Promise.all(
    Object.entries(files).map(async ([inside, file]) => ({ path: inside, bytes: await contentOf(file) })),
  );
  const image = await ociImage({
    ...rest,
    architecture,
    files: [{ path, bytes: program, mode: 0o755 }, ...others],
    entrypoint: [path, ...entrypoint],
  });
  if (layout !== undefined) await writeLayout(image, reference, layout);
  const size = [image.manifest, image.config, ...image.layers].reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  return { image, reference, digest: image.digest, size, ...(layout === undefined ? {} : { layout }) };
}

async function contentOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if (hasCode(error, "ENOENT", "EISDIR", "EACCES")) throw new ToolchainError(`${file} cannot be read as a file`);
    throw error;
  }
}
