import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ResolvedPart } from "../ensure.ts";
import { ToolchainError } from "../failure.ts";
import {
  type BuiltImage,
  buildServiceImage,
  type ImageReference,
  imageReference,
  type OciImage,
  pushImage,
  type ServiceImageOptions,
} from "../images/index.ts";
import { freePorts, isFree } from "../ports.ts";
import type { Report } from "../report.ts";
import type { PartName } from "../source.ts";
import { nodeRegistry } from "./host.ts";
import { IMAGES, type NodeFiles, nodeFiles } from "./layout.ts";
import { mirrorSettings, REGISTRY_SETTINGS } from "./settings.ts";

/** Images of the node's own pods, made of its parts. */
const OWN: readonly { readonly name: string; readonly part: PartName }[] = [
  { name: IMAGES.pause, part: "pause" },
  { name: IMAGES.coredns, part: "coredns" },
  { name: IMAGES.metricsServer, part: "metrics-server" },
];

/** The port that the registry had last time, where it is free: images that were pushed there are named by it. */
export async function registryPort(files: NodeFiles): Promise<number> {
  const before = await readFile(join(files.settings, REGISTRY_SETTINGS), "utf8").catch(() => "");
  const port = Number(/"127\.0\.0\.1:(\d+)"/.exec(before)?.[1] ?? 0);
  if (port > 0 && (await isFree(port))) return port;
  const [fresh = 0] = await freePorts(1);
  return fresh;
}

/** Puts the images of the node's own pods into its registry, where they are not there yet. */
export async function nodeImages(
  files: NodeFiles,
  registry: string,
  parts: ReadonlyMap<PartName, ResolvedPart>,
  report: Report,
): Promise<void> {
  for (const { name, part } of OWN) {
    const binary = parts.get(part)?.file ?? part;
    if (await hasImage(registry, imageReference(name))) {
      mirror(files, imageReference(name).registry, registry);
      continue;
    }
    report.say(`making the image ${name}`);
    const { image, reference } = await buildServiceImage({ binary, name });
    await putImage(files, registry, image, reference);
  }
}

/**
 * Makes an image of a program and puts it into the registry of a running real node, so that pods find it under its name.
 * @param cluster Folder of the cluster.
 * @throws ToolchainError when this machine is not that cluster's node.
 */
export async function loadImage(cluster: string, options: ServiceImageOptions): Promise<BuiltImage> {
  const registry = nodeRegistry(cluster);
  if (registry === undefined) {
    throw new ToolchainError(`no real node runs for ${cluster}: start it with fairlead cluster start --node real`);
  }
  const built = await buildServiceImage(options);
  await putImage(nodeFiles(cluster), registry, built.image, built.reference);
  return built;
}

/** Puts an image into the node's registry under the name that pods use, wherever that name says that it comes from. */
export async function putImage(
  files: NodeFiles,
  registry: string,
  image: OciImage,
  reference: ImageReference,
): Promise<void> {
  await pushImage(image, { ...inside(reference, registry), registry });
  mirror(files, reference.registry, registry);
}

/** One registry serves the images of all, each under the name of its own; what is pushed to its address stays as it is. */
function inside({ registry, repository, tag }: ImageReference, own: string): ImageReference {
  return {
    registry,
    repository: registry === own ? repository : `${registry.replaceAll(":", "-")}/${repository}`,
    tag,
  };
}

/** What a registry may have under a name: ours are the first, Docker's tools push the others. */
const MANIFESTS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/** Whether the node's registry has an image, of that digest where one is given. */
export async function hasImage(registry: string, reference: ImageReference, digest?: string): Promise<boolean> {
  const { repository, tag } = inside(reference, registry);
  const accept = MANIFESTS.join(", ");
  const url = `http://${registry}/v2/${repository}/manifests/${digest ?? tag}`;
  return (await fetch(url, { method: "HEAD", headers: { accept } })).ok;
}

/**
 * Tells containerd that the images of a registry are asked of ours first; it reads that at each pull.
 * @param own Address of ours, as the host sees it: whoever pushes there names images by it, and the node has it elsewhere.
 */
export function mirror(files: NodeFiles, registry: string, own: string): void {
  const folder = join(files.mirrors, registry);
  const file = join(folder, "hosts.toml");
  if (existsSync(file)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, mirrorSettings(registry, registry === own));
}
