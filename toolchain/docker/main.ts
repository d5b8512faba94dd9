// The plugin that the engine starts for resources of @pulumi/docker where the official one cannot be had.
import { main } from "@pulumi/pulumi/provider/index.js";
import { DOCKER_VERSION } from "./plugin.ts";
import { ImageProvider } from "./provider.ts";

await main(new ImageProvider(DOCKER_VERSION), process.argv.slice(2));
