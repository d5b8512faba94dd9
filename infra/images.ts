import { join } from "node:path";
import type { Output } from "@pulumi/pulumi";
import { ServiceImage, stackSettings } from "../components/pulumi/index.ts";
import type { EnvironmentSettings } from "./environments.ts";
import { program } from "./program.ts";

/** Services whose programs stand in this repository, in a folder of their own under services/. */
const OURS = ["user", "order", "payment", "inventory", "shipment"];

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
      // As the toolchain's own programs are compiled, with which the services share packages.
      goFlags: ["-gcflags=all=-dwarf=false"],
      hooks: { modules: ["go", "version", "-m", "{binary}"] },
    });
    return [name, image.image] as const;
  });
  return Object.fromEntries(built);
}
