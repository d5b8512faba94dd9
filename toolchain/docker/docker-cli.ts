import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { lastLines, ToolchainError } from "../failure.ts";
import type { Environment } from "../places.ts";
import { run } from "../process.ts";
import { mountedSecrets } from "./dockerfile.ts";
import type { ImageInputs } from "./inputs.ts";

/** A Docker engine that answers. */
export interface Docker {
  /** How BuildKit is reached: buildx, the command line itself, or not at all. */
  readonly buildkit: "buildx" | "builtin" | "none";
}

/** Looks for an engine; says in half a sentence why there is none. */
export async function findDocker(env: Environment): Promise<Docker | string> {
  const version = await run("docker", ["version", "--format", "{{.Client.Version}}"], { env, timeout: 20_000 });
  if (version.status === undefined) return "the docker command line is not here";
  if (version.status !== 0) return `no Docker engine answers here (${lastLines(version.stderr, 1)})`;
  const buildx = await run("docker", ["buildx", "version"], { env, timeout: 20_000 });
  if (buildx.status === 0) return { buildkit: "buildx" };
  // From 23 on the command line needs buildx for BuildKit; before, it has a client of its own.
  return { buildkit: Number.parseInt(version.stdout, 10) < 23 ? "builtin" : "none" };
}

/** Variables that name files with build secrets: FAIRLEAD_BUILD_SECRET_NETRC for the id "netrc". */
export function secretVariable(id: string): string {
  return `FAIRLEAD_BUILD_SECRET_${id.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
}

/**
 * Builds, and pushes unless told not to.
 * @returns "repository@sha256:…" of what was pushed; the image's id of what was not.
 */
export async function dockerImage(inputs: ImageInputs, docker: Docker, env: Environment): Promise<string> {
  const config = await loginFolder(inputs.registry, inputs.imageName, env);
  try {
    const around = { ...env, ...(config === undefined ? {} : { DOCKER_CONFIG: config }) };
    await build(inputs, docker, around);
    if (inputs.skipPush) return (await inspect(inputs.imageName, "{{.Id}}", around)).trim();
    await asked(["push", inputs.imageName], around, "push");
    const digests = JSON.parse(await inspect(inputs.imageName, "{{json .RepoDigests}}", around)) as readonly string[];
    const repository = inputs.imageName.replace(/:[^:/]*$/, "").replace(/^docker\.io\/(?:library\/)?/, "");
    const digest = digests.find((one) => one.startsWith(`${repository}@`));
    if (digest === undefined) throw new ToolchainError(`docker knows no digest of ${inputs.imageName} after its push`);
    return digest;
  } finally {
    if (config !== undefined) await rm(config, { recursive: true, force: true });
  }
}

async function build({ imageName, build }: ImageInputs, { buildkit }: Docker, env: Environment): Promise<void> {
  const wanted = build.builderVersion === "BuilderBuildKit";
  const secrets = secretArguments(build.dockerfile, env);
  if (secrets.length > 0 && (!wanted || buildkit === "none")) {
    throw new ToolchainError(
      `${build.dockerfile} mounts build secrets, which only BuildKit can; install the docker buildx plugin, and leave builderVersion out`,
    );
  }
  const modern = wanted && buildkit !== "none";
  const each = (flag: string, values: readonly string[]) => values.flatMap((value) => [flag, value]);
  const args = [
    ...(modern && buildkit === "buildx" ? ["buildx", "build", "--load"] : ["build"]),
    ...["--tag", imageName, "--file", build.dockerfile],
    // The classic builder takes a platform only where its experiments are on, and builds for this machine without.
    ...(modern ? ["--platform", build.platform] : []),
    ...each("--build-arg", Object.keys(build.args)),
    ...each("--add-host", build.addHosts),
    ...each("--cache-from", build.cacheFrom),
    ...(build.target === undefined ? [] : ["--target", build.target]),
    ...(build.network === undefined ? [] : ["--network", build.network]),
    ...secrets,
    build.context,
  ];
  // Values of arguments come by the environment: a process list shows a command to everybody.
  await asked(
    args,
    { ...env, ...build.args, DOCKER_BUILDKIT: modern ? "1" : "0", BUILDKIT_PROGRESS: "plain" },
    "build",
  );
}

function secretArguments(dockerfile: string, env: Environment): readonly string[] {
  return mountedSecrets(readFileSync(dockerfile, "utf8")).flatMap(({ id, required }) => {
    const variable = secretVariable(id);
    const file = env[variable];
    if (file === undefined || file === "") {
      if (!required) return [];
      throw new ToolchainError(`${dockerfile} needs the build secret ${id}; name its file in ${variable}`);
    }
    if (!existsSync(file)) throw new ToolchainError(`${variable} names ${file}, which is not there`);
    return ["--secret", `id=${id},src=${resolve(file)}`];
  });
}

async function inspect(image: string, format: string, env: Environment): Promise<string> {
  return asked(["image", "inspect", "--format", format, image], env, "image inspect");
}

async function asked(args: readonly string[], env: Environment, what: string): Promise<string> {
  const { status, stdout, stderr } = await run("docker", args, { env });
  if (status === 0) return stdout;
  throw new ToolchainError(`docker ${what} failed:\n${lastLines(stderr.trim() === "" ? stdout : stderr, 30)}`);
}

/** The user's docker configuration with one login more, in a folder that nobody else reads. */
async function loginFolder(
  { server, username, password }: ImageInputs["registry"],
  imageName: string,
  env: Environment,
): Promise<string | undefined> {
  if (username === undefined || password === undefined) return undefined;
  const own = env["DOCKER_CONFIG"] ?? join(env["HOME"] ?? homedir(), ".docker");
  const folder = await mkdtemp(join(tmpdir(), "fairlead-docker-"));
  const said = existsSync(join(own, "config.json")) ? await readFile(join(own, "config.json"), "utf8") : "{}";
  const { credsStore: _, ...config } = JSON.parse(said) as Record<string, unknown>;
  const host = server ?? imageName.split("/")[0] ?? "";
  const auths = {
    ...Object(config["auths"]),
    [host]: { auth: Buffer.from(`${username}:${password}`).toString("base64") },
  };
  await writeFile(join(folder, "config.json"), JSON.stringify({ ...config, auths }), { mode: 0o600 });
  // Contexts, builders and plugins stay the user's.
  for (const name of existsSync(own) ? readdirSync(own) : []) {
    if (name !== "config.json") await symlink(join(own, name), join(folder, name));
  }
  return folder;
}
