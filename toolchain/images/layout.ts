import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Blob, descriptor, type OciImage } from "./image.ts";
import { tarOf } from "./layer.ts";
import { type ImageReference, imageName } from "./reference.ts";

/** Files of an OCI layout with one image; `manifest.json` is what `docker load` reads instead. */
function layoutFiles(image: OciImage, reference: ImageReference): ReadonlyMap<string, Uint8Array> {
  const name = imageName(reference);
  const path = ({ digest }: Blob) => `blobs/sha256/${digest.slice("sha256:".length)}`;
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      {
        ...descriptor(image.manifest),
        platform: { architecture: image.architecture, os: "linux" },
        annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": reference.tag },
      },
    ],
  };
  const saved = [{ Config: path(image.config), RepoTags: [name], Layers: image.layers.map(path) }];
  return new Map([
    ["oci-layout", text({ imageLayoutVersion: "1.0.0" })],
    ["index.json", text(index)],
    ["manifest.json", text(saved)],
    ...[image.manifest, image.config, ...image.layers].map((one) => [path(one), one.bytes] as const),
  ]);
}

/** Writes an image as an OCI layout, in place of what the folder held. */
export async function writeLayout(image: OciImage, reference: ImageReference, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [path, bytes] of layoutFiles(image, reference)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

/** The layout as one file, which `ctr images import`, `docker load`, `podman load` and `skopeo` take. */
export async function writeArchive(image: OciImage, reference: ImageReference, file: string): Promise<void> {
  const files = [...layoutFiles(image, reference)].map(([path, bytes]) => ({ path: `/${path}`, bytes }));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await tarOf(files));
}

function text(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
