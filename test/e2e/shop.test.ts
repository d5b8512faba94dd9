import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { books, type Placed, placeOrder } from "../../demo/shopping.ts";
import { ask, type Span, spansOf } from "../../demo/telemetry.ts";
import { until } from "../integration/observability/server.ts";
import { openShop, type Shop } from "./shop.ts";

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
