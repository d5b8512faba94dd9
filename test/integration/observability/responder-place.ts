import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { toYamlValue } from "../../../components/core/yaml-text.ts";
import {
  type AlertResponderObjects,
  type ConfigMap,
  type KubernetesObject,
  microservice,
  teamNamespace,
} from "../../../components/index.ts";
import { type ClusterApi, clusterApi, readKubeconfig } from "../../../toolchain/cluster-api.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import { type Cli, openCli } from "../cli.ts";
import { type ClusterObjects, clusterObjects } from "../objects.ts";
import { goServices } from "../services.ts";
import { type Served, serve, until } from "./server.ts";

export const namespace = "shop";
const image = "registry.example.com/shop/order:1.0.0";
const TOKEN = "the-token-of-alertmanager";
const BUCKET = "alerts";

const common = { namespace, image, ports: { http: 8080 }, debug: { pprof: true } } as const;
/** One that an autoscaler scales, and one that nobody does. */
export const services = {
  order: microservice({ ...common, name: "order", scale: { min: 3, max: 12 } }),
  user: microservice({ ...common, name: "user", replicas: 2 }),
};

/** A pod as far as it is looked at. */
export type Pod = KubernetesObject & {
  readonly metadata: { readonly ownerReferences?: readonly unknown[] };
  readonly spec: { readonly activeDeadlineSeconds?: number; readonly containers: readonly object[] };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

/** A cluster with two services in it, a bucket, and a responder beside it that is nobody but its service account. */
export interface Place {
  readonly cli: Cli;
  readonly cluster: ClusterObjects;
  /** As administrator. */
  readonly api: ClusterApi;
  readonly folder: string;
  /** Where the responder takes alerts, and the file of the token that it expects. */
  readonly url: string;
  readonly tokenFile: string;
  /** Sends a notification as Alertmanager does; the status of the answer. */
  readonly notify: (alerts: readonly object[], token?: string) => Promise<number>;
  /** Asks the API server as the responder's service account. */
  readonly asResponder: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: string }>;
  readonly ready: (service: string) => Promise<readonly Pod[]>;
  readonly pod: (name: string) => Promise<Pod>;
  /** What the bucket holds. */
  readonly keys: () => Promise<readonly string[]>;
  readonly stored: (key: string) => Promise<Buffer>;
  /** Ends the responder and starts it again. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function openPlace(responder: AlertResponderObjects): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-responder-"));
  await goServices("build", "-o", `${folder}/`, "./responder", "./internal/fakestore");
  const cli = openCli();
  const started = await cli.run("cluster", "start");
  if (started.status !== 0) throw new Error(started.stderr);
  const cluster = clusterObjects(cli.kubeconfig);
  const credentials = readKubeconfig(cli.kubeconfig);
  const api = clusterApi(credentials);
  await cluster.apply(teamNamespace({ name: namespace }).namespace);
  for (const objects of Object.values(services)) {
    for (const object of Object.values(objects)) await cluster.apply(object);
  }
  const { serviceAccount, state, role, roleBinding, policy, policyBinding } = responder;
  for (const object of [serviceAccount, state, role, roleBinding, policy, policyBinding]) {
    if (object !== undefined) await cluster.apply(object);
  }
  const [port = 0, profiles = 0, objects = 0] = await freePorts(3);
  const address = `http://127.0.0.1:${port}`;
  const bucket = `http://127.0.0.1:${objects}`;
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, TOKEN);
  const own = await tokenOf(api, serviceAccount.metadata.name);
  writeFileSync(join(folder, "kubeconfig"), kubeconfigOf(credentials, own));
  const config = parse(String((responder["config"] as ConfigMap).data?.["responder.yaml"]));
  const here = {
    ...config,
    listen: `127.0.0.1:${port}`,
    tokenFile,
    every: "1s",
    // The responder's own profiles stand for those of the pods, which are played.
    diagnose: { ...config.diagnose, port: profiles },
    storage: { bucket: { ...config.storage.bucket, host: `127.0.0.1:${objects}`, plain: true } },
  };
  writeFileSync(join(folder, "responder.yaml"), toYamlValue(here));
  const env = {
    KUBECONFIG: join(folder, "kubeconfig"),
    PPROF_PORT: String(profiles),
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  const store = await serve(join(folder, "fakestore"), [`127.0.0.1:${objects}`, BUCKET], {
    folder,
    address: bucket,
    ready: "/",
  });
  const start = () =>
    serve(join(folder, "responder"), ["-config=responder.yaml"], { folder, address, ready: "/readyz", env });
  let running: Served = await start();
  const place: Place = {
    cli,
    cluster,
    api,
    folder,
    url: `${address}/alerts`,
    tokenFile,
    notify: async (alerts, token = TOKEN) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const body = JSON.stringify({ version: "4", alerts });
      return (await fetch(`${address}/alerts`, { method: "POST", headers, body })).status;
    },
    asResponder: (method, path, body) => asked(credentials, own, method, path, body),
    ready: async (service) =>
      ((await cluster.list("v1", "pods", namespace)) as readonly Pod[]).filter(
        ({ metadata, status }) =>
          metadata.labels?.["app.kubernetes.io/name"] === service &&
          status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
      ),
    // An item of a list does not say what it is.
    pod: async (name) => (await cluster.read({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace } })) as Pod,
    keys: async () => {
      const list = await (await fetch(`${bucket}/${BUCKET}`)).text();
      return [...list.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = ""]) => key);
    },
    stored: async (key) => Buffer.from(await (await fetch(`${bucket}/${BUCKET}/${key}`)).arrayBuffer()),
    restart: async () => {
      await running.stop();
      running = await start();
    },
    close: async () => {
      await running.stop();
      await store.stop();
      await cli.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await until(async () => ((await place.ready("order")).length === 3 ? true : undefined));
  await until(async () => ((await place.ready("user")).length === 2 ? true : undefined));
  return place;
}

/** What a pod of the account would find mounted. https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
async function tokenOf(api: ClusterApi, account: string): Promise<string> {
  const made = await api(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
    method: "POST",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } },
  });
  return (made as { readonly status: { readonly token: string } }).status.token;
}

type Credentials = ReturnType<typeof readKubeconfig>;

function kubeconfigOf({ server, ca }: Credentials, token: string): string {
  const authority = Buffer.from(ca).toString("base64");
  return toYamlValue({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "here", cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: "responder", user: { token } }],
    contexts: [{ name: "here", context: { cluster: "here", user: "responder" } }],
    "current-context": "here",
  });
}

function asked({ server, ca }: Credentials, token: string, method: string, path: string, body: unknown) {
  return new Promise<{ status: number; body: string }>((fulfil, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/merge-patch+json" };
    const call = request(new URL(path, server), { ca, method, headers }, (answer) => {
      let said = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      answer.on("end", () => fulfil({ status: answer.statusCode ?? 0, body: said }));
    });
    call.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}
