import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { books, placeOrder } from "../../demo/shopping.ts";
import { until } from "../integration/observability/server.ts";
import type { Servers } from "./servers.ts";

/** An order that was answered: completed, under way or cancelled. */
interface Answered {
  readonly id: string;
  /** Of the last answer. */
  readonly status: number;
  /** How often it was placed until there was an answer. */
  readonly tries: number;
  /** Milliseconds until then. */
  readonly took: number;
}

/** People who order one thing after another, and ask again for the same where they get no answer. */
export interface Customers {
  readonly answered: () => number;
  /** Lets them finish what they are at, and says what was answered. */
  readonly leave: () => Promise<readonly Answered[]>;
}

/** An answer that says what has become of the order; after any other the customer asks again. */
const ANSWERS = new Set([200, 201, 202, 409]);

export function letIn(address: string, count = 4): Customers {
  const answered: Answered[] = [];
  const visit = randomBytes(3).toString("hex");
  let open = true;
  const customer = async (number: number) => {
    for (let index = 0; open; index++) {
      answered.push(await order(address, index, `c-${visit}-${number}-${index}`));
      await sleep(50);
    }
  };
  const all = Promise.all(Array.from({ length: count }, (_, number) => customer(number)));
  // Whoever lets them leave hears of it.
  all.catch(() => undefined);
  return {
    answered: () => answered.length,
    leave: async () => {
      open = false;
      await all;
      return answered;
    },
  };
}

async function order(address: string, index: number, id: string): Promise<Answered> {
  const begun = performance.now();
  for (let tries = 1; tries < 1000; tries++) {
    const status = await placeOrder(address, index, id).then(
      (placed) => placed.status,
      () => undefined,
    );
    if (status !== undefined && ANSWERS.has(status)) return { id, status, tries, took: performance.now() - begun };
    await sleep(200);
  }
  throw new Error(`${id} was never answered`);
}

/** What the services say of their books. */
export interface Books {
  readonly balanced: boolean;
  readonly settled: boolean;
  readonly faults: readonly string[];
  readonly orders: { readonly completed: number; readonly cancelled: number; readonly dead: number };
  readonly items: readonly { readonly sku: string; readonly free?: number }[];
  readonly payments: { readonly taken?: number; readonly refunded?: number };
}

/** The books once no order is under way. */
export async function settledBooks(address: string): Promise<Books> {
  return until(async () => {
    const { said } = await books(address).catch(() => ({ said: "{}" }));
    const read = JSON.parse(said) as Books;
    return read.settled === true ? read : undefined;
  });
}

/** How many orders are in each state. */
export async function states(servers: Servers, ids: Iterable<string>): Promise<Readonly<Record<string, number>>> {
  const known = new Map(await pairs(servers, "order", "SELECT id, state FROM orders"));
  const found: Record<string, number> = {};
  for (const id of ids) {
    const state = known.get(id) ?? "lost";
    found[state] = (found[state] ?? 0) + 1;
  }
  return found;
}

/**
 * Where the services' own tables disagree, order by order; nobody of them is asked. An order is charged once and sent once
 * when it is completed, and neither when it is not; what is gone from the stock is what completed orders have.
 */
export async function disagreements(servers: Servers): Promise<readonly string[]> {
  const orders = await servers.query("order", "SELECT id, state, cents FROM orders");
  const completed = new Map(
    orders.flatMap(([id = "", state, cents = ""]) => (state === "completed" ? [[id, cents]] : [])),
  );
  const charged = new Map(
    await pairs(
      servers,
      "payment",
      `SELECT order_id, string_agg(entry || ' ' || cents, ', ' ORDER BY id) FROM ledger GROUP BY order_id
       HAVING NOT (count(*) = 2 AND min(id) FILTER (WHERE entry = 'taken') < min(id) FILTER (WHERE entry = 'refunded')
                   AND count(DISTINCT cents) = 1)`,
    ),
  );
  const parcels = new Set(
    (await servers.query("shipment", "SELECT order_id FROM parcels WHERE state IN ('shipped', 'delivered')")).map(
      ([id = ""]) => id,
    ),
  );
  const sold = new Map(
    await pairs(
      servers,
      "order",
      `SELECT line->>'sku', sum((line->>'quantity')::bigint) FROM orders, jsonb_array_elements(lines) AS line
       WHERE state = 'completed' GROUP BY 1`,
    ),
  );
  const stock = await servers.query("inventory", "SELECT sku, initial - free - reserved, reserved FROM items");
  return [
    ...orders.flatMap(([id, state]) => (state === "completed" || state === "cancelled" ? [] : [`${id} is ${state}`])),
    ...[...completed].flatMap(([id, cents]) => {
      const entries = charged.get(id) ?? "nothing";
      return [
        ...(entries === `taken ${cents}` ? [] : [`${id} costs ${cents}, and the ledger says ${entries}`]),
        ...(parcels.has(id) ? [] : [`${id} was never sent`]),
      ];
    }),
    ...[...charged].flatMap(([id, entries]) => (completed.has(id) ? [] : [`${id} is not completed: ${entries}`])),
    ...[...parcels].flatMap((id) => (completed.has(id) ? [] : [`${id} is not completed, and was sent`])),
    ...stock.flatMap(([sku = "", gone = "0", reserved = "0"]) => [
      ...(gone === (sold.get(sku) ?? "0") ? [] : [`${sku}: ${gone} gone, ${sold.get(sku) ?? 0} sold`]),
      ...(reserved === "0" ? [] : [`${sku}: ${reserved} reserved for nobody`]),
    ]),
  ];
}

async function pairs(servers: Servers, service: string, statement: string): Promise<readonly [string, string][]> {
  return (await servers.query(service, statement)).map(([key = "", value = ""]) => [key, value]);
}
