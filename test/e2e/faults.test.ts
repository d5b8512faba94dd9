import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NAMESPACE } from "../../demo/environment.ts";
import { type Forward, forward } from "../../demo/forward.ts";
import { books, placeOrder } from "../../demo/shopping.ts";
import { until } from "../integration/observability/server.ts";
import { openSturdyShop, processesOf, type SturdyShop } from "./broken.ts";
import { disagreements, settledBooks } from "./customers.ts";
import { differences, lookAtMachine, type Machine } from "./machine.ts";

/** Milliseconds that a server is away. */
const AWAY = Number(process.env["FAIRLEAD_AWAY"] ?? 60) * 1000;
const CORE = `/api/v1/namespaces/${NAMESPACE}`;

let before: Machine;
let shop: SturdyShop;
let payment: Forward;

beforeAll(async () => {
  before = lookAtMachine();
  shop = await openSturdyShop();
  const { kubeconfig, api } = shop.running;
  payment = await forward(kubeconfig, api, { namespace: NAMESPACE, name: "payment", port: 8080 });
});

afterAll(async () => {
  payment?.close();
  await shop?.close();
});

/** Makes the payments fail as it says; nothing mends them. */
async function paymentsFail(fault?: object): Promise<void> {
  const body = fault === undefined ? {} : { body: JSON.stringify({ of: "TakePayment", ...fault }) };
  const answer = await fetch(`${payment.address}/faults`, { method: fault === undefined ? "DELETE" : "PUT", ...body });
  expect(answer.status).toBe(200);
}

describe("books", () => {
  test("balance after orders, and say so when somebody else has changed a table", async () => {
    await shop.orderDuring("nothing broken", async () => undefined);
    const { address } = shop.ways.order;
    for (const [service, wrong, mended, said] of [
      [
        "inventory",
        "UPDATE items SET free = free - 1 WHERE sku = 'rope'",
        "UPDATE items SET free = free + 1 WHERE sku = 'rope'",
        /rope/,
      ],
      [
        "payment",
        "INSERT INTO ledger (order_id, entry, cents) SELECT order_id, entry, cents FROM ledger ORDER BY id LIMIT 1",
        "DELETE FROM ledger WHERE id = (SELECT max(id) FROM ledger)",
        /charged or refunded twice/,
      ],
      [
        "shipment",
        "UPDATE parcels SET state = 'cancelled' WHERE order_id = (SELECT min(order_id) FROM parcels)",
        "UPDATE parcels SET state = 'shipped' WHERE order_id = (SELECT min(order_id) FROM parcels)",
        /parcels/,
      ],
    ] as const) {
      await shop.servers.query(service, wrong);
      const found = await books(address);
      expect(found, service).toMatchObject({ balanced: false, said: expect.stringMatching(said) });
      expect(JSON.parse(found.said)).toMatchObject({ balanced: false });
      expect(await disagreements(shop.servers), service).toHaveLength(1);
      await shop.servers.query(service, mended);
    }
    expect(await books(address)).toMatchObject({ balanced: true });
  });
});

describe("a pod that ends without being asked", () => {
  test.each(["user", "order", "payment", "inventory", "shipment"])("of %s costs no order", async (service) => {
    await shop.orderDuring(`${service} killed, then deleted without grace`, async () => {
      const [victim] = await shop.pods(service);
      if (victim === undefined) throw new Error(`${service} has no pod`);
      const processes = processesOf(victim);
      expect(processes).not.toEqual([]);
      for (const pid of processes) process.kill(pid, "SIGKILL");
      await until(async () => {
        const now = (await shop.pods(service)).find(({ uid }) => uid === victim.uid);
        return now !== undefined && now.restarts > victim.restarts && now.ready ? true : undefined;
      });
      await shop.running.api(`${CORE}/pods/${victim.name}?gracePeriodSeconds=0`, { method: "DELETE" });
      await shop.whole(service);
      expect((await shop.pods(service)).map(({ uid }) => uid)).not.toContain(victim.uid);
    });
  });
});

describe("payments that fail", () => {
  test.each([
    ["before they are made", { errors: 1 }, 0],
    ["after they were made", { lost: 1 }, 10],
  ] as const)("%s: each order is cancelled, and its stock is back", async (_, fault, refunds) => {
    const { address } = shop.ways.order;
    const was = await settledBooks(address);
    await paymentsFail(fault);
    const placed = await Promise.all(Array.from({ length: 10 }, (_, index) => placeOrder(address, index)));
    expect(new Set(placed.map(({ status }) => status))).toEqual(new Set([202]));
    await until(async () =>
      (await settledBooks(address)).orders.cancelled >= was.orders.cancelled + 10 ? true : undefined,
    );
    await paymentsFail();
    const is = await settledBooks(address);
    expect(is).toMatchObject({ balanced: true, items: was.items, orders: { completed: was.orders.completed } });
    expect((is.payments.refunded ?? 0) - (was.payments.refunded ?? 0)).toBe(refunds);
    expect(is.payments.taken).toBe(was.payments.taken);
    expect(await disagreements(shop.servers)).toEqual([]);
  });

  test("half of them, while customers come: the others are completed", async () => {
    const toll = await shop.orderDuring("half of the payments fail or lose their answer", async () => {
      await paymentsFail({ errors: 0.4, lost: 0.4 });
      await sleep(10_000);
      await paymentsFail();
    });
    expect(toll.later).toBeGreaterThan(0);
    expect(toll.cancelled).toBeGreaterThan(0);
    expect(toll.completed).toBeGreaterThan(0);
  });
});

describe(`a server that is away for ${AWAY / 1000} s`, () => {
  test("the broker: orders that wait are found without it, and it is used again when it is back", async () => {
    const { broker } = shop.servers;
    const connected = async () => ((await broker.connections()) === 2 ? true : undefined);
    await until(connected);
    const toll = await shop.orderDuring(
      `no broker for ${AWAY / 1000} s, and a third of the payments fail or lose their answer`,
      async () => {
        await paymentsFail({ errors: 0.2, lost: 0.2 });
        await broker.stop();
        await sleep(AWAY);
        await broker.start();
        await until(connected);
        await paymentsFail();
      },
    );
    expect(toll.later).toBeGreaterThan(0);
    expect(toll.completed).toBeGreaterThan(0);
  });

  test("the database: nobody is answered, and what was under way ends", async () => {
    const { database } = shop.servers;
    const uids = async () =>
      (await Promise.all(["user", "order", "payment", "inventory", "shipment"].map(shop.pods))).flat();
    const pods = await uids();
    const open = "SELECT id FROM orders WHERE state IN ('pending', 'cancelling')";
    let underWay = 0;
    const toll = await shop.orderDuring(`no database for ${AWAY / 1000} s`, async () => {
      // Payments take their time, so that there are always orders under way.
      await paymentsFail({ latency: "300ms", errors: 0.2, lost: 0.2 });
      await sleep(2_000);
      underWay = (await shop.servers.query("order", open)).length;
      await database.stop();
      await sleep(AWAY);
      await database.start();
      await paymentsFail();
    });
    console.log(`${underWay} orders were under way when the database went`);
    expect(underWay).toBeGreaterThan(0);
    expect(toll.again).toBeGreaterThan(0);
    expect(toll.completed).toBeGreaterThan(0);
    // Nobody was restarted for it, and none was taken out of service for good.
    expect(await uids()).toEqual(pods);
  });
});

describe("the machine", () => {
  test("is as it was, when all of it has ended", async () => {
    payment.close();
    await shop.close();
    expect(differences(before, lookAtMachine())).toEqual([]);
  });
});
