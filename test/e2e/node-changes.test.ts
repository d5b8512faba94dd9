import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inside, itemsInside } from "../../components/core/plain.ts";
import { NAMESPACE } from "../../demo/environment.ts";
import { placeOrder } from "../../demo/shopping.ts";
import { ask } from "../../demo/telemetry.ts";
import { loadImage } from "../../toolchain/index.ts";
import { nodeFiles } from "../../toolchain/node/layout.ts";
import { until } from "../integration/observability/server.ts";
import { openSturdyShop, type SturdyShop, seconds, TWICE } from "./broken.ts";

const CORE = `/api/v1/namespaces/${NAMESPACE}`;
const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}`;
const BUDGETS = `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets`;

let shop: SturdyShop;

beforeAll(async () => {
  shop = await openSturdyShop();
});

afterAll(() => shop?.close());

/** How many of so many orders at once are sent away, as more than the service takes. */
async function sentAway(orders = 40): Promise<number> {
  const { address } = shop.ways.order;
  const placed = await Promise.all(Array.from({ length: orders }, (_, index) => placeOrder(address, index)));
  return placed.filter(({ status }) => status === 429).length;
}

describe("configuration", () => {
  const order = { replicas: 2, config: { "limits.yaml": { requestsPerSecond: 2 } } };

  test("that is reloaded reaches the pods that run, and none of them is replaced", async () => {
    const pods = await shop.pods("order");
    expect(pods).toMatchObject([{ restarts: 0 }, { restarts: 0 }]);
    expect(await sentAway()).toBe(0);
    await shop.up({ ...TWICE, order });
    const begun = performance.now();
    // A kubelet looks at a pod's files about once a minute, and the program sees by itself that they have changed.
    await until(async () => {
      const reloads = await ask(
        shop.ways.prometheus.address,
        'config_reloads_total{job="order",outcome="changed"} > 0',
      );
      return new Set(reloads.map(([{ pod }]) => pod)).size === pods.length ? true : undefined;
    });
    console.log(`both pods have the new limit ${seconds(performance.now() - begun)} after up ended`);
    expect(await sentAway()).toBeGreaterThan(10);
    expect(await shop.pods("order")).toEqual(pods);
  });

  test("that is not reloaded replaces them: one would see it", async () => {
    const pods = await shop.pods("order");
    await shop.up({ ...TWICE, order: { replicas: 2, config: { "order.yaml": { timeout: "4s" } } } });
    await shop.whole("order");
    const now = (await shop.pods("order")).map(({ uid }) => uid);
    expect(now.filter((uid) => pods.some((pod) => pod.uid === uid))).toEqual([]);
    // The limit is the old one again.
    expect(await sentAway()).toBe(0);
  });
});

describe("an image by its digest", () => {
  const NAME = "registry.example.com/shop/user";
  const giveImage = (image: string) =>
    shop.running.api(`${APPS}/deployments/user`, {
      method: "PATCH",
      body: { spec: { template: { spec: { containers: [{ name: "user", image }] } } } },
      contentType: "application/strategic-merge-patch+json",
    });
  /** Why the container of a pod of that image does not start; undefined while it may yet. */
  const refusal = async (image: string) => {
    const found = itemsInside(await shop.running.api(`${CORE}/pods`), "items");
    const pod = found.find((one) => inside(itemsInside(one, "spec", "containers")[0], "image") === image);
    const waiting = inside(itemsInside(pod, "status", "containerStatuses")[0], "state", "waiting");
    // Between two tries it says only that it waits.
    return inside(waiting, "reason") === "ErrImagePull" ? String(inside(waiting, "message")) : undefined;
  };
  /** An image of the same program with some bytes more, so that no node has it yet. */
  async function anotherImage(version: string) {
    const binary = join(shop.cli.state, "bin", `user-${version}`);
    copyFileSync(join(shop.cli.state, "bin", "user"), binary);
    appendFileSync(binary, version);
    const path = "/user";
    return loadImage(join(shop.cli.state, "cluster"), { name: `${NAME}:${version}`, binary, path });
  }
  let old = "";

  beforeAll(async () => {
    const deployment = await shop.running.api(`${APPS}/deployments/user`);
    old = String(inside(itemsInside(deployment, "spec", "template", "spec", "containers")[0], "image"));
  });

  /** Says why the node refuses it, when customers have seen nothing of it. */
  async function refused(image: string): Promise<string> {
    const pods = await shop.pods("user");
    let said = "";
    const toll = await shop.orderDuring("an image that is refused", async () => {
      await giveImage(image);
      said = await until(() => refusal(image));
      await sleep(10_000);
      const deployment = await shop.running.api(`${APPS}/deployments/user`);
      expect(inside(deployment, "status")).toMatchObject({ updatedReplicas: 1, availableReplicas: pods.length });
      expect(await shop.pods("user")).toEqual(expect.arrayContaining([...pods]));
    });
    expect(toll).toMatchObject({ cancelled: 0, again: 0 });
    await giveImage(old);
    await shop.whole("user");
    return said;
  }

  test("that no image has does not start, and the old pods answer on", async () => {
    const image = `${NAME}@sha256:${"0".repeat(64)}`;
    expect(await refused(image)).toMatch(/0{64}.*not found/s);
  });

  test("whose bytes were changed in the registry does not start either", async () => {
    const { image, digest } = await anotherImage("2.0.0");
    const [layer] = image.layers;
    const sum = layer?.digest.slice("sha256:".length) ?? "";
    const blobs = join(nodeFiles(join(shop.cli.state, "cluster")).registry, "docker/registry/v2/blobs/sha256");
    const file = join(blobs, sum.slice(0, 2), sum, "data");
    const bytes = readFileSync(file);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = 255 - (bytes[middle] ?? 0);
    writeFileSync(file, bytes);
    const said = await refused(`${NAME}@${digest}`);
    console.log(`changed bytes: ${said}`);
    expect(said).toContain(sum);
  });

  test("that is right replaces them: one would see it", async () => {
    const pods = await shop.pods("user");
    const { digest } = await anotherImage("2.0.1");
    await giveImage(`${NAME}@${digest}`);
    await shop.whole("user");
    const now = (await shop.pods("user")).map(({ uid }) => uid);
    expect(now.filter((uid) => pods.some((pod) => pod.uid === uid))).toEqual([]);
    await giveImage(old);
    await shop.whole("user");
  });
});

describe("a node that is drained", () => {
  const NODE = "node-a";
  const evict = (name: string) =>
    shop.running.api(`${CORE}/pods/${name}/eviction`, {
      method: "POST",
      body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: NAMESPACE } },
    });

  /** The fewest ready pods of a service that were seen while something was done. */
  async function fewest(service: string, step: () => Promise<void>): Promise<number> {
    let seen = Number.POSITIVE_INFINITY;
    let over = false;
    const look = async () => {
      seen = Math.min(seen, (await shop.pods(service)).filter(({ ready }) => ready).length);
    };
    const watch = (async () => {
      while (!over) {
        await look();
        await sleep(50);
      }
    })();
    try {
      await step();
    } finally {
      over = true;
      await watch;
    }
    // What the step waited for may have come between two looks.
    await look();
    return seen;
  }

  const everything = async () => {
    const deployments = itemsInside(await shop.running.api("/apis/apps/v1/deployments"), "items");
    return deployments.every(
      (one) => Number(inside(one, "status", "availableReplicas") ?? 0) === Number(inside(one, "spec", "replicas")),
    )
      ? true
      : undefined;
  };

  test("keeps of two pods the one that the budget asks for, and gets the rest back", async () => {
    await until(everything);
    const pods = await shop.pods("user");
    expect(pods).toHaveLength(2);
    await shop.orderDuring("the node drained", async () => {
      const begun = performance.now();
      const kept = await fewest("user", async () => {
        const drain = ["drain", NODE, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=30s"];
        const { status, said } = await shop.kubectl(...drain);
        expect(status, said).not.toBe(0);
        expect(said).toMatch(/evicting pod \S+\/user-.*violate the pod's disruption budget/s);
        const [last, ...more] = await shop.pods("user").then((found) => found.filter(({ ready }) => ready));
        expect(more).toEqual([]);
        await expect(evict(last?.name ?? "")).rejects.toMatchObject({ status: 429 });
      });
      expect(kept).toBe(1);
      expect((await shop.pods("payment")).filter(({ ready }) => ready)).toEqual([]);
      expect((await shop.kubectl("uncordon", NODE)).status).toBe(0);
      const back = performance.now();
      await until(everything);
      console.log(
        `drained for ${seconds(back - begun)}, everything was back ${seconds(performance.now() - back)} later`,
      );
    });
  });

  test("without a budget the last pod goes too: the watch sees it", async () => {
    await until(everything);
    const budget = await shop.running.api(`${BUDGETS}/user`);
    await shop.running.api(`${BUDGETS}/user`, { method: "DELETE" });
    const kept = await fewest("user", async () => {
      expect((await shop.kubectl("cordon", NODE)).status).toBe(0);
      for (const { name } of await shop.pods("user")) await evict(name);
      await until(async () => ((await shop.pods("user")).some(({ ready }) => ready) ? undefined : true));
    });
    expect(kept).toBe(0);
    const { name, namespace, labels } = Object(inside(budget, "metadata")) as Record<string, unknown>;
    const body = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name, namespace, labels } };
    await shop.running.api(BUDGETS, { method: "POST", body: { ...body, spec: inside(budget, "spec") } });
    expect((await shop.kubectl("uncordon", NODE)).status).toBe(0);
    await until(everything);
    await shop.orderDuring("after all of it", async () => undefined);
  });
});
