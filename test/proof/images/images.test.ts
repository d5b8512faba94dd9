import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalRegistry, startRegistry } from "../../../toolchain/images/index.ts";
import { type Cli, openCli, ROOT } from "../../integration/cli.ts";
import { deployments } from "../../integration/images/deployments.ts";
import { PROGRAM } from "../../integration/images/shop.ts";
import { writeSmallProject } from "../../integration/small-project.ts";
import { type DockerEngine, importGo, startDocker } from "./engine.ts";
import { PRIVATE, type PrivateModules, privateModules } from "./modules.ts";

/** What only the builder may read, and nothing may keep. */
const MARKER = `m4rker-${Math.random().toString(36).slice(2)}`;
const GO_IMAGE = "registry.example.com/mirror/golang:1.26";

const folder = mkdtempSync(join(tmpdir(), "fairlead-docker-"));
const root = join(folder, "project");
const said: string[] = [];
let engine: DockerEngine;
let modules: PrivateModules;
let registry: LocalRegistry;
let cli: Cli;

beforeAll(async () => {
  modules = await privateModules(join(folder, "modules"), MARKER);
  registry = await startRegistry({ folder: join(folder, "registry") });
  engine = await startDocker(join(folder, "docker"));
  process.env["DOCKER_HOST"] = engine.host;
  await importGo(engine, folder, GO_IMAGE, modules.certificate);
  writeSmallProject(root, "pictures", PROGRAM);
  writeFileSync(join(root, "infra/index.js"), INDEX());
  for (const name of ["left", "right"]) await writeModule(name);
  cli = openCli(root);
});

afterAll(async () => {
  await cli?.close();
  await engine?.stop();
  await registry?.stop();
  modules?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const INDEX = () => `
import { join } from "node:path";
import { runProgram, ServiceImage } from "${join(ROOT, "components/pulumi/index.ts")}";
import { program } from "./program.ts";

const root = join(import.meta.dirname, "..");
const image = (name, props) => new ServiceImage(name, {
  repository: "${registry.address}/shop/" + name, version: "1f2e3d4", source: join(root, name), package: ".", ...props,
}).image;

const images = () => ({
  left: image("left", {
    builder: "${GO_IMAGE}",
    privateModules: ["git.example.com/*"],
    args: { GOPROXY: "${modules.url}", GONOPROXY: "none" },
    network: "host",
    hooks: { list: ["docker", "image", "inspect", "{image}"] },
  }),
  right: image("right", { builder: "host" }),
});
export const outputs = runProgram(program, {}, images);
`;

async function writeModule(name: string): Promise<void> {
  const needs = name === "left" ? `\nrequire ${PRIVATE} v1.0.0\n` : "";
  mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, name, "go.mod"), `module example.com/${name}\n\ngo 1.26\n${needs}`);
  writeSource(name, "first");
  if (needs !== "") await modules.sum(join(root, name));
  else writeFileSync(join(root, name, "go.sum"), "");
}

function writeSource(name: string, word: string): void {
  const [imports, greeting] = name === "left" ? [`import "${PRIVATE}"\n\n`, "words.Greeting"] : ["", '""'];
  writeFileSync(
    join(root, name, "main.go"),
    `package main\n\n${imports}func main() { println("${word}", ${greeting}) }\n`,
  );
}

async function up() {
  const outcome = await cli.run("up", "dev");
  said.push(outcome.stdout, outcome.stderr);
  return outcome;
}

/** Files under a folder that hold a text. */
function holding(place: string, text: string): readonly string[] {
  const entries = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => join(entry.parentPath, entry.name)).filter((path) => readFileSync(path).includes(text));
}

test("without its secret the build fails and says which variable names it", async () => {
  const { status, stdout, stderr } = await up();
  expect(status).not.toBe(0);
  expect(stdout + stderr).toContain("name its file in FAIRLEAD_BUILD_SECRET_NETRC");
  expect(modules.served()).toBe(0);
});

test("with it the private module is fetched, and what was built and pushed is what runs", async () => {
  const netrc = join(folder, "netrc");
  writeFileSync(netrc, modules.netrc, { mode: 0o600 });
  process.env["FAIRLEAD_BUILD_SECRET_NETRC"] = netrc;
  const { status, stderr } = await up();
  expect(status, stderr).toBe(0);
  expect(modules.served()).toBeGreaterThan(0);
  const running = await deployments(cli.kubeconfig);
  for (const name of ["left", "right"]) {
    const digests = JSON.parse(
      await engine.docker(
        "image",
        "inspect",
        "--format",
        "{{json .RepoDigests}}",
        `${registry.address}/shop/${name}:latest`,
      ),
    );
    expect(digests).toEqual([running[name]?.image]);
  }
});

test("the images run as user 1001 with nothing but the program", async () => {
  const running = await deployments(cli.kubeconfig);
  const left = String(running["left"]?.image);
  expect((await engine.docker("image", "inspect", "--format", "{{.Config.User}}", left)).trim()).toBe("1001:1001");
  const lay = ["run", "--rm", "--network", "none", "--read-only"];
  await engine.docker(...lay, left);
  for (const shell of ["/bin/sh", "sh", "/bin/busybox"]) {
    await expect(engine.docker(...lay, "--entrypoint", shell, left)).rejects.toThrow();
  }
  const bytes = Number(await engine.docker("image", "inspect", "--format", "{{.Size}}", left));
  expect(bytes).toBeLessThan(15_000_000);
});

test("the same source again changes nothing; another one rolls that service alone", async () => {
  const before = await deployments(cli.kubeconfig);
  const again = await up();
  expect(again.stderr).toContain("nothing to change");
  expect(await deployments(cli.kubeconfig)).toEqual(before);
  writeSource("left", "second");
  expect((await up()).status).toBe(0);
  const after = await deployments(cli.kubeconfig);
  expect(after["right"]).toEqual(before["right"]);
  expect(after["left"]?.image).not.toBe(before["left"]?.image);
});

test("the secret is in no layer, not in the build's cache, not in the registry, no log and no state", () => {
  expect(holding(join(engine.data), MARKER)).toEqual([]);
  expect(holding(join(folder, "registry"), MARKER)).toEqual([]);
  expect(holding(cli.state, MARKER)).toEqual([]);
  expect(said.join("").includes(MARKER)).toBe(false);
});

test("a secret that a build writes down is found by the same search", async () => {
  const careless = join(folder, "careless");
  mkdirSync(careless);
  writeFileSync(join(careless, "Dockerfile"), `FROM ${GO_IMAGE}\nCOPY leak /leak\n`);
  writeFileSync(join(careless, "leak"), MARKER);
  await engine.docker("build", "--tag", "careless", careless);
  expect(holding(join(engine.data), MARKER).length).toBeGreaterThan(0);
});
