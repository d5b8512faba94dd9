import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ImageProvider } from "../../../toolchain/docker/provider.ts";
import { elf } from "../images/programs.ts";
import { program, temporaryFolder } from "../workbench.ts";

const URN = "urn:pulumi:dev::shop::fairlead:delivery:ServiceImage$docker:index/image:Image::order";
const ID = `sha256:${"1".repeat(64)}`;
const DIGEST = `sha256:${"2".repeat(64)}`;
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

/** A docker that answers as the real one does, and writes down how it was called. */
function docker(folder: string, { client = "28.2.2", buildx = true, fails = "" } = {}) {
  program(
    join(folder, "bin"),
    "docker",
    [
      `echo "$DOCKER_BUILDKIT $*" >> "${folder}/calls"`,
      `cp "$DOCKER_CONFIG/config.json" "${folder}/config.json" 2>/dev/null`,
      `echo "$VERSION_OF_THIS" > "${folder}/argument"`,
      `case "$1 $2" in`,
      `"version "*) echo ${client};;`,
      `"buildx version") exit ${buildx ? 0 : 1};;`,
      `"image inspect") case "$4" in *Repo*) echo '["other@${DIGEST}","registry.example.com/shop/order@${DIGEST}"]';; *) echo ${ID};; esac;;`,
      `"${fails} "*) echo "it broke" >&2; exit 1;;`,
      "esac",
    ].join("\n"),
  );
  return { calls: () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n") };
}

function place({
  engine = true,
  ...options
}: {
  engine?: boolean;
  client?: string;
  buildx?: boolean;
  fails?: string;
} = {}) {
  const folder = temporaryFolder();
  const context = join(folder, "context");
  mkdirSync(context);
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(context, "order"), elf(), { mode: 0o755 });
  const dockerfile = join(folder, "Dockerfile");
  writeFileSync(dockerfile, 'FROM scratch\nCOPY order /order\nUSER 1001\nENTRYPOINT ["/order"]\n');
  const calls = engine ? docker(folder, options).calls : () => [];
  const env = { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, HOME: folder, FAIRLEAD_IMAGES: join(folder, "images") };
  // No real docker: what stands on this machine is not this test's matter.
  if (!engine) program(join(folder, "bin"), "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
  const provider = (more: object = {}) => new ImageProvider("5.2.0", { ...env, ...more });
  const inputs = {
    imageName: "registry.example.com/shop/order:1",
    build: { context, dockerfile, platform: "linux/amd64" },
  };
  return { folder, context, dockerfile, calls, provider, inputs };
}

test("a change in the context or the Dockerfile is seen, a change of time or of an ignored file is not", async () => {
  const { provider, inputs, context, dockerfile } = place();
  const digest = async () => (await provider().check(URN, {}, inputs)).inputs.build.contextDigest as string;
  const first = await digest();
  utimesSync(join(context, "order"), 0, 0);
  expect(await digest()).toBe(first);
  writeFileSync(join(context, ".dockerignore"), "*.md\n.dockerignore\n");
  writeFileSync(join(context, "notes.md"), "more");
  expect(await digest()).toBe(first);
  writeFileSync(join(context, "order"), elf({ rest: "another" }));
  const second = await digest();
  expect(second).not.toBe(first);
  writeFileSync(dockerfile, "FROM scratch\n");
  expect(await digest()).not.toBe(second);
});

test("the engine of this machine builds and pushes, and the digest is the one of this repository", async () => {
  const { provider, inputs, calls, context, dockerfile } = place();
  const build = {
    ...inputs.build,
    target: "last",
    network: "host",
    addHosts: ["a:1.2.3.4"],
    cacheFrom: { images: ["c:1"] },
  };
  const { id, outs } = await provider().create(URN, { ...inputs, build });
  expect(id).toBe(inputs.imageName);
  expect(outs).toMatchObject({
    imageName: inputs.imageName,
    baseImageName: inputs.imageName,
    registryServer: "registry.example.com",
    repoDigest: `registry.example.com/shop/order@${DIGEST}`,
    platform: "linux/amd64",
    context,
    dockerfile,
  });
  const built = calls().find((call) => call.includes("build --load"));
  expect(built).toBe(
    `1 buildx build --load --tag ${inputs.imageName} --file ${dockerfile} --platform linux/amd64 --add-host a:1.2.3.4 --cache-from c:1 --target last --network host ${context}`,
  );
  expect(calls().some((call) => call.endsWith(`push ${inputs.imageName}`))).toBe(true);
});

test("an image that is not pushed is known by its id", async () => {
  const { provider, inputs, calls } = place();
  const { outs } = await provider().create(URN, { ...inputs, skipPush: true });
  expect(outs.repoDigest).toBe(ID);
  expect(calls().some((call) => call.includes("push"))).toBe(false);
});

test("arguments' values are not on the command line, and a login is in nobody else's file", async () => {
  const { provider, inputs, calls, folder } = place();
  const build = { ...inputs.build, args: { VERSION_OF_THIS: "m4rker" } };
  const registry = { server: "registry.example.com", username: "ci", password: secret("p4ss") };
  const { outs } = await provider().create(URN, { ...inputs, build, registry });
  expect(calls().join("\n")).not.toMatch(/m4rker|p4ss/);
  expect(calls().some((call) => call.includes("--build-arg VERSION_OF_THIS "))).toBe(true);
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  expect(config.auths["registry.example.com"].auth).toBe(Buffer.from("ci:p4ss").toString("base64"));
  expect(existsSync(join(folder, ".docker"))).toBe(false);
  expect(JSON.stringify(outs)).not.toContain("p4ss");
});

test("a new password alone builds nothing; another context does", async () => {
  const { provider, inputs } = place();
  const withLogin = (password: string) => ({
    ...inputs,
    registry: { server: "registry.example.com", username: "ci", password: secret(password) },
  });
  const { outs } = await provider().create(URN, (await provider().check(URN, {}, withLogin("a"))).inputs);
  const next = async (news: object) =>
    (await provider().diff("id", URN, outs, (await provider().check(URN, {}, { ...news })).inputs)).changes;
  expect(await next(withLogin("b"))).toBe(false);
  expect(await next({ ...withLogin("b"), skipPush: true })).toBe(true);
  writeFileSync(join(inputs.build.context, "order"), elf({ rest: "another" }));
  expect(await next(withLogin("b"))).toBe(true);
});

test("a build secret comes from a file that a variable names, and its absence is said", async () => {
  const { provider, inputs, calls, dockerfile, folder } = place();
  writeFileSync(dockerfile, "FROM golang\nRUN --mount=type=secret,id=netrc,required=true true\n");
  await expect(provider().create(URN, inputs)).rejects.toThrow("name its file in FAIRLEAD_BUILD_SECRET_NETRC");
  const missing = { FAIRLEAD_BUILD_SECRET_NETRC: join(folder, "nowhere") };
  await expect(provider(missing).create(URN, inputs)).rejects.toThrow("which is not there");
  writeFileSync(join(folder, "netrc"), "machine git.example.com password m4rker");
  await provider({ FAIRLEAD_BUILD_SECRET_NETRC: join(folder, "netrc") }).create(URN, inputs);
  expect(calls().join("\n")).toContain(`--secret id=netrc,src=${join(folder, "netrc")}`);
  expect(calls().join("\n")).not.toContain("m4rker");
});

test("without BuildKit a build goes on, but not one with a secret", async () => {
  const { provider, inputs, calls, dockerfile } = place({ buildx: false });
  await provider().create(URN, inputs);
  expect(calls().some((call) => call.startsWith("0 build --tag"))).toBe(true);
  writeFileSync(dockerfile, "FROM golang\nRUN --mount=type=secret,id=netrc true\n");
  const env = { FAIRLEAD_BUILD_SECRET_NETRC: dockerfile };
  await expect(provider(env).create(URN, inputs)).rejects.toThrow("install the docker buildx plugin");
});

test("an older command line has BuildKit itself", async () => {
  const { provider, inputs, calls } = place({ buildx: false, client: "20.10.24" });
  await provider().create(URN, inputs);
  expect(calls().some((call) => call.startsWith("1 build --tag"))).toBe(true);
});

test("a build or push that fails says what docker said", async () => {
  const build = place({ fails: "build", buildx: false });
  await expect(build.provider().create(URN, build.inputs)).rejects.toThrow("docker build failed:\nit broke");
  const push = place({ fails: "push" });
  await expect(push.provider().create(URN, push.inputs)).rejects.toThrow("docker push failed:\nit broke");
});

test("without an engine a program from scratch becomes an archive, the same each time", async () => {
  const { provider, inputs, folder } = place({ engine: false });
  const first = await provider().create(URN, { ...inputs, skipPush: true });
  const second = await provider().update("id", URN, {}, { ...inputs, skipPush: true });
  expect(first.outs.repoDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(second.outs?.repoDigest).toBe(first.outs.repoDigest);
  expect(readdirSync(join(folder, "images"))).toEqual([`${String(first.outs.repoDigest).slice(7)}.tar`]);
});

test.each([
  [
    "a stage that needs an engine",
    "FROM golang\n",
    {},
    "Dockerfile:1: FROM golang needs an engine, and no Docker engine answers here",
  ],
  ["a file that was not built", "FROM scratch\nCOPY other /a\n", {}, "Dockerfile:2: COPY other is not in"],
  ["a folder", "FROM scratch\nCOPY . /a\n", {}, "Dockerfile:2: COPY"],
  ["a program that nobody copies", "FROM scratch\nCOPY order /order\n", {}, "which no COPY puts there"],
  ["another processor", "FROM scratch\nCOPY order /a\n", { platform: "linux/arm64" }, "build it with GOARCH=arm64"],
  ["a target", "FROM scratch\nCOPY order /a\n", { target: "x" }, "build.target needs an engine"],
])("without an engine, %s is refused with what to do", async (_, text, build, message) => {
  const { provider, inputs, dockerfile } = place({ engine: false });
  writeFileSync(dockerfile, text.includes("golang") ? text : `${text}ENTRYPOINT ["/a"]\n`);
  const asked = provider().create(URN, { ...inputs, build: { ...inputs.build, ...build } });
  await expect(asked).rejects.toThrow(message);
});

test.each([
  ["an unknown input", { platforms: ["a"] }, {}, "platforms"],
  ["an unknown input of the build", {}, { secrets: { a: "b" } }, "build.secrets"],
  ["a build in the preview", { buildOnPreview: true }, {}, "buildOnPreview"],
  ["a secret argument", {}, { args: { TOKEN: secret("x") } }, "build.args"],
  ["another builder", {}, { builderVersion: "V3" }, "build.builderVersion"],
  ["no context", {}, { context: "/nowhere" }, "build.context"],
  ["no Dockerfile", {}, { dockerfile: "nowhere" }, "build.dockerfile"],
  ["a digest as the name", { imageName: "a/b@sha256:1" }, {}, "imageName"],
  ["no name", { imageName: "" }, {}, "imageName"],
])("%s is refused by its property", async (_, top, build, property) => {
  const { provider, inputs } = place();
  const { failures } = await provider().check(URN, {}, { ...inputs, ...top, build: { ...inputs.build, ...build } });
  expect(failures?.map((failure) => failure.property)).toEqual([property]);
});

test("what is not known yet is not judged yet", async () => {
  const { provider, inputs } = place();
  const news = { ...inputs, build: { ...inputs.build, context: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } };
  expect(await provider().check(URN, {}, news)).toEqual({ inputs: news });
});

test("any other resource of @pulumi/docker names the plugin that has it", async () => {
  const { provider } = place();
  const urn = "urn:pulumi:dev::shop::docker:index/remoteImage:RemoteImage::x";
  const { failures } = await provider().check(urn, {}, {});
  expect(failures?.[0]?.reason).toContain("docker:index/remoteImage:RemoteImage is not among what this plugin offers");
  await expect(provider().create(urn, {})).rejects.toThrow("pulumi plugin install resource docker");
});
