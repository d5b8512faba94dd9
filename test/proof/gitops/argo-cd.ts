import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "../../../components/index.ts";
import { ensureParts } from "../../../toolchain/index.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import type { ClusterObjects } from "../../integration/objects.ts";

/** Argo CD's controllers as processes of this machine, on a cluster that they believe to run in. */
export interface ArgoCd {
  /** Everything that a controller said. */
  readonly said: (name: string) => string;
  readonly stop: () => Promise<void>;
}

/** What Argo CD wants to find in its namespace; its own manifests make the same, with comments for values. */
function configuration(namespace: string): readonly KubernetesObject[] {
  const labels = { "app.kubernetes.io/part-of": "argocd" };
  const map = (name: string, data: Readonly<Record<string, string>> = {}) => {
    return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels }, data };
  };
  return [
    map("argocd-cm", { "timeout.reconciliation": "10s", "timeout.reconciliation.jitter": "0s" }),
    map("argocd-rbac-cm"),
    map("argocd-cmd-params-cm"),
    map("argocd-gpg-keys-cm"),
    map("argocd-ssh-known-hosts-cm", { ssh_known_hosts: "" }),
    map("argocd-tls-certs-cm"),
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "argocd-secret", namespace, labels },
      stringData: { "server.secretkey": "of this test alone" },
    } as KubernetesObject,
  ];
}

/**
 * Starts the application controller, the ApplicationSet controller, the repo server and their cache.
 * @param place A folder for their files and logs.
 */
export async function startArgoCd(
  cluster: ClusterObjects,
  kubeconfig: string,
  namespace: string,
  place: string,
): Promise<ArgoCd> {
  const parts = await ensureParts(["argocd", "miniredis"]);
  for (const object of configuration(namespace)) await cluster.apply(object);
  const [redis, repo, ...others] = (await freePorts(8)).map(String) as [string, string, ...string[]];
  const [repoMetrics, metrics, setMetrics, setProbe, webhook] = others;
  for (const folder of ["bin", "logs", "tmp", "home"]) mkdirSync(join(place, folder), { recursive: true });
  const processes = new Map<string, ChildProcess>();
  const log = (name: string) => join(place, "logs", `${name}.log`);
  const start = (name: string, file: string, args: readonly string[]) => {
    const child = spawn(file, args, {
      cwd: place,
      env: {
        ...process.env,
        KUBECONFIG: kubeconfig,
        // Upstream's own way to run it outside of a cluster.
        ARGOCD_FAKE_IN_CLUSTER: "true",
        ARGOCD_GPG_ENABLED: "false",
        TMPDIR: join(place, "tmp"),
        HOME: join(place, "home"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out = createWriteStream(log(name));
    child.stdout?.pipe(out);
    child.stderr?.pipe(out);
    processes.set(name, child);
  };
  const controller = (name: string, args: readonly string[]) => {
    // One program, which looks at the name that it is called by.
    const file = join(place, "bin", name);
    symlinkSync(parts.get("argocd")?.file ?? "", file);
    start(name, file, [...args, "--loglevel", "info", "--logformat", "text"]);
  };
  start("redis", parts.get("miniredis")?.file ?? "", [`127.0.0.1:${redis}`]);
  const inCluster = ["--kubeconfig", kubeconfig, "--namespace", namespace];
  const cache = ["--redis", `127.0.0.1:${redis}`];
  const repoServer = `127.0.0.1:${repo}`;
  controller("argocd-repo-server", [
    "--disable-tls",
    ...["--address", "127.0.0.1", "--port", String(repo), "--metrics-address", "127.0.0.1"],
    ...["--metrics-port", String(repoMetrics), ...cache],
  ]);
  controller("argocd-application-controller", [
    ...inCluster,
    ...cache,
    ...["--repo-server", repoServer, "--repo-server-plaintext", "--metrics-port", String(metrics)],
    ...["--app-resync", "10", "--app-resync-jitter", "0"],
  ]);
  controller("argocd-applicationset-controller", [
    ...inCluster,
    ...["--argocd-repo-server", repoServer, "--repo-server-plaintext"],
    ...["--metrics-addr", `127.0.0.1:${setMetrics}`, "--probe-addr", `127.0.0.1:${setProbe}`],
    ...["--webhook-addr", `127.0.0.1:${webhook}`],
  ]);
  return {
    said: (name) => readFileSync(log(name), "utf8"),
    stop: async () => {
      for (const child of processes.values()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const exit = once(child, "exit");
        child.kill("SIGKILL");
        await exit;
      }
    },
  };
}
