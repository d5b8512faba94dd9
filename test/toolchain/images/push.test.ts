import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { imageReference, isLoopback, ociImage, pushImage } from "../../../toolchain/images/index.ts";
import { deadAddress, server } from "../workbench.ts";

const image = await ociImage({
  files: [{ path: "/order", bytes: Buffer.from("program") }],
  entrypoint: ["/order"],
  architecture: "amd64",
});

interface Kept {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, Buffer>;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The few answers of a registry that a push asks for, as its specification says them. */
async function answer(kept: Kept, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "", "http://registry");
  const body = await bodyOf(request);
  const name = url.pathname.split("/").at(-1) ?? "";
  if (request.method === "HEAD") response.statusCode = kept.blobs.has(name) ? 200 : 404;
  if (request.method === "POST") response.writeHead(202, { location: "/v2/shop/order/blobs/uploads/1?state=x" });
  if (request.method === "PUT") {
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (url.pathname.includes("/manifests/")) kept.manifests.set(name, body);
    else if (url.searchParams.get("digest") === digest && url.searchParams.get("state") === "x")
      kept.blobs.set(digest, body);
    response.writeHead(201, { "docker-content-digest": digest });
  }
  response.end();
}

async function registry(guard: (request: IncomingMessage, response: ServerResponse) => boolean = () => true) {
  const kept: Kept = { blobs: new Map(), manifests: new Map() };
  const { url, asked } = await server((request, response) => {
    if (guard(request, response)) void answer(kept, request, response);
    else response.end();
  });
  return { ...kept, asked, reference: imageReference(`${new URL(url).host}/shop/order:1.0.0`) };
}

test("an image is put there blob by blob, then under each tag", async () => {
  const { reference, blobs, manifests } = await registry();
  expect(await pushImage(image, reference, { tags: ["latest", "1.0.0"] })).toBe(image.digest);
  expect([...blobs.keys()].sort()).toEqual([image.config.digest, image.layers[0]?.digest].sort());
  expect([...manifests.keys()]).toEqual(["1.0.0", "latest"]);
});

test("what the registry has already is not sent again", async () => {
  const { reference, asked } = await registry();
  await pushImage(image, reference);
  const before = asked.length;
  await pushImage(image, reference);
  expect(asked.slice(before).some((path) => path.includes("uploads"))).toBe(false);
});

test("a registry that wants a login is given it, and a clear word is said where there is none", async () => {
  const wanted = `Basic ${Buffer.from("ci:pass").toString("base64")}`;
  const { reference } = await registry((request, response) => {
    if (request.headers.authorization === wanted) return true;
    response.writeHead(401, { "www-authenticate": 'Basic realm="shop"' });
    return false;
  });
  const login = { username: "ci", password: "pass" };
  expect(await pushImage(image, reference, { login })).toBe(image.digest);
  await expect(pushImage(image, reference)).rejects.toThrow("it wants a login, and none is given");
  await expect(pushImage(image, reference, { login: { ...login, password: "wrong" } })).rejects.toThrow(
    "give a login that may push there",
  );
});

test("a registry that sends us for a token gets one for exactly this repository", async () => {
  const tokens = await server((_, response) => response.end(JSON.stringify({ token: "t0ken" })));
  const { reference } = await registry((request, response) => {
    if (request.headers.authorization === "Bearer t0ken") return true;
    response.writeHead(401, { "www-authenticate": `Bearer realm="${tokens.url}/token",service="registry"` });
    return false;
  });
  await pushImage(image, reference, { login: { username: "ci", password: "pass" } });
  expect(tokens.asked).toEqual(["/token?service=registry&scope=repository%3Ashop%2Forder%3Apull%2Cpush"]);
});

test("a registry that keeps something else is not believed", async () => {
  const { url } = await server((request, response) => {
    if (request.method === "HEAD") response.statusCode = 200;
    else response.writeHead(201, { "docker-content-digest": `sha256:${"0".repeat(64)}` });
    response.end();
  });
  const reference = imageReference(`${new URL(url).host}/shop/order`);
  await expect(pushImage(image, reference)).rejects.toThrow(`of an image that is ${image.digest}`);
});

test("a registry that is not there, or refuses, is named", async () => {
  const nobody = new URL(await deadAddress()).host;
  await expect(pushImage(image, imageReference(`${nobody}/order`))).rejects.toThrow(
    `registry ${nobody} cannot be reached`,
  );
  const { reference } = await registry((_, response) => {
    response.writeHead(507);
    return false;
  });
  await expect(pushImage(image, reference)).rejects.toThrow("answered 507");
});

test("only this machine is spoken to without TLS", () => {
  expect(["localhost:5000", "127.0.0.1:5000", "[::1]:5000", "127.1.2.3"].map(isLoopback)).not.toContain(false);
  expect(
    ["registry.example.com", "127.example.com", "10.0.0.1:5000", "localhost.example.com"].map(isLoopback),
  ).not.toContain(true);
});
