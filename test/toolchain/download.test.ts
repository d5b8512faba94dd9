import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { downloadVerified, network } from "../../toolchain/download.ts";
import type { Checksum } from "../../toolchain/source.ts";
import { deadAddress, fileServer, server, sha256, temporaryFolder } from "./workbench.ts";

const URL = "https://example.com/v1/tool.tar.gz";
const CONTENT = "the program ".repeat(10_000);
const BARE: Checksum = { kind: "bare", url: `${URL}.sha256` };

function through(mirror: string, patience = { connect: 30_000, stall: 30_000 }) {
  return network({ env: { FAIRLEAD_MIRROR: mirror }, patience });
}

test("a file with the publisher's sum is kept", async () => {
  const mirror = await fileServer({
    "/example.com/v1/tool.tar.gz": CONTENT,
    "/example.com/v1/tool.tar.gz.sha256": `${sha256(CONTENT)}\n`,
  });
  const to = join(temporaryFolder(), "tool");
  await downloadVerified(through(mirror.url), URL, BARE, to);
  expect(readFileSync(to, "utf8")).toBe(CONTENT);
});

test("a mirror with a path of its own is asked below that path", async () => {
  const mirror = await fileServer({ "/files/example.com/v1/tool.tar.gz.sha256": sha256(CONTENT) });
  expect(await through(`${mirror.url}/files/`).publishedSum(URL, BARE)).toBe(sha256(CONTENT));
});

test.each([
  ["a list with two spaces", `${"0".repeat(64)}  other\n${sha256(CONTENT)}  tool.tar.gz\n`],
  ["a list of binary files", `${sha256(CONTENT)} *tool.tar.gz\n`],
  ["a list with paths", `${sha256(CONTENT)}  ./tool.tar.gz\n`],
  ["a list in capitals", `${sha256(CONTENT).toUpperCase()}  tool.tar.gz\n`],
])("the sum is read from %s", async (_, text) => {
  const mirror = await fileServer({ "/example.com/v1/SUMS": text });
  const checksum: Checksum = { kind: "list", url: "https://example.com/v1/SUMS" };
  expect(await through(mirror.url).publishedSum(URL, checksum)).toBe(sha256(CONTENT));
});

test("the sum is read from GitHub's description of a release", async () => {
  const release = { assets: [{ name: "other" }, { name: "tool.tar.gz", digest: `sha256:${sha256(CONTENT)}` }] };
  const mirror = await fileServer({ "/api.github.com/r": JSON.stringify(release) });
  const checksum: Checksum = { kind: "github", url: "https://api.github.com/r" };
  expect(await through(mirror.url).publishedSum(URL, checksum)).toBe(sha256(CONTENT));
});

test.each([
  ["a list without the file", "list", `${sha256("x")}  tool.zip\n`],
  ["a list with a shorter sum", "list", "abc  tool.tar.gz\n"],
  ["a page instead of a sum", "bare", "<html>sign in</html>"],
  ["a release without digests", "github", '{"assets":[{"name":"tool.tar.gz","digest":null}]}'],
  ["a page instead of a release", "github", "<html>sign in</html>"],
] as const)("%s is refused", async (_, kind, text) => {
  const mirror = await fileServer({ "/example.com/sum": text });
  const checksum: Checksum = { kind, url: "https://example.com/sum" };
  await expect(through(mirror.url).publishedSum(URL, checksum)).rejects.toThrow("has no SHA-256 for tool.tar.gz");
});

test("a file with another sum is thrown away, and both sums are named", async () => {
  const mirror = await fileServer({
    "/example.com/v1/tool.tar.gz": "something else",
    "/example.com/v1/tool.tar.gz.sha256": sha256(CONTENT),
  });
  const to = join(temporaryFolder(), "tool");
  await expect(downloadVerified(through(mirror.url), URL, BARE, to)).rejects.toThrow(
    `has the SHA-256 ${sha256("something else")}, but its publisher says ${sha256(CONTENT)}`,
  );
  expect(existsSync(to)).toBe(false);
});

test("a file that is not there is a clear failure, and the host is asked again for others", async () => {
  const mirror = await fileServer({ "/example.com/v1/tool.tar.gz.sha256": sha256(CONTENT) });
  const net = through(mirror.url);
  await expect(downloadVerified(net, URL, BARE, join(temporaryFolder(), "tool"))).rejects.toThrow(
    /tool.tar.gz answers 404/,
  );
  expect(await net.publishedSum(URL, BARE)).toBe(sha256(CONTENT));
});

test("nothing is left of a file that ends too early", async () => {
  const mirror = await server((request, response) => {
    if (request.url?.endsWith(".sha256") === true) return void response.end(sha256(CONTENT));
    response.setHeader("content-length", CONTENT.length);
    response.write(CONTENT.slice(0, 1000), () => response.destroy());
  });
  const to = join(temporaryFolder(), "tool");
  await expect(downloadVerified(through(mirror.url), URL, BARE, to)).rejects.toThrow("tool.tar.gz did not come whole");
  expect(existsSync(to)).toBe(false);
});

test("a file that stops coming is given up", async () => {
  const mirror = await server((request, response) => {
    if (request.url?.endsWith(".sha256") === true) response.end(sha256(CONTENT));
    else response.write(CONTENT.slice(0, 1000));
  });
  const to = join(temporaryFolder(), "tool");
  const net = through(mirror.url, { connect: 30_000, stall: 50 });
  await expect(downloadVerified(net, URL, BARE, to)).rejects.toThrow("did not come whole (nothing came for 0.05 s)");
  expect(existsSync(to)).toBe(false);
});

test("a host that never answers is given up, and not asked again", async () => {
  const mirror = await server(() => undefined);
  const net = through(mirror.url, { connect: 50, stall: 30_000 });
  await expect(net.text(URL)).rejects.toThrow("is not reachable (no answer within 0.05 s)");
  await expect(net.text(URL)).rejects.toThrow("is not reachable");
  expect(mirror.asked).toHaveLength(1);
});

test("a host that refuses connections is named with the reason", async () => {
  await expect(through(await deadAddress()).text(URL)).rejects.toThrow(
    /^127\.0\.0\.1:\d+ is not reachable \(.*ECONNREFUSED/,
  );
});
