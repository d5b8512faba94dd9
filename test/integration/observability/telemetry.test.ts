import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConfigMap, placed } from "../../../components/index.ts";
import {
  agentConfig,
  gatewayConfig,
  logReceiver,
} from "../../../components/observability/telemetry/collector-config.ts";
import {
  elsewhere,
  inMemory,
  jaegerConfig,
  onDisk,
} from "../../../components/observability/telemetry/jaeger-config.ts";
import { program } from "../../../infra/program.ts";
import { eventually, openPipeline, otlpSpan, type Pipeline, sendSpan } from "./pipeline.ts";

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await openPipeline();
});
afterAll(() => pipeline.close());

/** Configurations of an environment by the program that reads them. */
function configurations(environment: string, file: string): readonly (readonly [string, string])[] {
  return [...placed(program.build(environment, {}))].flatMap(({ component, role, object }) => {
    const text = object.kind === "ConfigMap" ? (object as ConfigMap).data?.[file] : undefined;
    return typeof text === "string" ? [[`${component}.${role}`, text] as const] : [];
  });
}

describe.each(program.environments)("%s", (environment) => {
  test("the collector accepts every configuration of a collector", async () => {
    const found = configurations(environment, "collector.yaml");
    expect(found.map(([place]) => place)).toEqual(["telemetry-agent.config", "telemetry-gateway.config"]);
    for (const [place, text] of found) expect([place, await pipeline.validate("otelcol", text)]).toEqual([place, ""]);
  });

  test("Jaeger accepts every configuration of a Jaeger", async () => {
    const found = configurations(environment, "jaeger.yaml");
    expect(found).toHaveLength(environment === "dev" ? 1 : 3);
    for (const [place, text] of found) expect([place, await pipeline.validate("jaeger", text)]).toEqual([place, ""]);
  });
});

test("a misspelt setting and a pipeline of nothing are refused", async () => {
  const [[, agent = ""] = []] = configurations("dev", "collector.yaml");
  expect(await pipeline.validate("otelcol", agent.replace("send_batch_size", "send_batch_sise"))).toContain(
    "send_batch_sise",
  );
  const [[, jaeger = ""] = []] = configurations("dev", "jaeger.yaml");
  expect(await pipeline.validate("jaeger", jaeger.replace("trace_storage: traces", "trace_storages: traces"))).not.toBe(
    "",
  );
});

/** Trace ids of a service, as Jaeger's HTTP API knows them. */
async function tracesIn(port: number | undefined, service: string): Promise<readonly string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/traces?service=${service}&lookback=1h&limit=100`);
  const { data } = (await answer.json()) as { readonly data: readonly { readonly traceID: string }[] | null };
  return (data ?? []).map(({ traceID }) => traceID);
}

/** The port of gRPC queries, which nobody uses, must not be fought over by the processes of this test. */
const ANY_PORT = { extensions: { jaeger_query: { grpc: { endpoint: "127.0.0.1:0" } } } };

const id = (digit: string) => digit.repeat(32);

test("a span sent by OTLP arrives in a Jaeger of one process", async () => {
  const here = await pipeline.ports(4317, 4318, 13133, 8888, 16686);
  const config = jaegerConfig({ collects: true, queries: true, stores: false, backend: inMemory(1000) });
  await pipeline.start("all", "jaeger", config, here, ANY_PORT);
  await sendSpan(here.get(4318), otlpSpan("order", id("a"), { milliseconds: 12 }));
  expect(await eventually(async () => (await tracesIn(here.get(16686), "order")).find((one) => one === id("a")))).toBe(
    id("a"),
  );
});

test("of spans through the gateway, failed and slow ones are kept, and all are counted", async () => {
  const store = await pipeline.ports(17271, 13133, 8888);
  const collect = await pipeline.ports(4317, 4318, 13133, 8888);
  const query = await pipeline.ports(16686, 13133, 8888);
  const gateway = await pipeline.ports(4317, 4318, 13133, 8888, 8889);
  const backend = elsewhere(`127.0.0.1:${store.get(17271)}`);
  await pipeline.start(
    "store",
    "jaeger",
    jaegerConfig({ collects: false, queries: false, stores: true, backend: onDisk("/var/lib/jaeger", "72h") }),
    store,
  );
  await pipeline.start(
    "collect",
    "jaeger",
    jaegerConfig({ collects: true, queries: false, stores: false, backend }),
    collect,
  );
  await pipeline.start(
    "query",
    "jaeger",
    jaegerConfig({ collects: false, queries: true, stores: false, backend }),
    query,
    ANY_PORT,
  );
  const config = gatewayConfig({ jaeger: `127.0.0.1:${collect.get(4317)}`, slow: 500, share: 0, wait: 1 });
  await pipeline.start("gateway", "otelcol", config, gateway, {
    connectors: { spanmetrics: { metrics_flush_interval: "1s" } },
  });

  await sendSpan(gateway.get(4318), otlpSpan("payment", id("b"), { milliseconds: 12, failed: true }));
  await sendSpan(gateway.get(4318), otlpSpan("payment", id("c"), { milliseconds: 900 }));
  await sendSpan(gateway.get(4318), otlpSpan("payment", id("d"), { milliseconds: 12 }));
  const metrics = async (holds: (text: string) => boolean) =>
    eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${gateway.get(8889)}/metrics`, {
        headers: { accept: "application/openmetrics-text" },
      });
      const text = await answer.text();
      return holds(text) ? text : undefined;
    });
  await metrics((text) => /duration_seconds_bucket\{.* # \{.*trace_id="[bcd]{32}"/.test(text));
  const kept = await eventually(async () => {
    const found = await tracesIn(query.get(16686), "payment");
    return found.includes(id("b")) && found.includes(id("c")) ? found : undefined;
  });
  expect([...kept].sort()).toEqual([id("b"), id("c")]);

  const counted = (text: string) =>
    [...text.matchAll(/^traces_span_metrics_calls_total\{.*\} (\d+)/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  const told = await metrics((text) => counted(text) >= 3);
  expect(counted(told)).toBe(3);
  expect(told).toMatch(
    /traces_span_metrics_calls_total\{.*fairlead_owner="checkout".*job="payment".*k8s_namespace_name="shop"/,
  );
  expect(told).toMatch(/traces_span_metrics_duration_seconds_bucket\{.*le="0\.75".*\}/);
});

describe("logs of containers", () => {
  let loki: Server;
  const received: string[] = [];
  beforeAll(async () => {
    loki = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      request.on("end", () => {
        received.push(`${request.url} ${body}`);
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    });
    await new Promise<void>((listening) => loki.listen(0, "127.0.0.1", listening));
  });
  afterAll(() => new Promise((closed) => loki.close(closed)));

  test("reach Loki with service, severity, trace and request, whether they are JSON or not", async () => {
    const pod = join(pipeline.folder, "pods/shop_order-abc_0123/order");
    mkdirSync(pod, { recursive: true });
    mkdirSync(join(pipeline.folder, "offsets"), { recursive: true });
    const line = JSON.stringify({
      level: "error",
      time: "2026-01-01T00:00:00Z",
      message: "payment refused",
      request_id: "r-1",
      trace_id: id("e"),
      span_id: "e".repeat(16),
    });
    writeFileSync(
      join(pod, "0.log"),
      `2026-01-01T00:00:00.000000000Z stdout F ${line}\n2026-01-01T00:00:01.000000000Z stderr F panic: no JSON\n`,
    );
    const here = await pipeline.ports(4317, 4318, 13133, 8888);
    const url = `http://127.0.0.1:${(loki.address() as AddressInfo).port}`;
    const config = agentConfig({ logsOf: ["shop"], gateway: "localhost", loki: url });
    const read = {
      ...config,
      receivers: { ...config.receivers, filelog: logReceiver(["shop"], join(pipeline.folder, "pods")) },
    };
    await pipeline.start("agent", "otelcol", read, here, {
      exporters: { "otlphttp/loki": { encoding: "json", compression: "none" } },
    });
    const all = await eventually(async () => {
      const text = received.join("\n");
      return text.includes("payment refused") && text.includes("no JSON") ? text : undefined;
    });
    expect(all).toMatch(/^\/otlp\/v1\/logs /);
    for (const [key, value] of [
      ["service.name", "order"],
      ["k8s.namespace.name", "shop"],
      ["k8s.pod.name", "order-abc"],
      ["request_id", "r-1"],
    ])
      expect(all).toContain(`{"key":"${key}","value":{"stringValue":"${value}"}}`);
    expect(all).toContain(`"traceId":"${id("e")}"`);
    expect(all).toContain('"severityText":"error"');
    expect(all).toContain('"body":{"stringValue":"payment refused"}');
    expect(all).toContain('"body":{"stringValue":"panic: no JSON"}');
  });
});
