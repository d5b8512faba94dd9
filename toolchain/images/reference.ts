import { ToolchainError } from "../failure.ts";

/** Where an image is kept: "registry.example.com/shop/order:1.0.0" in its parts. */
export interface ImageReference {
  /** Host and port of the registry. */
  readonly registry: string;
  /** Path inside the registry, such as "shop/order". */
  readonly repository: string;
  readonly tag: string;
}

const HOST = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads an image's name as docker does: without a registry it is Docker Hub's, without a tag it is latest.
 * @throws ToolchainError for what no registry would take.
 */
export function imageReference(name: string): ImageReference {
  const refuse = (why: string) =>
    new ToolchainError(`image name ${JSON.stringify(name)}: ${why}; write it as registry.example.com/shop/order:1.0.0`);
  if (name.includes("@")) throw refuse("it has a digest, which only the build can tell");
  const [first = "", ...rest] = name.split("/");
  const hasRegistry = rest.length > 0 && (/[.:[]/.test(first) || first === "localhost");
  const registry = hasRegistry ? first : "docker.io";
  const path = hasRegistry ? rest.join("/") : name;
  const colon = path.indexOf(":");
  const repository = colon === -1 ? path : path.slice(0, colon);
  const tag = colon === -1 ? "latest" : path.slice(colon + 1);
  if (!HOST.test(registry)) throw refuse(`${registry} is no host`);
  if (!REPOSITORY.test(repository))
    throw refuse(`${repository} is no repository: lower case letters, digits, . _ - and /`);
  if (!TAG.test(tag)) throw refuse(`${tag} is no tag: letters, digits, . _ and -, at most 128`);
  return { registry, repository: hasRegistry || rest.length > 0 ? repository : `library/${repository}`, tag };
}

/** The name in full, as containerd keeps it. */
export function imageName({ registry, repository, tag }: ImageReference): string {
  return `${registry}/${repository}:${tag}`;
}
