import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { partOf } from "../../components/core/delivery.ts";
import { type Deployment, identity, type KubernetesObject, placed, route } from "../../components/index.ts";
import { fromYaml } from "../../components/yaml/index.ts";
import { ingressExample, routeExample } from "../../examples/components/route.ts";
import { program } from "../../infra/program.ts";
import { routed } from "../traffic/order.ts";
import { type Cli, openCli } from "./cli.ts";
import { type ClusterObjects, clusterObjects } from "./objects.ts";

let cli: Cli;
let cluster: ClusterObjects;

beforeAll(async () => {
  cli = openCli();
  const started = await cli.run("cluster", "start");
  expect(started.stderr).not.toMatch(/warn/i);
  expect(started.status, started.stderr).toBe(0);
  cluster = clusterObjects(cli.kubeconfig);
});

afterAll(async () => {
  await cli.close();
  expect(existsSync(cli.state)).toBe(false);
});

test("preview before the first up says what will be made", async () => {
  const preview = await cli.run("preview", "dev");
  expect(preview.status, preview.stderr).toBe(0);
  expect(preview.stdout).toMatch(/\d+ to create/);
});

/** Applies what an environment renders for the repository, as its controller would: server-side, wave by wave. */
async function applyAsController(objects: readonly KubernetesObject[]): Promise<void> {
  const waves = Map.groupBy(objects, ({ metadata }) => Number(metadata.annotations?.[WAVE] ?? 0));
  for (const wave of [...waves.keys()].sort((a, b) => a - b)) {
    for (const object of waves.get(wave) ?? []) {
      await expect(cluster.read(object), identity(object)).rejects.toThrow();
      await cluster.apply(object);
    }
  }
  const workloads = objects.filter(({ kind }) => WORKLOADS.some(([one]) => one === kind));
  await expect.poll(async () => unready(workloads), { timeout: 300_000, interval: 500 }).toEqual([]);
}

async function isReady(object: KubernetesObject): Promise<boolean> {
  const [, ready, all] = WORKLOADS.find(([kind]) => kind === object.kind) ?? ["", "", ""];
  const { status = {} } = (await cluster.read(object)) as { readonly status?: Readonly<Record<string, number>> };
  return (status[ready] ?? 0) > 0 && status[ready] === status[all];
}

async function unready(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  const ready = await Promise.all(objects.map(isReady));
  return objects.flatMap(({ metadata }, index) => (ready[index] === true ? [] : [metadata.name]));
}

const WAVE = "argocd.argoproj.io/sync-wave";

/** What runs pods, and where its status says how many are ready of how many. */
const WORKLOADS = [
  ["Deployment", "readyReplicas", "replicas"],
  ["StatefulSet", "readyReplicas", "replicas"],
  ["DaemonSet", "numberReady", "desiredNumberScheduled"],
] as const;

describe.each(program.environments)("%s", (name) => {
  const environment = program.build(name, {});
  const namespaces = [...placed(environment)].flatMap(({ object }) =>
    object.kind === "Namespace" ? [object.metadata.name] : [],
  );

  test("up brings every object and every pod", async () => {
    const up = await cli.run("up", name);
    expect(up.status, up.stderr).toBe(0);
    expect(up.stderr).not.toMatch(/warn/i);
    expect(up.stdout).toContain(`environment ${name} is up`);
    const inRepository = [...placed(partOf(environment, "repository"))].map(({ object }) => object);
    if (inRepository.length > 0) {
      expect(up.stdout).toContain("Argo CD");
      await applyAsController(inRepository);
    }
    for (const [kind] of WORKLOADS) {
      const found = (
        await Promise.all(namespaces.map((one) => cluster.list("apps/v1", `${kind.toLowerCase()}s`, one)))
      ).flat();
      const wanted = [...placed(environment)].flatMap(({ object }) => (object.kind === kind ? [object] : []));
      expect(found.map((one) => one.metadata.name).sort()).toEqual(wanted.map((one) => one.metadata.name).sort());
      // An autoscaler may raise a Deployment to its minimum just after all of its pods were ready.
      await expect.poll(async () => unready(wanted), { timeout: 60_000, interval: 500 }).toEqual([]);
    }
  });

  test("a second up changes nothing", async () => {
    const again = await cli.run("up", name);
    expect(again.status, again.stderr).toBe(0);
    expect(again.stderr).toContain("nothing to change");
  });

  test("what render writes is what up made, down to the last field", async () => {
    const out = mkdtempSync(join(tmpdir(), "fairlead-render-"));
    try {
      expect((await cli.run("render", name, "--out", out)).status).toBe(0);
      const folder = join(out, name);
      const objects = readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".yaml"))
        .flatMap((file) => Object.values(fromYaml(readFileSync(join(folder, file), "utf8"), { file })));
      const rendered = environment.delivery === "gitops" ? partOf(environment, "repository") : environment;
      expect(objects).toHaveLength([...placed(rendered)].length);
      for (const object of objects) expect(await cluster.dryRun(object)).toEqual(await cluster.read(object));
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});

test("the same routes are accepted as Ingresses and with every word that one can say, down to the last field", async () => {
  const two = [
    { host: "shop.example.com", timeout: "5s" },
    { name: "calls", host: "grpc.example.com", grpc: true },
  ] as const;
  const plain = route(routed(two, { canary: "order-canary" }));
  for (const object of [ingressExample, routeExample, plain].flatMap((objects) => Object.values(objects))) {
    const here = { ...object, metadata: { ...object.metadata, namespace: "shop-dev" } };
    expect((await cluster.dryRun(here)).metadata.name).toBe(object.metadata.name);
  }
  const { ingress } = ingressExample;
  if (ingress === undefined) throw new Error("the example has no Ingress");
  const metadata = { ...ingress.metadata, namespace: "shop-dev" };
  const misspelt = { ...ingress, metadata, spec: { ...ingress.spec, ingressClas: "haproxy" } };
  await expect(cluster.dryRun(misspelt)).rejects.toThrow(/ingressClas/);
});

test("the dry run sees a difference and refuses a misspelt field", async () => {
  const { deployment } = program.build("dev", {}).members["order"]?.objects ?? {};
  if (deployment === undefined) throw new Error("order has no deployment");
  const { spec } = deployment as Deployment;
  const changed: Deployment = {
    ...(deployment as Deployment),
    spec: { ...spec, minReadySeconds: 7 } as NonNullable<Deployment["spec"]>,
  };
  expect(await cluster.dryRun(changed)).not.toEqual(await cluster.read(deployment));
  const misspelt = { ...deployment, spec: { ...spec, replicsa: 3 } };
  await expect(cluster.dryRun(misspelt)).rejects.toThrow(/replicsa/);
});

test("down leaves nothing in the cluster and nothing in the state", async () => {
  for (const name of program.environments) {
    const down = await cli.run("down", name);
    expect(down.status, down.stderr).toBe(0);
  }
  await expect.poll(async () => (await cluster.list("v1", "namespaces")).length, { timeout: 120_000 }).toBe(4);
  const namespaces = (await cluster.list("v1", "namespaces")).map((one) => one.metadata.name).sort();
  expect(namespaces).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
  const stacks = join(cli.state, "backend/.pulumi/stacks/shop");
  expect(existsSync(stacks) ? readdirSync(stacks).filter((file) => file.endsWith(".json")) : []).toEqual([]);
});
