import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { ensureParts, type ToolchainOptions, workshop } from "./ensure.ts";
import { lastLines, ToolchainError } from "./failure.ts";
import { withLock } from "./lock.ts";
import { ENGINE_PARTS, PROVIDER_VERSION } from "./parts.ts";
import { type Environment, userPulumiHome } from "./places.ts";
import { run } from "./process.ts";

/** How the engine is set up. */
export interface EngineOptions extends ToolchainOptions {
  /** Keeps the user's own Pulumi home, with its login and plugins, and changes nothing in it. @default false */
  readonly userHome?: boolean;
  /** Pulumi home of the embedded way. @default a folder of the cache */
  readonly home?: string;
}

/** A Pulumi that can be run. */
export interface Engine {
  /** Absolute path of the CLI. */
  readonly pulumi: string;
  /** Pulumi home in use. */
  readonly home: string;
  /** To be laid over the environment of every `pulumi` call. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Sees to it that Pulumi, its Node.js host and the Kubernetes provider are there. Throws a ToolchainError.
 * With `userHome` the provider comes by PATH when the user has not installed it himself.
 */
export async function ensureEngine(options: EngineOptions = {}): Promise<Engine> {
  const shop = workshop(options);
  const parts = await ensureParts(ENGINE_PARTS, options);
  const fileOf = (name: (typeof ENGINE_PARTS)[number]) => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`${name} was not asked for`);
    return part.file;
  };
  const pulumi = fileOf("pulumi");
  const provider = fileOf("pulumi-resource-kubernetes");
  const path = [dirname(pulumi)];
  const env = { PULUMI_SKIP_UPDATE_CHECK: "true" };

  if (options.userHome === true) {
    const home = userPulumiHome(shop.env);
    const own = join(home, "plugins", `resource-kubernetes-v${PROVIDER_VERSION}`, "pulumi-resource-kubernetes");
    if (!existsSync(own)) path.push(dirname(provider));
    return { pulumi, home, env: { ...env, PATH: withFolders(path, shop.env) } };
  }
  const home = resolve(options.home ?? join(shop.cache, "pulumi-home"));
  await withLock(join(shop.cache, "home.lock"), { guards: "the Pulumi home", report: shop.report }, () =>
    installProvider(pulumi, provider, home, shop.env),
  );
  return { pulumi, home, env: { ...env, PULUMI_HOME: home, PATH: withFolders(path, shop.env) } };
}

function withFolders(folders: readonly string[], env: Environment): string {
  return [
    ...folders,
    ...(env["PATH"] ?? "").split(delimiter).filter((one) => one !== "" && !folders.includes(one)),
  ].join(delimiter);
}

async function installProvider(pulumi: string, provider: string, home: string, env: Environment): Promise<void> {
  const folder = join(home, "plugins", `resource-kubernetes-v${PROVIDER_VERSION}`);
  const installed = join(folder, "pulumi-resource-kubernetes");
  const origin = join(home, `${PROVIDER_VERSION}.from`);
  if (existsSync(installed) && existsSync(origin) && readFileSync(origin, "utf8") === provider) return;
  await mkdir(home, { recursive: true });
  const outcome = await run(
    pulumi,
    ["plugin", "install", "resource", "kubernetes", PROVIDER_VERSION, "--file", dirname(provider), "--reinstall"],
    { env: { ...env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" } },
  );
  if (outcome.status !== 0 || !existsSync(installed)) {
    throw new ToolchainError(`pulumi could not install the Kubernetes provider:\n${lastLines(outcome.stderr)}`);
  }
  await writeFile(origin, provider);
}
