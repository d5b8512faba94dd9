import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CheckResult, CreateResult, DiffResult, Provider, UpdateResult } from "@pulumi/pulumi/provider/index.js";
import { ToolchainError } from "../failure.ts";
import { imageReference } from "../images/reference.ts";
import type { Environment } from "../places.ts";
import { contextDigest } from "./context.ts";
import { dockerImage, findDocker } from "./docker-cli.ts";
import { hasUnknown, type ImageInputs, imageInputs, opened, refusals } from "./inputs.ts";
import { scratchImage } from "./scratch-image.ts";

type Raw = Readonly<Record<string, unknown>>;

/** The one resource that we have of @pulumi/docker. */
const TYPE = "docker:index/image:Image";

/** docker:index:Image of @pulumi/docker over the docker command line; where no engine runs, FROM scratch without one. */
export class ImageProvider implements Provider {
  readonly version: string;
  readonly #env: Environment;

  constructor(version: string, env: Environment = process.env) {
    this.version = version;
    this.#env = env;
  }

  /** Checks the inputs, and adds the sum over what the build can see: when it changes, the image is built again. */
  async check(urn: string, _: Raw, news: Raw): Promise<CheckResult> {
    const failures = typeRefusals(urn);
    if (failures.length > 0) return { failures };
    // Parts that other resources have yet to tell are looked at when they are known.
    if (hasUnknown(news)) return { inputs: news };
    const found = [...refusals(news)];
    if (found.length > 0) return { failures: found };
    const { build } = imageInputs(news);
    try {
      imageReference(imageInputs(news).imageName);
    } catch (error) {
      if (!(error instanceof ToolchainError)) throw error;
      return { failures: [{ property: "imageName", reason: error.message }] };
    }
    if (!existsSync(build.context)) {
      return { failures: [{ property: "build.context", reason: `${build.context} is no folder` }] };
    }
    if (!existsSync(build.dockerfile)) {
      const beside = join(build.context, build.dockerfile);
      const remedy = existsSync(beside) ? `; try ${beside}` : "";
      return { failures: [{ property: "build.dockerfile", reason: `${build.dockerfile} is not there${remedy}` }] };
    }
    const digest = contextDigest(build.context, build.dockerfile);
    const own = { ...Object(opened(news["build"])), platform: build.platform, contextDigest: digest };
    return { inputs: { ...news, build: own } };
  }

  /** A new login alone builds nothing anew. */
  async diff(_: string, urn: string, olds: Raw, news: Raw): Promise<DiffResult> {
    known(urn);
    return { changes: JSON.stringify(olds["__inputs"]) !== JSON.stringify(remembered(news)) };
  }

  async create(urn: string, raw: Raw): Promise<CreateResult> {
    known(urn);
    const inputs = imageInputs(raw);
    return { id: inputs.imageName, outs: await this.#outputs(inputs, raw) };
  }

  async update(_: string, urn: string, __: Raw, raw: Raw): Promise<UpdateResult> {
    known(urn);
    return { outs: await this.#outputs(imageInputs(raw), raw) };
  }

  /** Tags stay, as with the official plugin: somebody may run what they name. */
  async delete(): Promise<void> {}

  async #outputs(inputs: ImageInputs, raw: Raw): Promise<Raw> {
    const docker = await findDocker(this.#env);
    const digest =
      typeof docker === "string"
        ? await scratchImage(inputs, docker, this.#env)
        : await dockerImage(inputs, docker, this.#env);
    const { imageName, build, registry } = inputs;
    return {
      imageName,
      baseImageName: imageName,
      context: build.context,
      dockerfile: build.dockerfile,
      platform: build.platform,
      registryServer: registry.server ?? imageReference(imageName).registry,
      repoDigest: digest,
      __inputs: remembered(raw),
    };
  }
}

/** The inputs as a later run compares them: in one order, and without who logs in. */
function remembered(raw: Raw): Raw {
  const { registry, ...rest } = opened(raw) as Raw;
  const server: unknown = Reflect.get(Object(registry), "server");
  return sorted({ ...rest, ...(registry === undefined ? {} : { registry: { server } }) }) as Raw;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}

function typeRefusals(urn: string): { property: string; reason: string }[] {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  if (type === TYPE) return [];
  const reason = `${type} is not among what this plugin offers, which is docker:index:Image alone; install the official one: pulumi plugin install resource docker`;
  return [{ property: "", reason }];
}

function known(urn: string): void {
  const [refusal] = typeRefusals(urn);
  if (refusal !== undefined) throw new ToolchainError(refusal.reason);
}
