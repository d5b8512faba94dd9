import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { imageReference } from "../../../toolchain/images/index.ts";
import { hasImage, mirror, registryPort } from "../../../toolchain/node/images.ts";
import { nodeFiles } from "../../../toolchain/node/layout.ts";
import { registrySettings } from "../../../toolchain/node/settings.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import { listen, type Served } from "../../integration/observability/server.ts";
import { temporaryFolder } from "../workbench.ts";

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

/** A registry that has everything, and what it was asked for. */
async function everything(): Promise<{ readonly registry: string; readonly asked: (string | undefined)[] }> {
  const asked: (string | undefined)[] = [];
  const server: Served = await listen(({ url }) => {
    asked.push(url);
    return { body: "" };
  });
  undo.push(server.stop);
  return { registry: new URL(server.address).host, asked };
}

test("an image of another registry is kept under that one's name, one that was pushed to ours under its own", async () => {
  const { registry, asked } = await everything();
  await hasImage(registry, imageReference("registry.example.com/shop/order:1.0.0"));
  await hasImage(registry, imageReference("localhost:5001/shop/order:1.0.0"));
  await hasImage(registry, imageReference(`${registry}/shop/order`), "sha256:12");
  expect(asked).toEqual([
    "/v2/registry.example.com/shop/order/manifests/1.0.0",
    "/v2/localhost-5001/shop/order/manifests/1.0.0",
    "/v2/shop/order/manifests/sha256:12",
  ]);
});

test("containerd finds either where it is", () => {
  const files = nodeFiles(temporaryFolder());
  const own = "127.0.0.1:23456";
  const hosts = (registry: string) => {
    mirror(files, registry, own);
    return readFileSync(join(files.mirrors, registry, "hosts.toml"), "utf8");
  };
  expect(hosts("registry.example.com")).toContain('[host."http://127.0.0.1:5000/v2/registry.example.com"]');
  expect(hosts(own)).toContain('[host."http://127.0.0.1:5000"]');
});

test("the registry has the port that it had before, unless somebody else has it now", async () => {
  const files = nodeFiles(temporaryFolder());
  const [port = 0] = await freePorts(1);
  mkdirSync(files.settings, { recursive: true });
  const { path, text } = registrySettings(files, port);
  writeFileSync(path, text);
  expect(await registryPort(files)).toBe(port);
  const other = createServer();
  await new Promise<void>((ready) => other.listen(port, "127.0.0.1", ready));
  undo.push(() => new Promise((closed) => other.close(closed)));
  const chosen = await registryPort(files);
  expect(chosen).not.toBe(port);
  expect(chosen).toBeGreaterThan(0);
});
