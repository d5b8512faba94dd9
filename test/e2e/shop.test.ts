import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inside } from "../../components/core/plain.ts";
import { NAMESPACE } from "../../demo/environment.ts";
import { books, type Placed, placeOrder } from "../../demo/shopping.ts";
import { ask, type Span, spansOf } from "../../demo/telemetry.ts";
import { until } from "../integration/observability/server.ts";
import { openShop, type Shop } from "./shop.ts";

/** Rolling updates of a service under load. */
const ROLLS = Number(process.env["FAIRLEAD_ROLLS"] ?? 3);
const SERVICES = ["user", "order", "payment", "inventory", "shipment"];

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop?.close());

describe("orders", () => {
  const placed: Placed[] = [];

  test("flow through five services, and the books balance", async () => {
    for (let index = 0; index < 80; index++) placed.push(await placeOrder(shop.ways.order.address, index));
    expect(new Set(placed.map(({ status }) => status))).toEqual(new Set([201]));
    expect(await books(shop.ways.order.address)).toMatchObject({ balanced: true });
  });

  test("have one trace through all of them, and its id is in the log of each that did something", async () => {
    const kept = await until(async () => {
      for (const { trace } of placed) {
        const spans: readonly Span[] = await spansOf(shop.ways.jaeger.address, trace);
        if (new Set(spans.map(({ service }) => service)).size === SERVICES.length) return { trace, spans };
      }
      return undefined;
    });
    expect([...new Set(kept.spans.map(({ service }) => service))].sort()).toEqual([...SERVICES].sort());
    // An account that is looked up is no news.
    for (const service of SERVICES.filter((one) => one !== "user")) {
      expect(await shop.inside.logs(service), service).toContain(kept.trace);
    }
  });

  test("are counted: the objectives' own rules have numbers", async () => {
    const found = await until(async () => {
      const ratios = await ask(shop.ways.prometheus.address, "slo:bad_ratio:rate5m");
      return ratios.some(([labels]) => labels["slo"] === "order-availability") ? ratios : undefined;
    });
    for (const [labels, ratio] of found) expect(ratio, labels["slo"] ?? "").toBe(0);
  });
});

describe(`${ROLLS} rolling updates under load`, () => {
  const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/user`;
  const patch = (body: object) =>
    shop.running.api(DEPLOYMENT, { method: "PATCH", body, contentType: "application/strategic-merge-patch+json" });
  let rolls = 0;
  async function roll(pod: object = {}): Promise<void> {
    const annotations = { "fairlead.dev/roll": String(rolls++) };
    await patch({ spec: { template: { metadata: { annotations }, spec: pod } } });
    await until(async () => {
      const deployment = await shop.running.api(DEPLOYMENT);
      const status = (key: string) => inside(deployment, "status", key);
      const seen = Number(status("observedGeneration")) >= Number(inside(deployment, "metadata", "generation"));
      return seen && ["replicas", "updatedReplicas", "availableReplicas"].every((key) => status(key) === 1)
        ? true
        : undefined;
    });
  }
  /** Answers of a service that is rolled meanwhile: status or error -> how many. */
  async function answers(connections: "fresh" | "kept", step: () => Promise<void>): Promise<Record<string, number>> {
    const load = shop.callers.exec(
      "caller",
      "load",
      `http://user.${NAMESPACE}:8080/users/ada`,
      "8",
      "30s",
      connections,
    );
    await step();
    return JSON.parse(await load) as Record<string, number>;
  }

  test.each(["fresh", "kept"] as const)("lose no request over %s connections", async (connections) => {
    for (let index = 0; index < ROLLS; index++) {
      const seen = await answers(connections, roll);
      console.log(`${connections} connections, roll ${index + 1}: ${JSON.stringify(seen)}`);
      expect(Object.keys(seen)).toEqual(["200"]);
      expect(seen["200"]).toBeGreaterThan(1000);
    }
  });

  test("lose some where a pod ends at once: the load sees it", async () => {
    const hasty = { containers: [{ name: "user", lifecycle: null, env: [{ name: "DRAIN_LINGER", value: "0s" }] }] };
    const { "200": fine = 0, ...failed } = await answers("fresh", async () => {
      await roll(hasty);
      await roll();
    });
    console.log(`without preStop and linger: ${fine} answered, and ${JSON.stringify(failed)}`);
    expect(Object.keys(failed)).not.toEqual([]);
  });
});
