import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alertRoutingFile, deliveryNotifications, type KubernetesObject } from "../../../components/index.ts";
import { toYaml } from "../../../components/yaml/index.ts";
import { ensureParts } from "../../../toolchain/index.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import { listen, type Served, serve, until } from "../../integration/observability/server.ts";
import { run } from "../../integration/process.ts";

/** An Application whose sync failed, as its controller leaves it. */
const failed = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: {
    name: "prod-order",
    namespace: "argocd",
    labels: { "app.kubernetes.io/name": "order", "fairlead.dev/owner": "checkout" },
  },
  spec: {
    project: "prod-checkout",
    source: { repoURL: "https://git.example.com/shop/shop.git", path: "deploy/prod/order" },
    destination: { namespace: "shop-prod" },
  },
  status: {
    operationState: { phase: "Failed", message: 'one object failed to apply: "order": and more' },
    sync: { status: "OutOfSync", revision: "0123abc" },
    health: { status: "Healthy" },
  },
} as KubernetesObject;

/** Path -> what Alertmanager sent there. */
const arrived: Record<string, string[]> = {};
let outside: Served;
let alertmanager: Served;
let work: string;
let notify: (...args: readonly string[]) => ReturnType<typeof run>;

beforeAll(async () => {
  const parts = await ensureParts(["argocd", "alertmanager"]);
  work = mkdtempSync(join(tmpdir(), "fairlead-notify-"));
  outside = await listen((request, body) => {
    const path = request.url ?? "";
    arrived[path] = [...(arrived[path] ?? []), body];
    return { body: "" };
  });
  const hook = (name: string) => ({ webhook: { url: `${outside.address}/${name}` } });
  const receivers = { checkout: hook("checkout"), identity: hook("identity"), nobody: hook("nobody") };
  const routing = alertRoutingFile({
    name: "alerting",
    namespace: "shop-prod",
    owner: "platform",
    receivers,
    owners: {
      checkout: { page: ["nobody"], ticket: ["checkout"] },
      identity: { page: ["nobody"], ticket: ["identity"] },
    },
    fallback: ["nobody"],
    grouping: { ticket: { wait: "1s" } },
  });
  writeFileSync(join(work, "alertmanager.yml"), routing);
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  mkdirSync(join(work, "data"));
  alertmanager = await serve(
    parts.get("alertmanager")?.file ?? "",
    [
      "--config.file=alertmanager.yml",
      `--web.listen-address=${address}`,
      "--cluster.listen-address=",
      "--storage.path=data",
    ],
    { folder: work, address: `http://${address}`, ready: "/-/ready" },
  );
  const { config } = deliveryNotifications({
    name: "notifications",
    namespace: "argocd",
    owner: "platform",
    alertmanagers: [address],
    routedBy: "shop-prod",
  });
  writeFileSync(join(work, "config.yaml"), toYaml([config]));
  writeFileSync(join(work, "application.yaml"), toYaml([failed]));
  // The command line wants a cluster, and asks it for nothing that it is given as a file.
  const cluster = { name: "none", cluster: { server: "http://127.0.0.1:1" } };
  const context = { name: "none", context: { cluster: "none", user: "none", namespace: "argocd" } };
  const users = [{ name: "none", user: {} }];
  writeFileSync(
    join(work, "kubeconfig"),
    JSON.stringify({ clusters: [cluster], contexts: [context], users, "current-context": "none" }),
  );
  const given = ["--config-map", "config.yaml", "--secret", ":empty", "--kubeconfig", join(work, "kubeconfig")];
  notify = (...args) =>
    run(parts.get("argocd")?.file ?? "", ["admin", "notifications", ...args, ...given], {
      cwd: work,
      env: { HOME: work, KUBECONFIG: join(work, "kubeconfig") },
    });
});

afterAll(async () => {
  await alertmanager?.stop();
  await outside?.stop();
  rmSync(work, { recursive: true, force: true });
});

test.each([
  ["on-sync-failed", "true"],
  ["on-health-degraded", "false"],
  ["on-sync-unknown", "false"],
])("Argo CD's own engine finds that %s is %s", async (trigger, holds) => {
  const { status, stdout, stderr } = await notify("trigger", "run", trigger, "application.yaml");
  expect(status, stderr).toBe(0);
  expect(stdout.trimEnd().split("\n").at(-1)).toMatch(new RegExp(`${holds}$`));
});

test("a delivery that failed reaches whom the owner's tickets reach, and nobody else", async () => {
  const sent = await notify(
    "template",
    "notify",
    "on-sync-failed",
    "application.yaml",
    "--recipient",
    "alertmanager:x",
  );
  expect(sent.status, sent.stderr).toBe(0);
  const message = JSON.parse(await until(() => arrived["/checkout"]?.[0])) as { readonly alerts: readonly object[] };
  expect(message.alerts).toEqual([
    expect.objectContaining({
      labels: {
        alertname: "DeliveryFailed",
        namespace: "shop-prod",
        owner: "checkout",
        service: "order",
        severity: "ticket",
      },
      annotations: expect.objectContaining({ description: 'one object failed to apply: "order": and more' }),
    }),
  ]);
  expect(Object.keys(arrived)).toEqual(["/checkout"]);
});
