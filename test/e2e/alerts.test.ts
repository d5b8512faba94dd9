import { afterAll, beforeAll, expect, test } from "vitest";
import { inside, itemsInside } from "../../components/core/plain.ts";
import { placeOrder } from "../../demo/shopping.ts";
import { until } from "../integration/observability/server.ts";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop?.close());

/** What fires of one objective, as Alertmanager has it. https://prometheus.io/docs/alerting/latest/clients/ */
async function firing(slo: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${shop.ways.alertmanager.address}/api/v2/alerts`);
  const alerts = itemsInside({ alerts: await answer.json() }, "alerts");
  return alerts.filter((one) => inside(one, "labels", "slo") === slo);
}

let placed = 0;
async function orders(count: number): Promise<readonly number[]> {
  const answers: number[] = [];
  for (let index = 0; index < count; index++) {
    answers.push((await placeOrder(shop.ways.order.address, placed++)).status);
  }
  return answers;
}

test("while orders succeed, no objective of theirs is at Alertmanager", async () => {
  expect(new Set(await orders(60))).toEqual(new Set([201]));
  expect(await firing("order-availability")).toEqual([]);
});

test("when they fail the page arrives there, with who is told and what may be done", async () => {
  const { address } = shop.ways.order;
  const fault = JSON.stringify({ errors: 0.5, of: "/orders" });
  const switched = await fetch(`${address}/faults`, { method: "PUT", body: fault });
  expect(switched.status).toBe(200);
  const begun = Date.now();
  expect(await orders(20)).toContain(503);
  const alert = await until(async () => {
    await orders(10);
    return (await firing("order-availability")).find((one) => inside(one, "labels", "rung") === "page-fast");
  });
  console.log(`page-fast at Alertmanager ${(Date.now() - begun) / 1000} s after orders began to fail`);
  expect(inside(alert, "labels")).toMatchObject({
    alertname: "SloBurnRate",
    service: "order",
    owner: "checkout",
    severity: "page",
    actions: "diagnose",
  });
  expect(itemsInside(alert, "receivers").map((one) => inside(one, "name"))).toEqual(["checkout-page"]);
  await fetch(`${address}/faults`, { method: "DELETE" });
});
