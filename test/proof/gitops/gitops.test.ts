import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inside } from "../../../components/core/plain.ts";
import { application, foreignFields, type KubernetesObject } from "../../../components/index.ts";
import { toYaml } from "../../../components/yaml/index.ts";
import { type ClusterApi, clusterApi, readKubeconfig } from "../../../toolchain/cluster-api.ts";
import { installCrds } from "../../../toolchain/index.ts";
import { type Cli, openCli } from "../../integration/cli.ts";
import { type ClusterObjects, clusterObjects } from "../../integration/objects.ts";
import { type ActiveRollout, activeRollout } from "./active-rollout.ts";
import { applications } from "./applications.ts";
import { type ArgoCd, startArgoCd } from "./argo-cd.ts";
import { type Load, playLoad } from "./load.ts";
import { playOthers } from "./others.ts";
import { type GitProject, gitProject } from "./project.ts";

const NAMESPACE = "shop-prod";
const ARGO = "shop-prod-argocd";
/** How long nothing may change, in minutes. */
const MINUTES = Number(process.env["FAIRLEAD_MINUTES"] ?? "10");
const PATIENCE = { timeout: 600_000, interval: 1000 };

let cli: Cli;
let cluster: ClusterObjects;
let api: ClusterApi;
let project: GitProject;
let argo: ArgoCd;
let load: Load;
let rollouts: ActiveRollout;
let work: string;
let player: NodeJS.Timeout;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "fairlead-gitops-"));
  project = gitProject(join(work, "shop"));
  cli = openCli(project.folder);
  const started = await cli.run("cluster", "start");
  expect(started.status, started.stderr).toBe(0);
  cluster = clusterObjects(cli.kubeconfig);
  api = clusterApi(readKubeconfig(cli.kubeconfig));
  // Its own manifests bring all three kinds; here nobody declares an Application, which its ApplicationSet makes.
  const argoKinds = ["Application", "ApplicationSet", "AppProject"];
  await installCrds(
    cli.kubeconfig,
    argoKinds.map((kind) => ({ apiVersion: "argoproj.io/v1alpha1", kind })),
  );
  load = await playLoad(cluster, cli.kubeconfig, work);
  rollouts = await activeRollout(cli.kubeconfig, NAMESPACE, work);
  project.edit("infra/environments.ts", "http://prometheus-operated.monitoring:9090", rollouts.prometheus);
  // A namespace that the first Argo CD was installed into by hand.
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: ARGO } });
  player = setInterval(() => void playOthers(api).catch(() => undefined), 1000);
});

afterAll(async () => {
  clearInterval(player);
  await argo?.stop();
  load?.close();
  await rollouts?.close();
  const logs = process.env["FAIRLEAD_LOGS"];
  if (logs !== undefined && existsSync(join(work, "argo/logs")))
    cpSync(join(work, "argo/logs"), logs, { recursive: true });
  await cli?.close();
  rmSync(work, { recursive: true, force: true });
});

/** What a team does: render, commit, and whoever runs the platform applies the engine's part. */
async function deliver(message: string): Promise<void> {
  const render = await cli.run("render", "prod");
  expect(render.status, render.stderr).toBe(0);
  project.commit(message);
  const up = await cli.run("up", "prod");
  expect(up.status, up.stderr).toBe(0);
}

const settled = () => expect.poll(() => applications(api, ARGO).unsettled(), PATIENCE).toEqual([]);
const found = async (apiVersion: string, kind: string, name: string, namespace = NAMESPACE) =>
  cluster.read({ apiVersion, kind, metadata: { name, namespace } }).catch(() => undefined);
const deployment = async (name: string) =>
  (await found("apps/v1", "Deployment", name)) as
    | (KubernetesObject & { readonly spec: Readonly<Record<string, unknown>> })
    | undefined;
const patchDeployment = (name: string, spec: object) =>
  api(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${name}?fieldManager=kubectl-edit`, {
    method: "PATCH",
    body: { spec },
    contentType: "application/merge-patch+json",
  });

describe("an environment that runs", () => {
  test("is moved from the engine to Argo CD, and no workload is made anew", async () => {
    project.edit("infra/environments.ts", 'delivery: "gitops"', 'delivery: "direct"');
    project.edit("infra/index.ts", "runProgram(program, {}", "runProgram(program, { retainOnDelete: true }");
    await deliver("directly");
    const running = () => Promise.all([deployment("payment"), rollouts.object("order")]);
    const before = await running();
    project.edit("infra/environments.ts", 'delivery: "direct"', 'delivery: "gitops"');
    await deliver("by GitOps");
    project.edit("infra/index.ts", "runProgram(program, { retainOnDelete: true }", "runProgram(program, {}");
    await deliver("nothing is kept any more");
    const uids = (objects: readonly unknown[]) => objects.map((one) => inside(one, "metadata", "uid"));
    expect(uids(before)).toEqual([expect.any(String), expect.any(String)]);
    expect(uids(await running())).toEqual(uids(before));
  });
});

describe("Argo CD delivers what render wrote", () => {
  beforeAll(async () => {
    argo = await startArgoCd(cluster, cli.kubeconfig, ARGO, join(work, "argo"));
  });

  test("every Application is synced and healthy", async () => {
    const { all } = applications(api, ARGO);
    await expect.poll(async () => (await all()).length, PATIENCE).toBeGreaterThan(10);
    await settled();
    expect(
      inside(await rollouts.object("order"), "metadata", "annotations", "argocd.argoproj.io/tracking-id"),
    ).toContain("prod-order:");
    console.log(`${(await all()).length} Applications are synced and healthy`);
  });

  test("what was changed by hand is changed back, and what was deleted comes again", async () => {
    await patchDeployment("payment", { minReadySeconds: 17, revisionHistoryLimit: 9 });
    await expect.poll(async () => (await deployment("payment"))?.spec["revisionHistoryLimit"], PATIENCE).toBe(3);
    await api(`/api/v1/namespaces/${NAMESPACE}/services/user`, { method: "DELETE" });
    await expect.poll(() => found("v1", "Service", "user"), PATIENCE).toBeDefined();
    await settled();
  });

  test(`nothing is out of sync for ${MINUTES} minutes while autoscalers work and a version takes over`, {
    timeout: (MINUTES + 10) * 60_000,
  }, async () => {
    project.settings({ order: { version: "2.0.0" } });
    await deliver("order 2.0.0");
    await expect.poll(() => rollouts.underWay("order"), PATIENCE).toBe(true);
    // The new version itself is a change that Argo CD delivers; what comes after it is the controller's. The old version's
    // configuration is pruned when the new one has taken over.
    const order = () => applications(api, ARGO).one("prod-order");
    const late = async () =>
      (await order())?.status?.resources?.filter((one) => one.status !== "Synced" && one.requiresPruning !== true);
    await expect.poll(late, PATIENCE).toEqual([]);
    expect(await rollouts.underWay("order")).toBe(true);
    const weights = new Set<string>();
    const seen = new Set<number>();
    let asking = false;
    const look = async () => {
      if (asking) return;
      asking = true;
      weights.add(JSON.stringify(await rollouts.weights("order")));
      const replicas = (await deployment("payment"))?.spec["replicas"];
      if (typeof replicas === "number") seen.add(replicas);
      asking = false;
    };
    const watched = await applications(api, ARGO).watch(MINUTES * 60_000, (elapsed) => {
      // Up, down, up: the autoscaler waits five minutes before it scales down.
      load.set(elapsed < MINUTES * 12_000 ? 1.4 : elapsed < MINUTES * 50_000 ? 0.2 : 1.4);
      void look();
    });
    const least = Math.min(...Object.values(watched.comparisons));
    console.log(
      `${MINUTES} minutes: ${watched.samples} looks at ${Object.keys(watched.comparisons).length} Applications, ` +
        `at least ${least} comparisons each; out of sync ${JSON.stringify(watched.outOfSync)}; ` +
        `syncs ${JSON.stringify(watched.syncs)}; weights of order ${[...weights].join(" ")}; replicas of payment ${[...seen].sort((a, b) => a - b).join(", ")}`,
    );
    expect(watched.outOfSync).toEqual({});
    expect(watched.syncs).toEqual([]);
    expect(least).toBeGreaterThan(MINUTES);
    expect(seen.size).toBeGreaterThan(1);
    expect(weights.size).toBeGreaterThan(5);
    await expect.poll(() => rollouts.versions("order"), PATIENCE).toEqual(["2.0.0"]);
    await settled();
  });

  test("the engine finds nothing to change in what it owns", async () => {
    const up = await cli.run("up", "prod");
    expect(up.status, up.stderr).toBe(0);
    expect(up.stderr).toContain("nothing to change");
  });
});

describe("what is gone from the description", () => {
  test("is pruned, a service with its Application", async () => {
    project.edit("infra/services.ts", '      "shipment",\n', "");
    project.edit("infra/services.ts", "  shipment: {", "  /* shipment: {");
    project.edit("infra/services.ts", "  notifier: {", "  */ notifier: {");
    await deliver("no shipment");
    await expect.poll(() => applications(api, ARGO).one("prod-shipment"), PATIENCE).toBeUndefined();
    expect(await deployment("shipment")).toBeUndefined();
    expect(await found("v1", "Service", "shipment")).toBeUndefined();
    await settled();
  });

  test("a disk is kept where a ConfigMap is pruned", async () => {
    rmSync(join(project.folder, "deploy/prod/archive/disk.yaml"));
    rmSync(join(project.folder, "deploy/prod/archive/notes.yaml"));
    project.commit("lost by mistake");
    await expect.poll(() => found("v1", "ConfigMap", "archive-notes"), PATIENCE).toBeUndefined();
    const archive = await applications(api, ARGO).one("prod-archive");
    const disk = archive?.status?.resources?.find(({ kind }) => kind === "PersistentVolumeClaim");
    console.log(`the disk: ${JSON.stringify(disk)}; the Application is ${archive?.status?.sync?.status}`);
    expect(await found("v1", "PersistentVolumeClaim", "archive")).not.toHaveProperty("metadata.deletionTimestamp");
    expect(disk?.requiresPruning).toBe(true);
    await deliver("found again");
    await settled();
  });

  test("an Application that goes waits with its disk until somebody confirms", async () => {
    project.edit("infra/program.ts", '...(name === "prod" ? { archive } : {}), ', "");
    project.edit("infra/program.ts", "const archive = {", "export const archive = {");
    await deliver("no archive");
    const { one, patch } = applications(api, ARGO);
    await expect.poll(async () => (await one("prod-archive"))?.metadata.deletionTimestamp, PATIENCE).toBeDefined();
    await expect
      .poll(() => found("v1", "ConfigMap", "archive").then((map) => map !== undefined), {
        timeout: 15_000,
        interval: 500,
      })
      .toBe(true);
    expect(await found("v1", "PersistentVolumeClaim", "archive")).not.toHaveProperty("metadata.deletionTimestamp");
    const approved = { "argocd.argoproj.io/deletion-approved": new Date().toISOString() };
    await patch("prod-archive", { metadata: { annotations: approved } });
    await expect.poll(() => one("prod-archive"), PATIENCE).toBeUndefined();
  });
});

describe("the control: a count that the repository gives, under an autoscaler", () => {
  const objects = ["counted", "left"].map((name): readonly KubernetesObject[] => {
    const metadata = { name, namespace: NAMESPACE, labels: { "app.kubernetes.io/name": name } };
    const container = {
      name,
      image: "registry.example.com/shop/control:1.0.0",
      resources: { requests: { cpu: "100m", memory: "16Mi" }, limits: { memory: "16Mi" } },
      securityContext: {
        allowPrivilegeEscalation: false,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
      },
    };
    const selector = { "app.kubernetes.io/name": name };
    const target = { apiVersion: "apps/v1", kind: "Deployment", name };
    const metrics = [
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
    ];
    return [
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata,
        spec: {
          replicas: 1,
          selector: { matchLabels: selector },
          template: { metadata: { labels: selector }, spec: { containers: [container] } },
        },
      } as KubernetesObject,
      {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata,
        spec: { scaleTargetRef: target, minReplicas: 2, maxReplicas: 3, metrics },
      } as KubernetesObject,
    ];
  });
  const given = (name: string, foreign: ReturnType<typeof foreignFields>) =>
    application({
      name,
      namespace: ARGO,
      owner: "platform",
      project: "default",
      repository: project.url,
      folder: `deploy/control/${name}`,
      target: NAMESPACE,
      foreign,
    }).application;

  test("flaps where nobody says that it is the autoscaler's, and is at peace where that is derived", async () => {
    for (const [index, name] of ["counted", "left"].entries()) {
      mkdirSync(join(project.folder, "deploy/control", name), { recursive: true });
      writeFileSync(join(project.folder, "deploy/control", name, "all.yaml"), toYaml(objects[index] ?? []));
    }
    project.commit("control");
    const everything = [{ group: "*", kind: "*" }];
    const metadata = { name: "default", namespace: ARGO };
    const destinations = [{ server: "*", namespace: "*" }];
    const spec = { sourceRepos: ["*"], destinations, clusterResourceWhitelist: everything };
    await cluster.apply({ apiVersion: "argoproj.io/v1alpha1", kind: "AppProject", metadata, spec } as KubernetesObject);
    await cluster.apply(given("counted", []));
    await cluster.apply(given("left", foreignFields(objects[1] ?? [])));
    await expect.poll(async () => (await deployment("left"))?.spec["replicas"], PATIENCE).toBeGreaterThan(1);
    await expect
      .poll(async () => (await applications(api, ARGO).one("left"))?.status?.sync?.status, PATIENCE)
      .toBe("Synced");
    const watched = await applications(api, ARGO).watch(90_000);
    console.log(
      `control, 90 s: out of sync ${JSON.stringify(watched.outOfSync)}, syncs ${JSON.stringify(watched.syncs)}`,
    );
    expect(watched.outOfSync["counted"] ?? 0).toBeGreaterThan(0);
    expect(watched.outOfSync["left"] ?? 0).toBe(0);
  });
});
