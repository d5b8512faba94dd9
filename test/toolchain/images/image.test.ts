import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  buildServiceImage,
  imageName,
  imageReference,
  ociImage,
  writeArchive,
} from "../../../toolchain/images/index.ts";
import { sha256, temporaryFolder } from "../workbench.ts";
import { elf } from "./programs.ts";
import { entries } from "./tar.ts";

const NAME = "registry.example.com/shop/order:1.0.0";

function binary(folder: string, bytes: Uint8Array = elf(), name = "order"): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

test("the same program gives the same digest, wherever and whenever it is put into an image", async () => {
  const first = await buildServiceImage({ binary: binary(join(temporaryFolder(), "a")), name: NAME });
  const second = await buildServiceImage({ binary: binary(join(temporaryFolder(), "b")), name: NAME });
  expect(second.digest).toBe(first.digest);
  // The very digest, so that another processor, Node.js or library that compresses otherwise is seen.
  expect(first.digest).toBe("sha256:80d00fa15c6b5d38f9802e418fb1dfe8f37b7df0c31685461dd2c5cee7f58b67");
});

test("another byte, label or user gives another digest, another tag does not", async () => {
  const folder = temporaryFolder();
  const file = binary(folder);
  const digests = await Promise.all(
    [
      { binary: file, name: NAME },
      { binary: binary(join(folder, "other"), elf({ rest: "Program" })), name: NAME },
      { binary: file, name: NAME, labels: { "org.opencontainers.image.revision": "abc" } },
      { binary: file, name: NAME, user: 65535 },
      { binary: file, name: "registry.example.com/shop/order:2.0.0" },
    ].map(async (options) => (await buildServiceImage(options)).digest),
  );
  expect(new Set(digests).size).toBe(4);
  expect(digests[4]).toBe(digests[0]);
});

test("the order in which files, labels and variables are written changes nothing", async () => {
  const file = (path: string) => ({ path, bytes: Buffer.from(path) });
  const content = { entrypoint: ["/a"], architecture: "amd64" } as const;
  const one = await ociImage({
    ...content,
    files: [file("/a"), file("/etc/b")],
    labels: { x: "1", y: "2" },
    env: { A: "1", B: "2" },
  });
  const two = await ociImage({
    ...content,
    files: [file("/etc/b"), file("/a")],
    labels: { y: "2", x: "1" },
    env: { B: "2", A: "1" },
  });
  expect(two.digest).toBe(one.digest);
});

test("an image holds the program and what it was given, nothing else: no shell, no user's files", async () => {
  const folder = temporaryFolder();
  const certificates = binary(folder, Buffer.from("certificates"), "ca.crt");
  const { image } = await buildServiceImage({
    binary: binary(folder),
    name: NAME,
    files: { "/etc/ssl/certs/ca-certificates.crt": certificates },
  });
  const [layer] = image.layers;
  expect(await entries(gunzipSync(layer?.bytes ?? ""))).toEqual([
    { name: "etc/", type: "directory", mode: 0o755, owner: "0:0", modified: 0 },
    { name: "etc/ssl/", type: "directory", mode: 0o755, owner: "0:0", modified: 0 },
    { name: "etc/ssl/certs/", type: "directory", mode: 0o755, owner: "0:0", modified: 0 },
    { name: "etc/ssl/certs/ca-certificates.crt", type: "file", mode: 0o644, owner: "0:0", modified: 0 },
    { name: "order", type: "file", mode: 0o755, owner: "0:0", modified: 0 },
  ]);
});

test("its configuration says user, program, variables and labels", async () => {
  const { image } = await buildServiceImage({
    binary: binary(temporaryFolder(), elf({ machine: 183 })),
    name: NAME,
    entrypoint: ["serve"],
    command: ["--verbose"],
    env: { TZ: "UTC" },
    labels: { "org.opencontainers.image.title": "order" },
    ports: [8080],
  });
  expect(JSON.parse(Buffer.from(image.config.bytes).toString())).toMatchObject({
    architecture: "arm64",
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      User: "1001:1001",
      Entrypoint: ["/order", "serve"],
      Cmd: ["--verbose"],
      Env: ["PATH=/", "TZ=UTC"],
      ExposedPorts: { "8080/tcp": {} },
      Labels: { "org.opencontainers.image.title": "order" },
    },
  });
});

test("a layout on disk names every blob by its sum, and the archive holds the same files", async () => {
  const folder = temporaryFolder();
  const layout = join(folder, "layout");
  const { image, digest, reference, size } = await buildServiceImage({ binary: binary(folder), name: NAME, layout });
  const blobs = readdirSync(join(layout, "blobs/sha256"));
  expect(blobs).toHaveLength(3);
  for (const name of blobs) expect(sha256(readFileSync(join(layout, "blobs/sha256", name)))).toBe(name);
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
  expect(index.manifests[0].digest).toBe(digest);
  expect(index.manifests[0].annotations["io.containerd.image.name"]).toBe(NAME);
  const bytes = blobs.reduce((sum, name) => sum + readFileSync(join(layout, "blobs/sha256", name)).length, 0);
  expect(bytes).toBe(size);

  const archive = join(folder, "order.tar");
  await writeArchive(image, reference, archive);
  const files = (await entries(readFileSync(archive))).filter(({ type }) => type === "file").map(({ name }) => name);
  expect(files).toEqual([...blobs.map((name) => `blobs/sha256/${name}`), "index.json", "manifest.json", "oci-layout"]);
});

test.each([
  ["a script", Buffer.from(`#!/bin/sh\n${"x".repeat(80)}`), "is no 64-bit program for Linux"],
  ["an empty file", Buffer.from(""), "is no 64-bit program for Linux"],
  ["a program of another processor", elf({ machine: 8 }), "is for another processor"],
  ["a program that needs a C library", elf({ interpreter: true }), "asks for a loader and a C library"],
])("%s is refused, with how to build it", async (_, bytes, message) => {
  const file = binary(temporaryFolder(), bytes);
  const refusal = expect(buildServiceImage({ binary: file, name: NAME })).rejects;
  await refusal.toThrow(message);
  await expect(buildServiceImage({ binary: file, name: NAME })).rejects.toThrow("CGO_ENABLED=0");
});

test("what cannot be a file of an image is refused", async () => {
  const content = { entrypoint: ["/a"], architecture: "amd64" } as const;
  const file = (path: string) => ({ path, bytes: Buffer.from("") });
  const made = (...paths: string[]) => ociImage({ ...content, files: paths.map(file) });
  await expect(made("order")).rejects.toThrow("is no path of a file in an image");
  await expect(made("/a/../b")).rejects.toThrow("is no path of a file in an image");
  await expect(made("/a", "/a")).rejects.toThrow("put into the image twice");
  await expect(made("/a", "/a/b")).rejects.toThrow("is a file and a folder");
  await expect(made()).rejects.toThrow("without files");
  await expect(ociImage({ ...content, files: [file("/a")], user: 1.5 })).rejects.toThrow("no number of a user");
  await expect(buildServiceImage({ binary: temporaryFolder(), name: NAME })).rejects.toThrow("cannot be read");
});

test.each([
  ["registry.example.com/shop/order:1.0.0", "registry.example.com/shop/order:1.0.0"],
  ["127.0.0.1:5000/order", "127.0.0.1:5000/order:latest"],
  ["localhost/order:a", "localhost/order:a"],
  ["order", "docker.io/library/order:latest"],
  ["shop/order", "docker.io/shop/order:latest"],
])("%s is %s in full", (name, full) => {
  expect(imageName(imageReference(name))).toBe(full);
});

test.each([
  ["registry.example.com/shop/order@sha256:abc", "has a digest"],
  ["registry.example.com/Shop/order", "is no repository"],
  ["registry.example.com/shop/order:", "is no tag"],
  ["registry.example.com/shop/order:1.0.0+build", "is no tag"],
  ["https://registry.example.com/order", "is no"],
  ["", "is no repository"],
])("%s is refused", (name, why) => {
  expect(() => imageReference(name)).toThrow(why);
});
