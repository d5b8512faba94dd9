import { GO_VERSION } from "./build.ts";
import { MIRROR_VARIABLE } from "./download.ts";
import { ToolchainError } from "./failure.ts";
import type { Environment } from "./places.ts";
import type { Platform } from "./platform.ts";
import type { Source } from "./source.ts";

/** How a person installs it. */
export function installed({ packaged, home }: Source): string {
  return packaged === undefined ? home : `apt-get install -y ${packaged} (or your distribution's), or ${home}`;
}

/** What went wrong on each of the three ways to a part, and the ways out. */
export function cannotBeHad(
  source: Source,
  why: Readonly<Record<"path" | "download" | "build", string>>,
  shop: { readonly platform: Platform; readonly env: Environment },
): ToolchainError {
  const indent = (text: string) => text.replaceAll("\n", "\n      ");
  const hosts = [...new Set(source.release(shop.platform).map((file) => new URL(file.url).host))];
  const where =
    hosts.length === 0 ? `(its publisher has none for ${shop.platform.os})` : `make ${hosts.join(", ")} reachable`;
  // Node's fetch goes past a proxy unless it is told.
  const hasProxy = (shop.env["HTTPS_PROXY"] ?? shop.env["https_proxy"]) !== undefined;
  const proxy =
    hasProxy && shop.env["NODE_USE_ENV_PROXY"] === undefined
      ? "; set NODE_USE_ENV_PROXY=1 to go through your proxy"
      : "";
  return new ToolchainError(
    [
      `${source.programs.map((program) => program.name).join(", ")} ${source.version} cannot be had`,
      `  on PATH:  ${indent(why.path)}`,
      `  download: ${indent(why.download)}`,
      `  build:    ${indent(why.build)}`,
      "one of these helps:",
      `  - install it on PATH, version ${source.accepts.from} or newer, below ${source.accepts.below}: ${installed(source)}`,
      `  - download: ${where}, or name a mirror in ${MIRROR_VARIABLE}${proxy}`,
      ...(source.builds.length === 0
        ? []
        : [`  - install Go ${GO_VERSION} or newer (https://go.dev/dl/), with a module proxy that it can reach`]),
    ].join("\n"),
  );
}
