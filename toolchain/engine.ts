import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { DOCKER_PLUGIN_ENV, hasDockerPlugin, installDockerPlugin } from "./docker/plugin.ts";
import { ensureParts, type ToolchainOptions, workshop } from "./ensure.ts";
import { lastLines, ToolchainError } from "./failure.ts";
import { withLock } from "./lock.ts";
import { ENGINE_PARTS, PROVIDER_VERSION } from "./parts.ts";
import { type Environment, userPulumiHome } from "./places.ts";
import { run } from "./process.ts";

/** How the engine is set up. */
export interface EngineOptions extends ToolchainOptions {
  /** Uses the user's own login and backend, and changes nothing of theirs. @default false */
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
 * With `userHome`, and when the user has not installed the provider already, the home is ours and only login and
 * backend are the user's: `pulumi plugin install` would otherwise write into theirs.
 */
export async function ensureEngine(options: EngineOptions = {}): Promise<Engine> {
  const shop = workshop(options);
  const parts = await ensureParts(ENGINE_PARTS, options);
  const partOf = (name: (typeof ENGINE_PARTS)[number]) => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`${name} was not asked for`);
    return part;
  };
  const pulumi = partOf("pulumi");
  // The user's own is on PATH already; to put its folder first could change which Node.js is found.
  const path = pulumi.origin === "path" ? {} : { PATH: withFolder(dirname(pulumi.file), shop.env) };
  // What Node.js compiled of a program's packages, kept: a second of each run is spent on that otherwise.
  const compiled = shop.env["NODE_COMPILE_CACHE"] ?? join(shop.cache, "compiled");
  const base = { PULUMI_SKIP_UPDATE_CHECK: "true", NODE_COMPILE_CACHE: compiled, ...path };

  const userHome = userPulumiHome(shop.env);
  if (options.userHome === true && existsSync(join(userHome, PLUGIN)))
    return { pulumi: pulumi.file, home: userHome, env: base };

  const home = resolve(options.home ?? join(shop.cache, "pulumi-home"));
  const provider = partOf("pulumi-resource-kubernetes").file;
  if (!isInstalled(provider, home) || !hasDockerPlugin(home)) {
    await withLock(join(shop.cache, "home.lock"), { guards: "the Pulumi home", report: shop.report }, async () => {
      await installProvider(pulumi.file, provider, home, shop.env);
      await installDockerPlugin(pulumi.file, home, shop.env);
    });
  }
  withoutLogs(home);
  // A provider of another version on PATH would be taken before the installed one, with a warning.
  const images = { ...DOCKER_PLUGIN_ENV, FAIRLEAD_IMAGES: join(shop.cache, "images") };
  const ours = { ...base, ...images, PULUMI_HOME: home, PULUMI_IGNORE_AMBIENT_PLUGINS: "true" };
  if (options.userHome !== true) return { pulumi: pulumi.file, home, env: ours };
  const credentials = shop.env["PULUMI_CREDENTIALS_PATH"] ?? userHome;
  return { pulumi: pulumi.file, home, env: { ...ours, PULUMI_CREDENTIALS_PATH: credentials } };
}

/**
 * The engine logs each run to a folder of its home: every property of every object, compressed and encrypted, two fifths of
 * its work and tens of megabytes for 2,000 objects. It has no switch for that, and goes on without where there can be no
 * such folder. What a run did is in Fairlead's own log.
 */
function withoutLogs(home: string): void {
  const logs = join(home, "logs");
  const present = statSync(logs, { throwIfNoEntry: false });
  if (present?.isFile() === true) return;
  mkdirSync(home, { recursive: true });
  rmSync(logs, { recursive: true, force: true });
  writeFileSync(logs, "The engine keeps no logs here: see logs in the project's state folder, .fairlead.\n");
}

function withFolder(folder: string, env: Environment): string {
  return [folder, ...(env["PATH"] ?? "").split(delimiter).filter((one) => one !== "" && one !== folder)].join(
    delimiter,
  );
}

const PLUGIN = join("plugins", `resource-kubernetes-v${PROVIDER_VERSION}`, "pulumi-resource-kubernetes");

/** A note of which provider was installed, so that another pin of the same version is installed again. */
function noteOf(home: string): string {
  return join(home, `${PROVIDER_VERSION}.from`);
}

function isInstalled(provider: string, home: string): boolean {
  const note = noteOf(home);
  return existsSync(join(home, PLUGIN)) && existsSync(note) && readFileSync(note, "utf8") === provider;
}

async function installProvider(pulumi: string, provider: string, home: string, env: Environment): Promise<void> {
  if (isInstalled(provider, home)) return;
  await mkdir(home, { recursive: true });
  const outcome = await run(
    pulumi,
    ["plugin", "install", "resource", "kubernetes", PROVIDER_VERSION, "--file", dirname(provider), "--reinstall"],
    { env: { ...env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" } },
  );
  if (outcome.status !== 0 || !existsSync(join(home, PLUGIN))) {
    throw new ToolchainError(`pulumi could not install the Kubernetes provider:\n${lastLines(outcome.stderr)}`);
  }
  await writeFile(noteOf(home), provider);
}
