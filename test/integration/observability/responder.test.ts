import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  alertResponder,
  alertRoutingFile,
  type Deployment,
  type HorizontalPodAutoscaler,
} from "../../../components/index.ts";
import { ensureParts } from "../../../toolchain/index.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import { type Notified, openNotified } from "./notified.ts";
import { namespace, openPlace, type Place, services } from "./responder-place.ts";
import { serve, until } from "./server.ts";

const steps = { diagnose: {}, scale: { max: 8 }, isolate: {}, archive: true } as const;
const bucket = { bucket: "alerts", host: "s3.example.com", region: "eu-central-1", secrets: {} };
const props = {
  name: "responder",
  namespace,
  image: "registry.example.com/platform/responder:1.0.0",
  services,
  steps,
  storage: bucket,
  token: { secret: "responder", key: "token" },
  cooldown: "1s",
};
const responder = alertResponder(props);
let place: Place;

beforeAll(async () => {
  place = await openPlace(responder);
});
afterAll(() => place?.close());

let begun = 0;

/** An alert of ours as Alertmanager tells of it. */
function alert(service: string, actions: string, labels: Readonly<Record<string, string>> = {}) {
  begun++;
  return {
    status: "firing",
    fingerprint: `fingerprint${begun}`,
    startsAt: new Date().toISOString(),
    labels: { alertname: "Test", namespace, service, severity: "page", actions, ...labels },
    annotations: { summary: `${service} is slow` },
  };
}

const order = services.order;
const fewest = async () =>
  ((await place.cluster.read(order.autoscaler as HorizontalPodAutoscaler)) as HorizontalPodAutoscaler).spec
    ?.minReplicas;
const replicas = async () => ((await place.cluster.read(services.user.deployment)) as Deployment).spec?.replicas;
const becomes = (wanted: unknown, ask: () => Promise<unknown>) =>
  until(async () => ((await ask()) === wanted ? true : undefined));

type Event = { readonly reason: string; readonly message: string; readonly involvedObject: { readonly name: string } };

/** What it said it did, as the guide says where to look. */
async function events(): Promise<readonly Event[]> {
  const found = await place.api(`/api/v1/namespaces/${namespace}/events?fieldSelector=source%3Dresponder`);
  return (found as { readonly items: readonly Event[] }).items;
}

/** Waits for an Event. */
const event = (reason: string, about: string) =>
  until(async () => (await events()).find((one) => one.reason === reason && one.involvedObject.name === about));

describe("scaling", () => {
  test("two more pods run while the alert fires, and its autoscaler is as before afterwards", async () => {
    const one = alert("order", "scale");
    expect(await place.notify([one])).toBe(202);
    await becomes(5, fewest);
    await becomes(5, async () => (await place.ready("order")).length);
    // Alertmanager says it again and again, and once more to a process that has just begun.
    expect(await place.notify([one])).toBe(202);
    await place.restart();
    expect(await place.notify([one, { ...one, status: "resolved" }])).toBe(202);
    await becomes(3, fewest);
    expect((await event("AlertScale", "order")).message).toContain("from 3 to 5");
    expect((await event("AlertUndoScale", "order")).message).toContain("back from 5 to 3");
  });

  test("a service without autoscaler gets them through its scale, and loses them again", async () => {
    const one = alert("user", "scale");
    await place.notify([one]);
    await becomes(4, replicas);
    await becomes(4, async () => (await place.ready("user")).length);
    await place.notify([{ ...one, status: "resolved" }]);
    await becomes(2, replicas);
    await becomes(2, async () => (await place.ready("user")).length);
  });
});

describe("isolating", () => {
  test("one pod leaves its service to be looked at, and its ReplicaSet replaces it", async () => {
    const before = await until(async () => {
      const pods = await place.ready("order");
      return pods.length >= 3 ? pods : undefined;
    });
    const [chosen] = before;
    if (chosen === undefined) throw new Error("order has no pod");
    await place.notify([alert("order", "isolate", { pod: chosen.metadata.name })]);
    await event("AlertIsolate", chosen.metadata.name);
    const after = await place.pod(chosen.metadata.name);
    expect(after.metadata.labels).toMatchObject({ "fairlead.dev/isolated": "order" });
    expect(after.metadata.labels).not.toHaveProperty(["app.kubernetes.io/name"]);
    expect(after.spec.activeDeadlineSeconds).toBeGreaterThan(4 * 3600 - 1);
    await becomes(before.length, async () => (await place.ready("order")).length);
    await until(async () => {
      const pod = await place.pod(chosen.metadata.name);
      return pod.metadata.ownerReferences === undefined ? true : undefined;
    });
  });

  test("where too few would be left, none leaves", async () => {
    const [chosen] = await place.ready("user");
    const name = chosen?.metadata.name ?? "";
    await place.notify([alert("user", "isolate", { pod: name })]);
    expect((await event("AlertIsolateRefused", name)).message).toContain("only 1 other pods are ready");
    expect((await place.ready("user")).length).toBe(2);
  });
});

test("profiles of a running Go program and the report are in the bucket", async () => {
  const [pod] = await place.ready("user");
  const name = pod?.metadata.name ?? "";
  // The pods are played: their address becomes that of a program that runs.
  await place.api(`/api/v1/namespaces/${namespace}/pods/${name}/status`, {
    method: "PATCH",
    body: { status: { podIP: "127.0.0.1", podIPs: [{ ip: "127.0.0.1" }] } },
    contentType: "application/merge-patch+json",
  });
  const one = alert("user", "diagnose", { pod: name });
  await place.notify([one]);
  const keys = await until(async () => {
    const found = (await place.keys()).filter((key) => key.includes(one.fingerprint));
    return found.length === 4 ? found : undefined;
  });
  const today = one.startsAt.slice(0, 10);
  const folder = new RegExp(`^${today}/user/Test-\\d{6}-${one.fingerprint}/`);
  expect(keys.map((key) => key.replace(folder, ""))).toEqual([
    `goroutine-${name}.pb.gz`,
    `heap-${name}.pb.gz`,
    "report.json",
    "report.md",
  ]);
  const [goroutines = "", heap = "", report = "", page = ""] = keys;
  expect(gunzipSync(await place.stored(heap)).includes("inuse_space")).toBe(true);
  expect(gunzipSync(await place.stored(goroutines)).includes("net/http.(*Server).Serve")).toBe(true);
  const read = JSON.parse((await place.stored(report)).toString());
  expect(read).toMatchObject({ alert: "Test", service: "user", outcomes: [{ action: "diagnose", result: "done" }] });
  expect(read.pods.map((seen: { name: string }) => seen.name)).toContain(name);
  expect((await place.stored(page)).toString()).toContain("> user is slow");
});

describe("what it may not do", () => {
  const path = (rest: string) => `/api/v1/namespaces/${namespace}/${rest}`;

  test("nobody without the token is heard", async () => {
    expect(await place.notify([alert("order", "scale")], "another")).toBe(401);
  });

  test("its service account is refused what no step needs", async () => {
    const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/user`;
    expect((await place.asResponder("PATCH", deployment, { spec: { replicas: 0 } })).status).toBe(403);
    expect((await place.asResponder("GET", path("secrets"))).status).toBe(403);
    expect((await place.asResponder("GET", "/api/v1/namespaces/kube-system/pods")).status).toBe(403);
    const [pod] = await place.ready("order");
    expect((await place.asResponder("DELETE", path(`pods/${pod?.metadata.name}`))).status).toBe(403);
    // And one that it is not refused, so that the others mean something.
    expect((await place.asResponder("GET", path("pods"))).status).toBe(200);
  });

  test("a right to patch changes labels of a pod and no image, the fewest pods and not the most", async () => {
    const [pod] = await place.ready("order");
    const name = pod?.metadata.name ?? "";
    const containers = pod?.spec.containers ?? [];
    const other = {
      spec: { containers: containers.map((one) => ({ ...one, image: "registry.example.com/other:1" })) },
    };
    const image = await place.asResponder("PATCH", path(`pods/${name}`), other);
    expect(image.status).toBe(422);
    expect(image.body).toContain("and nothing that runs");
    const labels = { metadata: { labels: { looked: "at" } } };
    expect((await place.asResponder("PATCH", path(`pods/${name}`), labels)).status).toBe(200);
    const hpa = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/order`;
    const most = await place.asResponder("PATCH", hpa, { spec: { maxReplicas: 99 } });
    expect(most.body).toContain("and nothing else");
  });

  test("a step whose rights are not given is refused by the API server, and it says so", async () => {
    const { isolate: _, ...others } = steps;
    await place.cluster.apply(alertResponder({ ...props, steps: others }).role);
    const [pod] = await place.ready("order");
    const name = pod?.metadata.name ?? "";
    // The API server's authorizer learns of it a moment later.
    await becomes(403, async () => (await place.asResponder("PATCH", path(`pods/${name}`), {})).status);
    await place.notify([alert("order", "isolate", { pod: name })]);
    expect((await event("AlertIsolateFailed", name)).message).toContain("forbidden");
    expect((await place.pod(name)).metadata.labels).toHaveProperty(["app.kubernetes.io/name"]);
    await place.cluster.apply(responder.role);
  });
});

test("a real Alertmanager brings it there by the generated route, and tells people all the same", async () => {
  const told: Notified = await openNotified();
  const soon = { wait: "1s", interval: "1s", repeat: "1h" };
  const file = alertRoutingFile(
    {
      name: "alerting",
      namespace,
      owner: "platform",
      receivers: { chat: { webhook: { url: `${told.address}/chat` } } },
      owners: { checkout: { page: ["chat"], ticket: ["chat"] } },
      fallback: ["chat"],
      grouping: { page: soon },
      responder: { url: place.url, token: { secret: ".", key: "token" } },
    },
    { secrets: place.folder },
  );
  writeFileSync(join(place.folder, "alertmanager.yml"), file);
  const [port = 0] = await freePorts(1);
  const address = `http://127.0.0.1:${port}`;
  const program = (await ensureParts(["alertmanager"])).get("alertmanager")?.file ?? "alertmanager";
  const alertmanager = await serve(
    program,
    [
      "--config.file=alertmanager.yml",
      "--storage.path=alertmanager",
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    { folder: place.folder, address, ready: "/-/ready" },
  );
  try {
    expect(await replicas()).toBe(2);
    const { labels, annotations } = alert("user", "scale", { owner: "checkout" });
    const other = { ...labels, alertname: "Other", actions: "" };
    const sent = await fetch(`${address}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{ labels, annotations }, { labels: other }]),
    });
    expect(sent.status).toBe(200);
    await becomes(4, replicas);
    const hook = await until(() => told.hooks["/chat"]?.[0]);
    expect(hook.alerts.map(({ labels }) => labels["alertname"]).sort()).toEqual(["Other", "Test"]);
  } finally {
    await alertmanager.stop();
    await told.stop();
  }
});
