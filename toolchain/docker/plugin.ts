import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lastLines, ToolchainError } from "../failure.ts";
import type { Environment } from "../places.ts";
import { run } from "../process.ts";

/** The npm package @pulumi/docker asks for a plugin of exactly its own version. */
export const DOCKER_VERSION = "5.2.0";

const PROGRAM = "pulumi-resource-docker";

/** Which Node.js runs the plugin, and which checkout's: one Pulumi home serves all of them. */
export const DOCKER_PLUGIN_ENV = {
  FAIRLEAD_NODE: process.execPath,
  FAIRLEAD_DOCKER_PLUGIN: fileURLToPath(
    new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js", import.meta.url),
  ),
};

const SCRIPT = `#!/bin/sh
exec "\${FAIRLEAD_NODE:-node}" "\${FAIRLEAD_DOCKER_PLUGIN:?is set by fairlead; the official plugin comes with: pulumi plugin install resource docker}" "$@"
`;

/** Whether our plugin is in a Pulumi home. */
export function hasDockerPlugin(home: string): boolean {
  const file = join(home, "plugins", `resource-docker-v${DOCKER_VERSION}`, PROGRAM);
  return existsSync(file) && readFileSync(file, "utf8") === SCRIPT;
}

/** Puts our plugin for @pulumi/docker into a Pulumi home of ours. */
export async function installDockerPlugin(pulumi: string, home: string, env: Environment): Promise<void> {
  if (hasDockerPlugin(home)) return;
  await mkdir(home, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), "fairlead-plugin-"));
  try {
    await writeFile(join(folder, PROGRAM), SCRIPT);
    await chmod(join(folder, PROGRAM), 0o755);
    const args = ["plugin", "install", "resource", "docker", DOCKER_VERSION, "--file", folder, "--reinstall"];
    const outcome = await run(pulumi, args, { env: { ...env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" } });
    if (outcome.status !== 0 || !hasDockerPlugin(home)) {
      throw new ToolchainError(`pulumi could not install the plugin for images:\n${lastLines(outcome.stderr)}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
