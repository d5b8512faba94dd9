export { type ImageContent, type OciImage, ociImage } from "./image.ts";
export type { ImageFile } from "./layer.ts";
export { writeArchive } from "./layout.ts";
export { isLoopback, type PushOptions, pushImage } from "./push.ts";
export { type ImageReference, imageName, imageReference } from "./reference.ts";
export { type LocalRegistry, type LocalRegistryOptions, startRegistry } from "./registry.ts";
export { type BuiltImage, buildServiceImage, type ServiceImageOptions } from "./service-image.ts";
