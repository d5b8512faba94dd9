import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inside } from "../../components/core/plain.ts";
import { toYamlValue } from "../../components/core/yaml-text.ts";
import { type ClusterApi, clusterApi, readKubeconfig } from "../../toolchain/cluster-api.ts";
import { type Cli, openCli, ROOT } from "./cli.ts";
import { writeSmallProject } from "./small-project.ts";

// How many pods there are was last written by somebody else, and then the description says a number.

const PROGRAM = `
import { catalogue, checkEnvironment, components, teamNamespace } from "../components/index.ts";

const services = catalogue({
  order: { owner: "checkout", image: "registry.example.com/shop/order", ports: { http: 8080 }, calls: [], scale: { min: 2, max: 6 } },
});

export const program = {
  project: "replicas",
  environments: ["dev"],
  build: (name, { services: overrides = {} }) => {
    const setting = { namespace: "shop", partOf: "shop", version: "1.0.0", replicas: 2, autoscaling: true, alerts: false, overrides };
    const namespace = { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: "shop" }) };
    const environment = { name, members: { namespace, ...components(services, setting) } };
    checkEnvironment(environment);
    return environment;
  },
};
`;

let root: string;
let cli: Cli;
let api: ClusterApi;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "fairlead-replicas-"));
  writeSmallProject(root, "replicas", PROGRAM);
  cli = openCli(root);
  await up({});
  api = clusterApi(readKubeconfig(cli.kubeconfig));
});

afterAll(async () => {
  await cli?.close();
  rmSync(root, { recursive: true, force: true });
});

const say = (order: Readonly<Record<string, unknown>>) =>
  writeFileSync(join(root, "Pulumi.dev.yaml"), toYamlValue({ config: { "replicas:services": { order } } }));

async function up(order: Readonly<Record<string, unknown>>): Promise<void> {
  say(order);
  const done = await cli.run("up", "dev");
  expect(done.status, done.stderr).toBe(0);
}

const DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/order";
const replicas = async () => inside(await api(DEPLOYMENT), "spec", "replicas");
const patch = (path: string, body: object) =>
  api(path, { method: "PATCH", body, contentType: "application/merge-patch+json" });

test("a number takes the place of an autoscaler, whose own was another", async () => {
  await patch("/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/order", { spec: { minReplicas: 5 } });
  await expect.poll(replicas, { timeout: 120_000 }).toBe(5);
  await up({ replicas: 3 });
  expect(await replicas()).toBe(3);
});

test("a number that somebody scaled by hand comes back with the next change", async () => {
  await patch(`${DEPLOYMENT}/scale?fieldManager=kubectl`, { spec: { replicas: 6 } });
  expect(await replicas()).toBe(6);
  await up({ replicas: 3, version: "1.0.1" });
  expect(await replicas()).toBe(3);
});

test("an autoscaler that comes again finds the pods that there are", async () => {
  await up({ version: "1.0.1" });
  expect(await replicas()).toBe(3);
  const preview = await cli.run("preview", "dev");
  expect(preview.stdout).toContain("dev: nothing to change");
});

test("pods that no node takes are told of, with the reason, and Ctrl-C ends the wait for them", async () => {
  say({ version: "1.0.1", resources: { requests: { cpu: "1000" }, limits: { memory: "64Mi" } } });
  const child = spawn(process.execPath, [join(ROOT, "cli/bootstrap.js"), "up", "dev"], {
    cwd: root,
    env: { ...process.env, FAIRLEAD_STATE: cli.state },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const ended = new Promise((fulfil) => child.on("close", fulfil));
  await expect
    .poll(() => said, { timeout: 120_000 })
    .toMatch(/pods of order wait: no node takes them: .* Insufficient cpu/);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
});
