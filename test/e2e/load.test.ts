import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inside, itemsInside } from "../../components/core/plain.ts";
import { NAMESPACE } from "../../demo/environment.ts";
import { type Forward, forward } from "../../demo/forward.ts";
import { placeOrder } from "../../demo/shopping.ts";
import { ROOT } from "../integration/cli.ts";
import { until } from "../integration/observability/server.ts";
import { writeSmallProject } from "../integration/small-project.ts";
import { type Answer, answersOf, silent, summary } from "./dashboards.ts";
import { type K6, openK6 } from "./k6.ts";
import { openShop, type Shop } from "./shop.ts";

const SERVICES = ["user", "order", "payment", "inventory", "shipment"];
const GATEWAY = "envoy-gateway-system";
/** The component waits 300 s before it takes pods away; nobody learns more from the other 285. */
const SCALE = { min: 1, max: 3, scaleDownWindow: 15 };

let folder: string;
let shop: Shop;
let k6: K6;
let script: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-load-"));
  writeSmallProject(
    folder,
    "demo",
    `export { program } from ${JSON.stringify(join(ROOT, "demo/infra/program.ts"))};\n`,
  );
  // JSON is YAML.
  const config = { "demo:services": { user: { scale: SCALE } } };
  writeFileSync(join(folder, "Pulumi.dev.yaml"), JSON.stringify({ config }));
  shop = await openShop({}, folder);
  k6 = await openK6(shop, GATEWAY);
  script = join(folder, "load/user.js");
  const { status, stderr } = await shop.cli.run("load", "dev", "user", "--out", script);
  expect(status, stderr).toBe(0);
});

afterAll(async () => {
  await shop?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Pod {
  readonly name: string;
  readonly ready: boolean;
}

async function podsOf(service: string): Promise<readonly Pod[]> {
  const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app.kubernetes.io%2Fname%3D${service}`;
  return itemsInside(await shop.running.api(path), "items").flatMap((pod) =>
    inside(pod, "metadata", "deletionTimestamp") === undefined
      ? [
          {
            name: String(inside(pod, "metadata", "name")),
            ready: itemsInside(pod, "status", "conditions").some(
              (one) => inside(one, "type") === "Ready" && inside(one, "status") === "True",
            ),
          },
        ]
      : [],
  );
}

const readyPods = async (service: string) => (await podsOf(service)).filter(({ ready }) => ready).length;

describe("idle services", () => {
  test("say how long they take to be ready and how much memory they need", async () => {
    const lines: string[] = [];
    for (const service of SERVICES) {
      const used = await until(() => shop.inside.usage(service));
      const before = new Set((await podsOf(service)).map(({ name }) => name));
      const annotations = { "fairlead.dev/cold-start": new Date().toISOString() };
      await shop.running.api(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${service}`, {
        method: "PATCH",
        body: { spec: { template: { metadata: { annotations } } } },
        contentType: "application/strategic-merge-patch+json",
      });
      // The API's own times are whole seconds.
      const made = await firstSeen(service, (pod) => !before.has(pod.name));
      const ready = await firstSeen(service, (pod) => !before.has(pod.name) && pod.ready);
      lines.push(
        `${service}: ready ${((ready - made) / 1000).toFixed(2)} s after it was made, ${(used.memory / 1e6).toFixed(1)} MB idle`,
      );
      expect(used.memory, service).toBeLessThan(25e6);
    }
    console.log(lines.join("\n"));
    expect(lines).toHaveLength(SERVICES.length);
  });
});

async function firstSeen(service: string, is: (pod: Pod) => boolean): Promise<number> {
  for (;;) {
    if ((await podsOf(service)).some(is)) return performance.now();
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

describe("a load test from the description", () => {
  test("holds its objectives while the autoscaler adds pods, and takes them away again", async () => {
    expect(await readyPods("user")).toBe(1);
    const judged = k6.run(script, { RATE: "600", RAMP: "15s", HOLD: "60s" });
    let most = 0;
    const scaled = until(async () => {
      most = Math.max(most, await readyPods("user"));
      return most >= 2 ? true : undefined;
    });
    const { status, said } = await judged;
    console.log(said);
    expect(status).toBe(0);
    expect(said).toMatch(/http_reqs\D+\d{5}/);
    await scaled;
    const begun = performance.now();
    await until(async () => ((await readyPods("user")) === SCALE.min ? true : undefined));
    console.log(
      `${most} pods under load; back to ${SCALE.min} after ${((performance.now() - begun) / 1000).toFixed(0)} s`,
    );
    // A tenth of the pods goes a minute, which is one of so few.
  }, 480_000);

  test.each([
    ["fails", { errors: 0.05 }, "http_req_failed"],
    ["is slow", { latency: "900ms" }, "http_req_duration"],
  ])("ends with 99 when the service %s", async (_, fault, metric) => {
    await until(async () => ((await readyPods("user")) === SCALE.min ? true : undefined));
    const user = await way("user");
    const set = (method: string, body?: object) =>
      fetch(`${user.address}/faults`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    try {
      expect((await set("PUT", fault)).status).toBe(200);
      const { status, said } = await k6.run(script, { RATE: "40", RAMP: "2s", HOLD: "8s" });
      expect(said).toMatch(new RegExp(`thresholds on metrics '.*${metric}`));
      expect(status).toBe(99);
    } finally {
      await set("DELETE");
      user.close();
    }
  });
});

const way = (name: string): Promise<Forward> =>
  forward(shop.running.kubeconfig, shop.running.api, { namespace: NAMESPACE, name, port: 8080 });

describe("dashboards, asked of the environment's own Prometheus", () => {
  // What moves slowly is recorded every five minutes, of points 4.5 minutes apart: ten minutes until there is a number.
  test("have numbers in every picture that somebody tells something for", async () => {
    const [order, user] = [await way("order"), await way("user")];
    let answers: readonly Answer[] = [];
    for (let look = 0; look < 300; look++) {
      await placeOrder(order.address, look);
      await fetch(`${user.address}/users/ada`);
      answers = await answersOf(shop.running.api, shop.ways.prometheus.address, {
        namespace: NAMESPACE,
        service: "user",
      });
      if (silent(answers).length === 0) break;
      await new Promise((wake) => setTimeout(wake, 2000));
    }
    order.close();
    user.close();
    expect(answers.length).toBeGreaterThan(30);
    console.log(summary(answers));
    expect(silent(answers)).toEqual([]);
  }, 900_000);

  test("the heat map has requests in several buckets, and nothing of a service that is not there", async () => {
    const of = async (service: string) =>
      (await answersOf(shop.running.api, shop.ways.prometheus.address, { namespace: NAMESPACE, service })).filter(
        ({ kind }) => kind === "heatmap",
      );
    expect((await of("user")).map(({ dashboard }) => dashboard)).toEqual([expect.stringContaining("load-test")]);
    for (const { numbers } of await of("user")) expect(numbers).toBeGreaterThan(5);
    for (const { numbers } of await of("nobody")) expect(numbers).toBe(0);
  });
});
