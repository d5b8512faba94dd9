import { NAMESPACE } from "../../demo/environment.ts";
import type { Witnesses } from "./witness.ts";

/** A part of the load: what is asked, and which answers are none of a failure. */
export interface Target {
  readonly name: string;
  readonly fine: readonly string[];
  readonly url?: string;
  readonly body?: string;
  readonly fresh?: boolean;
  /** Of gRPC. */
  readonly target?: string;
  readonly method?: string;
  readonly workers: number;
  /** Requests a second. */
  readonly rate: number;
}

/** What came of a part. Times are in milliseconds. */
export interface Heard {
  readonly name: string;
  readonly answers: Readonly<Record<string, number>>;
  readonly all: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const url = (service: string, path: string) => `http://${service}.${NAMESPACE}:8080${path}`;

/** One page of each service. Stores are in memory here: a new pod knows of no order. */
const PAGES = {
  user: { url: url("user", "/users/ada"), fine: ["200"] },
  order: { url: url("order", "/orders/none"), fine: ["404"] },
  payment: { url: url("payment", "/healthz"), fine: ["200"] },
  inventory: { url: url("inventory", "/items/rope"), fine: ["200"] },
  shipment: {
    url: url("shipment", "/hooks/carrier"),
    body: JSON.stringify({ order: "none", state: "delivered" }),
    fine: ["409"],
  },
} as const;

const METHODS = {
  user: ["shop.user.v1.Users/GetUser", "OK"],
  order: ["shop.order.v1.Orders/GetOrder", "NotFound"],
  payment: ["shop.payment.v1.Payments/GetBooks", "OK"],
  inventory: ["shop.inventory.v1.Stock/GetItem", "OK"],
  shipment: ["shop.shipment.v1.Shipments/GetBooks", "OK"],
} as const;

/** HTTP over new and over kept connections, gRPC, and orders that go through all five. */
export const TARGETS: readonly Target[] = [
  ...Object.entries(PAGES).flatMap(([service, page]): readonly Target[] => [
    { name: `fresh ${service}`, ...page, fresh: true, workers: 4, rate: 45 },
    { name: `kept ${service}`, ...page, workers: 4, rate: 200 },
  ]),
  ...Object.entries(METHODS).map(
    ([service, [method, code]]): Target => ({
      name: `grpc ${service}`,
      target: `dns:///${service}-headless.${NAMESPACE}.svc.cluster.local:9090`,
      method,
      fine: [code],
      workers: 4,
      rate: 200,
    }),
  ),
  {
    name: "orders",
    url: url("order", "/orders"),
    body: JSON.stringify({ userId: "ada", lines: [{ sku: "rope", quantity: 1 }] }),
    // 202: a step is tried again later.
    fine: ["201", "202"],
    workers: 2,
    rate: 10,
  },
];

/** Begins the load from the pod `caller`. */
export async function press(callers: Witnesses): Promise<{
  readonly end: () => Promise<void>;
  readonly heard: () => Promise<readonly Heard[]>;
}> {
  const asked = TARGETS.map(({ fine: _, ...target }) => target);
  const said = callers.exec("caller", "press", JSON.stringify(asked));
  // It is looked at when the load has ended.
  said.catch(() => undefined);
  return {
    end: async () => {
      await callers.exec("caller", "end");
    },
    heard: async () => {
      const heard = JSON.parse(await said) as Readonly<Record<string, Omit<Heard, "name" | "all" | "failed">>>;
      return TARGETS.map(({ name, fine }) => {
        const one = heard[name] ?? { answers: {}, p50: 0, p99: 0, max: 0 };
        const all = count(one.answers, () => true);
        // A code of gRPC is followed by what it says.
        const good = count(one.answers, (answer) =>
          fine.some((code) => answer === code || answer.startsWith(`${code}: `)),
        );
        return { ...one, name, all, failed: all - good };
      });
    },
  };
}

function count(answers: Readonly<Record<string, number>>, is: (answer: string) => boolean): number {
  return Object.entries(answers).reduce((total, [answer, number]) => total + (is(answer) ? number : 0), 0);
}

export function sum(heard: readonly Heard[]): { readonly all: number; readonly failed: number } {
  return heard.reduce((total, { all, failed }) => ({ all: total.all + all, failed: total.failed + failed }), {
    all: 0,
    failed: 0,
  });
}
