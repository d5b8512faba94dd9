import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Microservice, ServiceImage, type ServiceImageArgs } from "../../components/pulumi/index.ts";
import { known, opened, run, secretPaths } from "./engine.ts";

const DIGEST = `registry.example.com/shop/order@sha256:${"a".repeat(64)}`;

async function made(args: Partial<ServiceImageArgs> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-image-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const built = await run(
    () => {
      const image = new ServiceImage("order", {
        repository: "registry.example.com/shop/order",
        version: "1f2e3d4",
        source: "services",
        folder,
        ...args,
      });
      const props = { namespace: "shop", owner: "checkout", ports: { http: 8080 }, calls: [] };
      return { image, service: new Microservice("order", { ...props, image: image.image }) };
    },
    "dev",
    "shop",
    (type) => (type === "docker:index/image:Image" ? { repoDigest: DIGEST } : {}),
  );
  return { ...built, folder };
}

test("an image is pushed under its version and then under latest, and its digest is what the pods run", async () => {
  const { registered, result, folder } = await made();
  const images = registered.filter(({ type }) => type === "docker:index/image:Image");
  expect(images.map(({ name, inputs }) => [name, inputs["imageName"], inputs["skipPush"]])).toEqual([
    ["order", "registry.example.com/shop/order:1f2e3d4", false],
    ["order-latest", "registry.example.com/shop/order:latest", false],
  ]);
  expect(images[0]?.inputs["build"]).toMatchObject({
    context: "services",
    dockerfile: join(folder, "order/Dockerfile"),
    platform: "linux/amd64",
    cacheFrom: { images: ["registry.example.com/shop/order:latest"] },
  });
  expect(readFileSync(join(folder, "order/Dockerfile"), "utf8")).toContain("USER 1001:1001");
  expect(await known(result.image.digest)).toBe(`sha256:${"a".repeat(64)}`);
  const deployment = registered.find(({ type }) => type === "kubernetes:apps/v1:Deployment");
  expect(JSON.stringify(deployment?.inputs)).toContain(DIGEST);
});

test("the password of a login is a secret of the engine", async () => {
  const { registered } = await made({ login: { username: "ci", password: "m4rker" } });
  const image = registered.find(({ name, type }) => name === "order" && type.startsWith("docker:"));
  expect(opened(image?.inputs["registry"])).toEqual({
    server: "registry.example.com",
    username: "ci",
    password: "m4rker",
  });
  expect(secretPaths(image?.inputs["registry"])).toEqual([""]);
});

test("an image that is not pushed is built here alone", async () => {
  const { registered } = await made({ push: false });
  const images = registered.filter(({ type }) => type === "docker:index/image:Image");
  expect(images.map(({ name, inputs }) => [name, inputs["skipPush"]])).toEqual([["order-local", true]]);
});

test("what is wrong with an image is said before the engine is told of anything", async () => {
  await expect(made({ version: "latest" })).rejects.toThrow("latest means another image every day");
});
