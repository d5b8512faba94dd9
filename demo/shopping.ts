import { randomBytes } from "node:crypto";

/** An order that was placed, and the trace by which it can be found. */
export interface Placed {
  readonly id: string;
  readonly trace: string;
  readonly status: number;
  readonly answer: string;
  /** Milliseconds until the answer. */
  readonly took: number;
}

const GOODS = ["anchor", "compass", "lantern", "rope"];

/**
 * Places one order, with a trace of its own as a browser's library would begin it. https://www.w3.org/TR/trace-context/
 * @param id The same again is the same order. @default one of its own
 */
export async function placeOrder(
  address: string,
  index: number,
  id = `demo-${randomBytes(4).toString("hex")}`,
): Promise<Placed> {
  const trace = randomBytes(16).toString("hex");
  const sku = GOODS[index % GOODS.length] ?? "rope";
  const lines = [{ sku, quantity: 1 + (index % 3) }];
  const begun = performance.now();
  const response = await fetch(`${address}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json", traceparent: `00-${trace}-${randomBytes(8).toString("hex")}-01` },
    body: JSON.stringify({ id, userId: index % 2 === 0 ? "ada" : "grace", lines }),
    signal: AbortSignal.timeout(20_000),
  });
  const answer = await response.text();
  return { id, trace, status: response.status, answer, took: performance.now() - begun };
}

/** What the services say of the books: 200 where they balance. */
export async function books(address: string): Promise<{ readonly balanced: boolean; readonly said: string }> {
  const response = await fetch(`${address}/books`);
  return { balanced: response.status === 200, said: (await response.text()).trim() };
}
