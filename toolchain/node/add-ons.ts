import { isPlainObject } from "../../components/core/plain.ts";
import { ensureParts, type ToolchainOptions } from "../ensure.ts";
import { ToolchainError } from "../failure.ts";
import { imageReference } from "../images/index.ts";
import { sourceOf } from "../parts.ts";
import { silentReport } from "../report.ts";
import type { PartName } from "../source.ts";
import { nodeRegistry } from "./host.ts";
import { hasImage, loadImage } from "./images.ts";

/** Images of add-ons that are one program, which is a part of ours: whose it is, and which. */
const ADD_ONS: Readonly<Record<string, PartName>> = {
  "docker.io/jaegertracing/jaeger": "jaeger",
  "docker.io/otel/opentelemetry-collector-contrib": "otelcol",
  "quay.io/prometheus/alertmanager": "alertmanager",
  "quay.io/prometheus/prometheus": "prometheus",
};

/** The part that an image is made of; undefined for one that no part is, or not in that version. */
export function partOf(image: string): PartName | undefined {
  const colon = image.lastIndexOf(":");
  const name = image.slice(0, colon);
  const part = Object.hasOwn(ADD_ONS, name) ? ADD_ONS[name] : undefined;
  if (part === undefined) return undefined;
  return image.slice(colon + 1).replace(/^v/, "") === sourceOf(part).version ? part : undefined;
}

/** Every image that objects name, once and in their order; an Output of the engine is nobody's name yet. */
export function imagesOf(objects: Iterable<unknown>): readonly string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) look(item);
    if (!isPlainObject(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (/^(?:initC|c)ontainers$/.test(key) && Array.isArray(inner)) {
        for (const container of inner) {
          const image = isPlainObject(container) ? container["image"] : undefined;
          if (typeof image === "string") found.add(image);
        }
      } else look(inner);
    }
  };
  for (const object of objects) look(object);
  return [...found];
}

/**
 * Sees to it that a real node has the images that pods will ask for: those of add-ons are made of the very programs that
 * tests use, under their own names.
 * @param cluster Folder of a cluster whose real node runs.
 * @returns Images that are not in the node's registry, and that nobody here can make.
 */
export async function provideImages(
  cluster: string,
  images: Iterable<string>,
  options: ToolchainOptions = {},
): Promise<readonly string[]> {
  const registry = nodeRegistry(cluster);
  if (registry === undefined) throw new ToolchainError(`no real node runs for ${cluster}`);
  const { report = silentReport } = options;
  const missing: string[] = [];
  for (const image of new Set(images)) {
    const [name = image, digest] = image.split("@");
    if (await hasImage(registry, imageReference(name), digest)) continue;
    const part = partOf(image);
    if (part === undefined) missing.push(image);
    else {
      // The name says the version: what the user has on PATH may be another one.
      const parts = await ensureParts([part], { ...options, ways: ["download", "build"] });
      const binary = parts.get(part)?.file ?? part;
      report.say(`making the image ${image}`);
      await loadImage(cluster, { name: image, binary });
    }
  }
  return missing;
}
