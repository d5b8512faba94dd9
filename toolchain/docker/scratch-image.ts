import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ToolchainError } from "../failure.ts";
import { staticProgram } from "../images/elf.ts";
import { imageName, imageReference, ociImage, pushImage, writeArchive } from "../images/index.ts";
import { cacheFolder, type Environment } from "../places.ts";
import { filesOf } from "./context.ts";
import { scratchDockerfile } from "./dockerfile.ts";
import type { ImageInputs } from "./inputs.ts";

/** Where images that are not pushed stand, as archives that `docker load`, scanners and `ctr images import` take. */
export function localArchive(digest: string, env: Environment): string {
  return join(env["FAIRLEAD_IMAGES"] ?? join(cacheFolder(env), "images"), `${digest.replace("sha256:", "")}.tar`);
}

/**
 * Makes the image that a Dockerfile FROM scratch describes, without an engine, and pushes it unless told not to.
 * @param why Why no engine does it.
 */
export async function scratchImage(inputs: ImageInputs, why: string, env: Environment): Promise<string> {
  const { build, registry } = inputs;
  const refuse = (input: string) =>
    new ToolchainError(`build.${input} needs an engine, and ${why}; start a Docker engine, or leave it out`);
  if (build.target !== undefined) throw refuse("target");
  const said = scratchDockerfile(readFileSync(build.dockerfile, "utf8"), build.dockerfile, why);
  const allowed = new Set(filesOf(build.context));
  const files = said.files.map(({ source, path, line }) => {
    const file = join(build.context, source);
    const place = `${build.dockerfile}:${line}`;
    if (!existsSync(file))
      throw new ToolchainError(`${place}: COPY ${source} is not in ${build.context}; build it first`);
    if (!statSync(file).isFile())
      throw new ToolchainError(`${place}: COPY ${source} is a folder; copy its files, one a line`);
    if (!allowed.has(source)) throw new ToolchainError(`${place}: COPY ${source} is left out by .dockerignore`);
    return { path, bytes: readFileSync(file), mode: (statSync(file).mode & 0o111) === 0 ? 0o644 : 0o755 };
  });
  const program = files.find(({ path }) => path === said.entrypoint[0]);
  if (program === undefined) {
    throw new ToolchainError(`${build.dockerfile} starts ${said.entrypoint[0]}, which no COPY puts there`);
  }
  const architecture = staticProgram(program.path, program.bytes);
  if (build.platform !== `linux/${architecture}`) {
    throw new ToolchainError(
      `${program.path} is for linux/${architecture}, and the image is to be for ${build.platform}; build it with GOARCH=${build.platform.split("/")[1]}`,
    );
  }
  const image = await ociImage({ ...said, files, architecture });
  const reference = imageReference(inputs.imageName);
  if (inputs.skipPush) {
    await writeArchive(image, reference, localArchive(image.digest, env));
    return image.digest;
  }
  const { username, password } = registry;
  const login = username === undefined || password === undefined ? {} : { login: { username, password } };
  const digest = await pushImage(image, reference, login);
  return `${imageName(reference).replace(/:[^:/]*$/, "")}@${digest}`;
}
