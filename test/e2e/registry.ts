import { gunzipSync } from "node:zlib";
import { entries } from "../toolchain/images/tar.ts";

/** An image as a registry has it. */
export interface KeptImage {
  readonly digest: string;
  /** What a node pulls. */
  readonly bytes: number;
  readonly user: string;
  /** The digest of each layer. */
  readonly layers: readonly string[];
  /** Paths of all files in all layers. */
  readonly files: readonly string[];
}

interface Manifest {
  readonly config: { readonly digest: string; readonly size: number };
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

/** @param reference A tag or a digest. */
export async function imageIn(registry: string, repository: string, reference: string): Promise<KeptImage> {
  const asked = async (path: string) => {
    const accept = "application/vnd.oci.image.manifest.v1+json";
    const answer = await fetch(`http://${registry}/v2/${repository}/${path}`, { headers: { accept } });
    if (!answer.ok) throw new Error(`${registry} answers ${answer.status} for ${repository}/${path}`);
    return {
      digest: answer.headers.get("docker-content-digest") ?? "",
      bytes: Buffer.from(await answer.arrayBuffer()),
    };
  };
  const kept = await asked(`manifests/${reference}`);
  const { config, layers } = JSON.parse(kept.bytes.toString()) as Manifest;
  const { config: said } = JSON.parse((await asked(`blobs/${config.digest}`)).bytes.toString()) as {
    readonly config: { readonly User: string };
  };
  const files: string[] = [];
  for (const { digest } of layers) {
    const { bytes } = await asked(`blobs/${digest}`);
    const inside = await entries(gunzipSync(bytes));
    files.push(...inside.filter(({ type }) => type !== "directory").map(({ name }) => `/${name}`));
  }
  return {
    digest: kept.digest,
    bytes: [config, ...layers].reduce((sum, { size }) => sum + size, kept.bytes.byteLength),
    user: said.User,
    layers: layers.map(({ digest }) => digest),
    files,
  };
}

/** The shells among some files. */
export function shellsAmong(files: readonly string[]): readonly string[] {
  return files.filter((path) => /\/(?:[abcdkz]?|da|ba|tc|fi|rba)sh$|\/(?:busy|toy)box$/.test(path));
}
