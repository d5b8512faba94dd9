import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalRegistry, startRegistry } from "../../../toolchain/images/index.ts";
import { type Cli, openCli } from "../cli.ts";
import { deployments } from "./deployments.ts";
import { MARKER, USERS, writeShop, writeSource } from "./shop.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-images-"));
const root = join(folder, "project");
let registry: LocalRegistry;
let cli: Cli;
const said: string[] = [];

beforeAll(async () => {
  // Whatever this machine has: here no engine answers.
  process.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  registry = await startRegistry({ folder: join(folder, "registry"), users: USERS });
  writeShop(root, registry.address);
  cli = openCli(root);
});

afterAll(async () => {
  await cli?.close();
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function up() {
  const outcome = await cli.run("up", "dev");
  said.push(outcome.stdout, outcome.stderr);
  return outcome;
}

const ACCEPT = {
  accept: "application/vnd.oci.image.manifest.v1+json",
  authorization: `Basic ${Buffer.from(`ci:${MARKER}`).toString("base64")}`,
};

async function asked(path: string) {
  return fetch(`http://${registry.address}/v2/shop/${path}`, { headers: ACCEPT });
}

async function tagged(name: string, tag: string): Promise<string | null> {
  return (await asked(`${name}/manifests/${tag}`)).headers.get("docker-content-digest");
}

test("what was built and pushed is what runs, by its digest, under both tags", async () => {
  const { status, stdout, stderr } = await up();
  expect(stdout + stderr, "up").not.toContain("failed");
  expect(status).toBe(0);
  const running = await deployments(cli.kubeconfig);
  for (const name of ["left", "right"]) {
    const digest = await tagged(name, "1f2e3d4");
    expect(digest).toMatch(/^sha256:/);
    expect(await tagged(name, "latest")).toBe(digest);
    expect(running[name]?.image).toBe(`${registry.address}/shop/${name}@${digest}`);
  }
});

test("hooks looked at program and image before the push, and what they printed is kept", () => {
  const kept = (name: string) => readFileSync(join(cli.state, "images/left/hooks", `${name}.txt`), "utf8");
  expect(kept("modules")).toContain("example.com/left");
  expect(kept("archive")).toContain("index.json");
});

test("the same source again changes nothing", async () => {
  const before = await deployments(cli.kubeconfig);
  const { status, stderr } = await up();
  expect(status).toBe(0);
  expect(stderr).toContain("nothing to change");
  expect(await deployments(cli.kubeconfig)).toEqual(before);
});

test("a new build of one service rolls that service's Deployment and no other", async () => {
  const before = await deployments(cli.kubeconfig);
  writeSource(root, "right", "second");
  expect((await up()).status).toBe(0);
  const after = await deployments(cli.kubeconfig);
  expect(after["left"]).toEqual(before["left"]);
  expect(after["right"]?.generation).toBe((before["right"]?.generation ?? 0) + 1);
  expect(after["right"]?.image).not.toBe(before["right"]?.image);
});

test("a scan that fails stops the push, and what runs stays", async () => {
  const before = [await tagged("right", "latest"), await deployments(cli.kubeconfig)];
  writeSource(root, "right", "FORBIDDEN");
  const { status, stdout, stderr } = await up();
  expect(status).not.toBe(0);
  expect(stdout + stderr).toContain("found FORBIDDEN");
  expect([await tagged("right", "latest"), await deployments(cli.kubeconfig)]).toEqual(before);
  writeSource(root, "right", "second");
  expect((await up()).status).toBe(0);
});

test("the registry's password is in no layer, log, kept file or clear text of the state", async () => {
  for (const name of ["left", "right"]) {
    const manifest = (await (await asked(`${name}/manifests/latest`)).json()) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    for (const { digest } of [manifest.config, ...manifest.layers]) {
      const bytes = Buffer.from(await (await asked(`${name}/blobs/${digest}`)).arrayBuffer());
      const plain = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
      expect(plain.includes(MARKER), `${name} ${digest}`).toBe(false);
    }
  }
  expect(said.join("").includes(MARKER)).toBe(false);
  const files = readdirSync(cli.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).filter((path) => existsSync(path));
  expect(paths.some((path) => path.includes(`${join("backend", ".pulumi", "stacks")}`))).toBe(true);
  expect(paths.filter((path) => readFileSync(path).includes(MARKER))).toEqual([]);
});
