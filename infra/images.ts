import { join } from "node:path";
import type { Output } from "@pulumi/pulumi";
import { ServiceImage, stackSettings } from "../components/pulumi/index.ts";
import { GO_FLAGS, OURS } from "./build.ts";
import type { EnvironmentSettings } from "./environments.ts";
import { program } from "./program.ts";

/** Builds what stands here and pushes it, where the settings name a registry; by the host's Go, as no image is pulled then. */
export function builtImages(): Readonly<Record<string, Output<string>>> {
  const { images }: EnvironmentSettings = stackSettings(program);
  if (images === undefined) return {};
  const { registry, version = "dev" } = images;
  const built = OURS.map((name) => {
    const image = new ServiceImage(name, {
      repository: `${registry}/${name}`,
      version,
      source: join(import.meta.dirname, "../services"),
      package: `./${name}`,
      builder: "host",
      goFlags: GO_FLAGS,
      hooks: { modules: ["go", "version", "-m", "{binary}"] },
    });
    return [name, image.image] as const;
  });
  return Object.fromEntries(built);
}
