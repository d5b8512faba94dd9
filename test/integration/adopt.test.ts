import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Deployment, KubernetesObject, Service } from "../../components/index.ts";
import { ensureParts } from "../../toolchain/index.ts";
import { namespaceOf, writeProject } from "./adopt-project.ts";
import { type Cli, openCli, ROOT } from "./cli.ts";
import { type ClusterObjects, clusterObjects } from "./objects.ts";

const EXAMPLES = join(ROOT, "examples/adopt");

/** How it came into the cluster, by the environment that adopts it. */
const ORIGINS = [
  {
    environment: "client",
    what: "plain YAML, applied by the client",
    file: "plain",
    how: ["apply"],
    services: ["cart", "catalog"],
  },
  {
    environment: "server",
    what: "plain YAML, applied by the server",
    file: "plain",
    how: ["apply", "--server-side"],
    services: ["cart", "catalog"],
  },
  // As Helm writes: its own field manager, and no annotation of kubectl's.
  {
    environment: "helm",
    what: "a chart's output, as Helm makes it",
    file: "helm-output.yaml",
    how: ["create", "--field-manager=helm"],
    services: ["store-web"],
  },
] as const;

/** Every kind that the examples have, and those that components make. */
const KINDS = [
  ["apps/v1", "deployments"],
  ["v1", "services"],
  ["v1", "serviceaccounts"],
  ["v1", "configmaps"],
  ["v1", "secrets"],
  ["autoscaling/v2", "horizontalpodautoscalers"],
  ["policy/v1", "poddisruptionbudgets"],
  ["networking.k8s.io/v1", "networkpolicies"],
] as const;

type Live = KubernetesObject & {
  readonly metadata: { readonly uid: string; readonly managedFields?: readonly { readonly manager: string }[] };
};

let root: string;
let cli: Cli;
let cluster: ClusterObjects;
let kubectl: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "fairlead-adopt-"));
  writeProject(
    root,
    ORIGINS.map(({ environment }) => environment),
  );
  cli = openCli(root);
  const started = await cli.run("cluster", "start");
  expect(started.status, started.stderr).toBe(0);
  kubectl = (await ensureParts(["kubectl"])).get("kubectl")?.file ?? "kubectl";
  cluster = clusterObjects(cli.kubeconfig);
});

afterAll(async () => {
  await cli.close();
  rmSync(root, { recursive: true });
});

describe.each(ORIGINS)("$what", ({ environment, file, how, services }) => {
  const namespace = namespaceOf(environment);
  const written = (name: string) => join(root, "adopted", environment, name);
  let before: ReadonlyMap<string, string>;
  let addresses: ReadonlyMap<string, unknown>;

  const live = async () =>
    (await Promise.all(KINDS.map(([version, plural]) => cluster.list(version, plural, namespace)))).flatMap(
      (objects, index) => objects.map((object) => ({ kind: KINDS[index]?.[1] ?? "", object: object as Live })),
    );
  const uids = async () => {
    const found = (await live()).map(({ kind, object }) => [`${kind}/${object.metadata.name}`, object] as const);
    const namespaces = (await cluster.list("v1", "namespaces")) as readonly Live[];
    const own = namespaces
      .filter(({ metadata }) => metadata.name === namespace)
      .map((one) => ["namespace", one] as const);
    return new Map<string, string>([...own, ...found].map(([key, { metadata }]) => [key, metadata.uid]));
  };
  const serviceAddresses = async () => {
    const found = (await cluster.list("v1", "services", namespace)) as readonly Service[];
    return new Map(
      found.map(({ metadata, spec }) => [metadata.name, [spec?.clusterIP, spec?.ports?.map(({ port }) => port)]]),
    );
  };

  beforeAll(async () => {
    const run = (...args: readonly string[]) =>
      execFileSync(kubectl, ["--kubeconfig", cli.kubeconfig, "--namespace", namespace, ...args], { stdio: "pipe" });
    run("create", "namespace", namespace);
    run(...how, "-f", join(EXAMPLES, file));
    for (const name of services) run("rollout", "status", `deployment/${name}`, "--timeout=120s");
    before = await uids();
    addresses = await serviceAddresses();
    expect(before.size).toBeGreaterThanOrEqual(7);
  });

  test("adopt writes entries, settings and the list, and changes nothing", async () => {
    const adopted = await cli.run("adopt", join(EXAMPLES, file), "--environment", environment, "--owner", "checkout");
    expect(adopted.status, adopted.stderr).toBe(0);
    expect(adopted.stdout).toContain("none to replace");
    const texts = ["services.ts", "settings.yaml", "import.json"].map((name) => readFileSync(written(name), "utf8"));
    expect(texts.join() + adopted.stdout).not.toContain("only-the-cluster-knows");
    copyFileSync(written("settings.yaml"), join(root, `Pulumi.${environment}.yaml`));
    expect(await uids()).toEqual(before);
  });

  test("import takes the objects into the state, once", async () => {
    const taken = await cli.run("import", environment, written("import.json"));
    expect(taken.status, taken.stderr).toBe(0);
    expect(taken.stdout).toMatch(/^\d+ taken into the state/);
    expect(taken.stdout).not.toContain("not in the cluster");
    const again = await cli.run("import", environment, written("import.json"));
    expect(again.stdout).toMatch(/^0 taken into the state of \w+; \d+ were in it/);
  });

  test("without the kept selector preview says replace: the proof can fail", async () => {
    const text = readFileSync(written("services.ts"), "utf8");
    writeFileSync(written("services.ts"), text.replace(/^ {6}selector: .*\n/m, ""));
    try {
      const preview = await cli.run("preview", environment);
      expect(preview.status, preview.stderr).toBe(0);
      expect(preview.stdout).toMatch(/^ {2}! deployment \(Deployment\)/m);
    } finally {
      writeFileSync(written("services.ts"), text);
    }
  });

  test("preview replaces and deletes nothing", async () => {
    const preview = await cli.run("preview", environment);
    expect(preview.status, preview.stderr).toBe(0);
    expect(preview.stdout).toMatch(/\d+ to update/);
    expect(preview.stdout).not.toMatch(/^ {2}[!-] |to replace|to delete/m);
  });

  test("up leaves every object what it was, by uid, where callers know it", async () => {
    const up = await cli.run("up", environment);
    expect(up.status, up.stderr).toBe(0);
    const after = await uids();
    for (const [object, uid] of before) expect(after.get(object), object).toBe(uid);
    const now = await serviceAddresses();
    for (const [service, address] of addresses) expect(now.get(service), service).toEqual(address);
  });

  test("nothing of the old description stays in a pod, and nobody else owns it", async () => {
    const deployments = (await live()).filter(({ kind }) => kind === "deployments").map(({ object }) => object);
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(services);
    for (const deployment of deployments) {
      const pod = (deployment as unknown as Deployment).spec?.template.spec;
      expect(pod?.containers.map(({ name }) => name)).toEqual([deployment.metadata.name]);
      expect(pod?.containers[0]?.env?.map(({ name }) => name)).not.toContain("POD_IP");
      const managers = (deployment.metadata.managedFields ?? []).map(({ manager }) => manager);
      expect(managers.filter((manager) => !/^(pulumi-|kube-)/.test(manager))).toEqual([]);
    }
  });

  test("a second up changes nothing", async () => {
    const again = await cli.run("up", environment);
    expect(again.status, again.stderr).toBe(0);
    expect(again.stderr).toContain("nothing to change");
  });
});
