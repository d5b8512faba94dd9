import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ToolchainError } from "./failure.ts";

/** Environment variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder that parts are kept in between runs and shared by all checkouts: FAIRLEAD_CACHE,
 * else `fairlead` in the user's cache folder. Not created.
 */
export function cacheFolder(env: Environment = process.env, platform: string = process.platform): string {
  if (present(env["FAIRLEAD_CACHE"])) return env["FAIRLEAD_CACHE"];
  if (present(env["XDG_CACHE_HOME"])) return join(env["XDG_CACHE_HOME"], "fairlead");
  const home = present(env["HOME"]) ? env["HOME"] : homedir();
  return platform === "darwin" ? join(home, "Library", "Caches", "fairlead") : join(home, ".cache", "fairlead");
}

/** The folder of Pulumi's own state for this user: PULUMI_HOME, else ~/.pulumi. */
export function userPulumiHome(env: Environment = process.env): string {
  if (present(env["PULUMI_HOME"])) return env["PULUMI_HOME"];
  return join(present(env["HOME"]) ? env["HOME"] : homedir(), ".pulumi");
}

/** The pinned Go modules: toolchain/go of the checkout, or of the installed package when this file runs from dist/. */
export function goModules(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "toolchain", "go");
    if (existsSync(join(candidate, "etcd", "go.mod"))) return candidate;
  }
  throw new ToolchainError(
    "the folder toolchain/go with the pinned Go modules is missing; reinstall the package fairlead",
  );
}

function present(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
