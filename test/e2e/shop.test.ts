import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inside } from "../../components/core/plain.ts";
import { NAMESPACE, type Running, startEnvironment } from "../../demo/environment.ts";
import { books, type Placed, placeOrder } from "../../demo/shopping.ts";
import { ask, type Span, spansOf } from "../../demo/telemetry.ts";
import { type Cli, openCli, ROOT } from "../integration/cli.ts";
import { until } from "../integration/observability/server.ts";
import { openWitnesses, type Witnesses, witnessImage } from "./witness.ts";

/** Rolling updates of a service under load. */
const ROLLS = Number(process.env["FAIRLEAD_ROLLS"] ?? 3);
const SERVICES = ["user", "order", "payment", "inventory", "shipment"];
/** Where the gateway's proxies would run: whoever is there may call what has a route. */
const GATEWAY = "envoy-gateway-system";

let cli: Cli;
let folder: string;
let running: Running;
let ways: Awaited<ReturnType<Running["ways"]>>;
let shop: Witnesses;
let callers: Witnesses;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-shop-"));
  cli = openCli(join(ROOT, "demo"));
  running = await startEnvironment(cli.state, async (...args) => {
    const { status, stderr } = await cli.run(...args);
    expect(status, stderr).toBe(0);
  });
  ways = await running.ways();
  await witnessImage(join(cli.state, "cluster"), folder);
  shop = openWitnesses(running.kubeconfig, NAMESPACE);
  callers = openWitnesses(running.kubeconfig, GATEWAY);
  await callers.pod("caller");
});

afterAll(async () => {
  for (const way of Object.values(ways ?? {})) way.close();
  await cli?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("orders", () => {
  const placed: Placed[] = [];

  test("flow through five services, and the books balance", async () => {
    for (let index = 0; index < 80; index++) placed.push(await placeOrder(ways.order.address, index));
    expect(new Set(placed.map(({ status }) => status))).toEqual(new Set([201]));
    expect(await books(ways.order.address)).toMatchObject({ balanced: true });
  });

  test("have one trace through all of them, and its id is in the log of each that did something", async () => {
    const kept = await until(async () => {
      for (const { trace } of placed) {
        const spans: readonly Span[] = await spansOf(ways.jaeger.address, trace);
        if (new Set(spans.map(({ service }) => service)).size === SERVICES.length) return { trace, spans };
      }
      return undefined;
    });
    expect([...new Set(kept.spans.map(({ service }) => service))].sort()).toEqual([...SERVICES].sort());
    // An account that is looked up is no news.
    for (const service of SERVICES.filter((one) => one !== "user")) {
      expect(await shop.logs(service), service).toContain(kept.trace);
    }
  });

  test("are counted: the objectives' own rules have numbers", async () => {
    const found = await until(async () => {
      const ratios = await ask(ways.prometheus.address, "slo:bad_ratio:rate5m");
      return ratios.some(([labels]) => labels["slo"] === "order-availability") ? ratios : undefined;
    });
    for (const [labels, ratio] of found) expect(ratio, labels["slo"] ?? "").toBe(0);
  });
});

describe(`${ROLLS} rolling updates under load`, () => {
  const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/user`;
  const patch = (body: object) =>
    running.api(DEPLOYMENT, { method: "PATCH", body, contentType: "application/strategic-merge-patch+json" });
  let rolls = 0;
  async function roll(pod: object = {}): Promise<void> {
    const annotations = { "fairlead.dev/roll": String(rolls++) };
    await patch({ spec: { template: { metadata: { annotations }, spec: pod } } });
    await until(async () => {
      const deployment = await running.api(DEPLOYMENT);
      const status = (key: string) => inside(deployment, "status", key);
      const seen = Number(status("observedGeneration")) >= Number(inside(deployment, "metadata", "generation"));
      return seen && ["replicas", "updatedReplicas", "availableReplicas"].every((key) => status(key) === 1)
        ? true
        : undefined;
    });
  }
  /** Answers of a service that is rolled meanwhile: status or error -> how many. */
  async function answers(connections: "fresh" | "kept", step: () => Promise<void>): Promise<Record<string, number>> {
    const load = callers.exec("caller", "load", `http://user.${NAMESPACE}:8080/users/ada`, "8", "30s", connections);
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
