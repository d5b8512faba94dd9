import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { KubernetesObject } from "../../../components/index.ts";
import { type ClusterApi, clusterApi, readKubeconfig } from "../../../toolchain/cluster-api.ts";
import type { ClusterObjects } from "../../integration/objects.ts";

type Pod = KubernetesObject & {
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    }[];
  };
};

/** The pods' load, as the API server hands it to autoscalers: there is no kubelet whom it could be asked of. */
export interface Load {
  /** Of every pod, as a share of its requested CPU. */
  set(share: number): void;
  readonly close: () => void;
}

const GROUP = "metrics.k8s.io/v1beta1";

/** Serves metrics.k8s.io behind the API server's aggregation layer, as metrics-server does. */
export async function playLoad(cluster: ClusterObjects, kubeconfig: string, folder: string): Promise<Load> {
  let share = 0.5;
  const api = clusterApi(readKubeconfig(kubeconfig));
  const key = join(folder, "load.key");
  const cert = join(folder, "load.crt");
  const subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-keyout", key, "-out", cert, ...subject], {
    stdio: "pipe",
  });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    void answer(api, request.url ?? "/", share).then(
      (body) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const service = { name: "load", namespace: "kube-system" };
  for (const object of [
    { apiVersion: "v1", kind: "Service", metadata: service, spec: { type: "ExternalName", externalName: "localhost" } },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io" },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        service: { ...service, port },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    },
  ]) {
    await cluster.apply(object);
  }
  return {
    set: (next) => {
      share = next;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(api: ClusterApi, url: string, share: number): Promise<unknown> {
  const { pathname, searchParams } = new URL(url, "https://localhost");
  const [, namespace] = /\/namespaces\/([^/]+)\/pods$/.exec(pathname) ?? [];
  if (namespace === undefined) {
    const resources = [
      { name: "pods", singularName: "", namespaced: true, kind: "PodMetrics", verbs: ["get", "list"] },
    ];
    return { kind: "APIResourceList", apiVersion: "v1", groupVersion: GROUP, resources };
  }
  const selector = encodeURIComponent(searchParams.get("labelSelector") ?? "");
  const list = (await api(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)) as {
    readonly items: readonly Pod[];
  };
  const timestamp = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  return {
    kind: "PodMetricsList",
    apiVersion: GROUP,
    metadata: {},
    items: list.items.map(({ metadata, spec }) => ({
      metadata: { name: metadata.name, namespace, labels: metadata.labels },
      timestamp,
      window: "15s",
      containers: spec.containers.map(({ name, resources }) => ({
        name,
        usage: { cpu: `${Math.round(share * milli(resources?.requests?.["cpu"] ?? "100m"))}m`, memory: "32Mi" },
      })),
    })),
  };
}

function milli(cpu: string): number {
  return cpu.endsWith("m") ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
}
