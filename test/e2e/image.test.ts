import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Forward, forward } from "../../demo/forward.ts";
import { type ClusterApi, clusterApi, readKubeconfig } from "../../toolchain/cluster-api.ts";
import { buildServiceImage, pushImage } from "../../toolchain/images/index.ts";
import { tarOf } from "../../toolchain/images/layer.ts";
import { nodeFiles } from "../../toolchain/node/layout.ts";
import { type Cli, openCli } from "../integration/cli.ts";
import { until } from "../integration/observability/server.ts";
import { succeed } from "../integration/succeed.ts";
import { entries } from "../toolchain/images/tar.ts";
import { NAMESPACE, SERVICES, writeProject, writeSettings } from "./image-project.ts";
import { podsOf, type SeenPod, settled } from "./pods.ts";
import { imageIn, shellsAmong } from "./registry.ts";

let cli: Cli;
let folder: string;
let registry: string;
let api: ClusterApi;

beforeAll(async () => {
  // Whatever this machine has: here no engine answers.
  process.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  folder = mkdtempSync(join(tmpdir(), "fairlead-image-"));
  const root = join(folder, "project");
  writeProject(root);
  cli = openCli(root);
  const started = await fairlead("cluster", "start", "--node", "real");
  registry = /its registry is (\S+)/.exec(started)?.[1] ?? "";
  writeSettings(root, registry);
  await fairlead("up", "dev");
  api = clusterApi(readKubeconfig(cli.kubeconfig));
});

afterAll(async () => {
  await cli?.close();
  rmSync(folder, { recursive: true, force: true });
});

const fairlead = (...args: readonly string[]) => succeed(cli, ...args);

const source = () => join(folder, "project/services/user/main.go");
function change(from: string, to: string): void {
  const text = readFileSync(source(), "utf8");
  expect(text).toContain(from);
  writeFileSync(source(), text.replace(from, to));
}

const running = () => settled(api, NAMESPACE, SERVICES);
const of = (pods: readonly SeenPod[], service: string) => {
  const pod = pods.find((one) => one.service === service);
  if (pod === undefined) throw new Error(`no pod of ${service}`);
  return pod;
};

async function asked<T>(service: string, ask: (address: string) => Promise<T>): Promise<T> {
  const way: Forward = await forward(cli.kubeconfig, api, { namespace: NAMESPACE, name: service, port: 8080 });
  try {
    return await ask(way.address);
  } finally {
    way.close();
  }
}

const ada = () => asked("user", async (address) => (await fetch(`${address}/users/ada`)).json());

describe("an image that a Pulumi program builds and pushes to the node's own registry", () => {
  test("runs by its digest, under the very name that it was pushed under", async () => {
    for (const pod of await running()) {
      const { digest } = await imageIn(registry, `shop/${pod.service}`, "latest");
      expect(pod.image).toBe(`${registry}/shop/${pod.service}@${digest}`);
      expect(pod.runs).toContain(digest);
    }
    expect(await ada()).toEqual({ id: "ada", name: "Ada Lovelace" });
  });

  test("is small, runs as user 1001, and has no shell in any layer", async () => {
    for (const service of SERVICES) {
      const image = await imageIn(registry, `shop/${service}`, "dev");
      console.log(`image of ${service}: ${(image.bytes / 1e6).toFixed(1)} MB, ${image.files.join(" ")}`);
      expect(image.bytes).toBeLessThan(15_000_000);
      expect(image.user).toBe("1001:1001");
      expect(image.files).toEqual([`/${service}`]);
      expect(shellsAmong(image.files)).toEqual([]);
    }
  });

  test("and a shell in a layer would be found", async () => {
    const bytes = Buffer.from("a shell");
    const layer = await tarOf(["/bin/sh", "/usr/bin/bash", "/bin/busybox", "/finish"].map((path) => ({ path, bytes })));
    const files = (await entries(layer)).map(({ name }) => `/${name}`);
    expect(shellsAmong(files)).toEqual(["/bin/busybox", "/bin/sh", "/usr/bin/bash"]);
  });

  test("is the same for the same source: nothing to change, and every pod goes on", async () => {
    const before = await running();
    expect(await fairlead("preview", "dev")).toContain("nothing to change");
    expect(await running()).toEqual(before);
  });

  test("is another for another source, which rolls the pods that use it and no others; and the first again for the first", async () => {
    const before = await running();
    change("Ada Lovelace", "Augusta Ada King");
    expect(await fairlead("preview", "dev")).not.toContain("nothing to change");
    await fairlead("up", "dev");
    const after = await running();
    expect(of(after, "inventory")).toEqual(of(before, "inventory"));
    expect(of(after, "user").uid).not.toBe(of(before, "user").uid);
    expect(of(after, "user").image).not.toBe(of(before, "user").image);
    expect(await ada()).toEqual({ id: "ada", name: "Augusta Ada King" });
    change("Augusta Ada King", "Ada Lovelace");
    await fairlead("up", "dev");
    const again = await running();
    expect(of(again, "user").image).toBe(of(before, "user").image);
    expect(of(again, "inventory")).toEqual(of(before, "inventory"));
  });
});

describe("a digest that is wrong is refused, and the old pod answers on:", () => {
  const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/user`;
  const run = (image: string) =>
    api(DEPLOYMENT, {
      method: "PATCH",
      body: { spec: { template: { spec: { containers: [{ name: "user", image }] } } } },
      contentType: "application/strategic-merge-patch+json",
    });

  /** Lets the service run an image until the kubelet has said why it does not, then what it ran before. */
  async function refused(image: string, reason: RegExp): Promise<void> {
    const old = of(await running(), "user");
    await run(image);
    const fresh = await until(async () =>
      (await podsOf(api, NAMESPACE)).find((pod) => pod.image === image && reason.test(pod.waiting)),
    );
    console.log(fresh.waiting);
    expect({ ready: fresh.ready, runs: fresh.runs }).toEqual({ ready: false, runs: "" });
    expect((await podsOf(api, NAMESPACE)).find(({ uid }) => uid === old.uid)).toEqual(old);
    expect(await ada()).toEqual({ id: "ada", name: "Ada Lovelace" });
    await run(old.image);
    expect(of(await running(), "user")).toEqual(old);
  }

  test("one that the registry does not have", async () => {
    await refused(`${registry}/shop/user@sha256:${"0".repeat(64)}`, /^(?:ErrImagePull|ImagePullBackOff) .*not found/s);
  });

  test("one whose bytes were changed where they are kept", async () => {
    const cluster = join(cli.state, "cluster");
    const binary = join(cli.state, "images/user/context/user");
    const name = `${registry}/shop/user:changed`;
    // Under another path, so that its layer is none that the node has already.
    const built = await buildServiceImage({ binary, name, path: "/changed" });
    await pushImage(built.image, built.reference);
    const [layer = ""] = (await imageIn(registry, "shop/user", "changed")).layers;
    const [, hex = ""] = layer.split(":");
    const kept = join(nodeFiles(cluster).registry, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
    const bytes = readFileSync(kept);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    writeFileSync(kept, bytes);
    await refused(`${registry}/shop/user@${built.digest}`, /^(?:ErrImagePull|ImagePullBackOff) .*digest/s);
  });
});
