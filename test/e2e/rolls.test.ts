import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inside, itemsInside } from "../../components/core/plain.ts";
import { NAMESPACE } from "../../demo/environment.ts";
import { until } from "../integration/observability/server.ts";
import { type Heard, press, sum, TARGETS } from "./press.ts";
import { openShop, type Shop } from "./shop.ts";

/** Rolling updates of every service. */
const ROLLS = Number(process.env["FAIRLEAD_ROLLS"] ?? 3);
/** The load ends and begins again after so many, and says what it heard: of a long run that is cut off something is known. */
const PART = 5;
const SERVICES = ["user", "order", "payment", "inventory", "shipment"];

let shop: Shop;
let rolls = 0;

beforeAll(async () => {
  shop = await openShop();
  // The load comes from outside; in prod the gateway's routes and the mesh say who may call what.
  const body = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "load" },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "envoy-gateway-system" } } }],
          ports: [{ port: 8080 }, { port: 9090 }],
        },
      ],
    },
  };
  await shop.running.api(`/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies`, {
    method: "POST",
    body,
  });
});

afterAll(() => shop?.close());

/** Rolls a service, until the new pod is there and the old one is gone. */
async function roll(service: string, pod: object = {}): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${service}`;
  const annotations = { "fairlead.dev/roll": String(rolls++) };
  const body = { spec: { template: { metadata: { annotations }, spec: pod } } };
  await shop.running.api(path, { method: "PATCH", body, contentType: "application/strategic-merge-patch+json" });
  await until(async () => {
    const deployment = await shop.running.api(path);
    const status = (key: string) => inside(deployment, "status", key);
    const seen = Number(status("observedGeneration")) >= Number(inside(deployment, "metadata", "generation"));
    const there = ["replicas", "updatedReplicas", "availableReplicas"].every((key) => status(key) === 1);
    return seen && there && (await podsOf(service)) === 1 ? true : undefined;
  });
}

async function podsOf(service: string): Promise<number> {
  const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app.kubernetes.io%2Fname%3D${service}`;
  return itemsInside(await shop.running.api(path), "items").length;
}

/** What is answered while something is done. */
async function heardDuring(step: () => Promise<void>): Promise<readonly Heard[]> {
  const load = await press(shop.callers);
  try {
    await step();
  } finally {
    await load.end();
  }
  return load.heard();
}

function lines(heard: readonly Heard[]): string {
  return heard
    .map(
      ({ name, answers, p50, p99, max }) =>
        `${name}: ${JSON.stringify(answers)}, p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`,
    )
    .join("\n");
}

describe(`${ROLLS} rolling updates of each of five services at once, under load`, () => {
  test(
    "lose no request: over new connections, over kept ones, and by gRPC",
    async () => {
      const begun = performance.now();
      const heard: Heard[] = [];
      for (let done = 0; done < ROLLS; done += PART) {
        const part = await heardDuring(async () => {
          for (let index = done; index < Math.min(done + PART, ROLLS); index++) {
            await Promise.all(SERVICES.map((service) => roll(service)));
          }
        });
        heard.push(...part);
        const { all, failed } = sum(heard);
        const rolled = Math.min(done + PART, ROLLS) * SERVICES.length;
        const took = ((performance.now() - begun) / 1000).toFixed(0);
        console.log(`${rolled} rolls in ${took} s, ${all} requests, ${failed} failed\n${lines(part)}`);
        expect(part).toHaveLength(TARGETS.length);
        for (const { name, all: asked } of part) expect(asked, name).toBeGreaterThan(50);
      }
      expect(heard.filter((one) => one.failed > 0)).toEqual([]);
    },
    60_000 + ROLLS * 60_000,
  );

  test("lose some of every kind where pods end at once: the load sees it", async () => {
    const hasty = (name: string) => ({
      containers: [
        {
          name,
          lifecycle: null,
          env: [
            { name: "DRAIN_LINGER", value: "0s" },
            { name: "DRAIN_TIMEOUT", value: "1ms" },
          ],
        },
      ],
    });
    await Promise.all(SERVICES.map((service) => roll(service, hasty(service))));
    const heard = await heardDuring(async () => {
      for (let index = 0; index < 3; index++) await Promise.all(SERVICES.map((service) => roll(service)));
    });
    console.log(`without preStop and drain:\n${lines(heard)}`);
    for (const kind of ["fresh", "kept", "grpc"]) {
      expect(sum(heard.filter((one) => one.name.startsWith(kind))).failed, kind).toBeGreaterThan(0);
    }
  });
});
