import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildServiceImage, type LocalRegistry, pushImage, startRegistry } from "../../../toolchain/images/index.ts";
import { goServices } from "../services.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-registry-"));
let registry: LocalRegistry;

beforeAll(async () => {
  registry = await startRegistry({ folder: join(folder, "registry") });
});

afterAll(async () => {
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Compiled as images are: without names of folders, symbols and the time. */
async function responder(name: string): Promise<string> {
  const binary = join(folder, name, "responder");
  await goServices("build", "-ldflags=-s -w -buildid=", "-o", binary, "./responder");
  return binary;
}

test("the same source gives the same digest, and the registry keeps it under that name", async () => {
  const name = `${registry.address}/shop/responder:1.0.0`;
  const first = await buildServiceImage({ binary: await responder("a"), name });
  const second = await buildServiceImage({ binary: await responder("b"), name });
  expect(second.digest).toBe(first.digest);

  expect(await pushImage(first.image, first.reference, { tags: ["latest"] })).toBe(first.digest);
  const base = `http://${registry.address}/v2/shop/responder`;
  const accept = { headers: { accept: "application/vnd.oci.image.manifest.v1+json" } };
  for (const reference of [first.digest, "1.0.0", "latest"]) {
    const answer = await fetch(`${base}/manifests/${reference}`, accept);
    expect(answer.headers.get("docker-content-digest")).toBe(first.digest);
  }
  for (const { digest } of first.image.layers) {
    const bytes = Buffer.from(await (await fetch(`${base}/blobs/${digest}`)).arrayBuffer());
    expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(digest);
  }
  // The articles' figure is about 12 MB; ours is a limit.
  expect(first.size).toBeLessThan(15_000_000);
});

test("the registry refuses a manifest whose layers it does not have", async () => {
  const { image, reference } = await buildServiceImage({
    binary: await responder("c"),
    name: `${registry.address}/shop/nothing:1.0.0`,
  });
  const answer = await fetch(`http://${registry.address}/v2/${reference.repository}/manifests/1.0.0`, {
    method: "PUT",
    headers: { "content-type": image.manifest.mediaType },
    body: Buffer.from(image.manifest.bytes),
  });
  expect(answer.status).toBe(400);
});
