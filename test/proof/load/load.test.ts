import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadTestScript, type ServiceLevelProps } from "../../../components/observability/index.ts";
import { ensureParts } from "../../../toolchain/index.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import { ROOT } from "../../integration/cli.ts";
import { until } from "../../integration/observability/server.ts";
import { run } from "../../integration/process.ts";
import { goServices } from "../../integration/services.ts";

// The user service as it is, k6 as it is, and scripts as they are made.

let folder: string;
let k6: string;
let user: ChildProcess;
let http: string;
let grpc: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-load-"));
  k6 = (await ensureParts(["k6"])).get("k6")?.file ?? "k6";
  await goServices("build", "-tags=grpcnotrace", "-o", `${folder}/`, "./user");
  const [web, calls] = await freePorts(2);
  http = `http://127.0.0.1:${web}`;
  grpc = `127.0.0.1:${calls}`;
  user = spawn(join(folder, "user"), {
    env: {
      LISTEN_ADDRESS: "127.0.0.1",
      HTTP_PORT: String(web),
      GRPC_PORT: String(calls),
      FAULTS: "allowed",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=dev",
    },
    stdio: "ignore",
  });
  await until(async () => ((await fetch(`${http}/readyz`).catch(() => undefined))?.ok === true ? true : undefined));
});

afterAll(async () => {
  if (user !== undefined) {
    const ended = once(user, "exit");
    user.kill();
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

const LEVEL: ServiceLevelProps = {
  name: "user",
  namespace: "shop",
  owner: "identity",
  objectives: {
    availability: { availability: 99.9 },
    latency: { latency: { percentile: 99, under: "750ms" } },
    one: { availability: 99.9, route: "/users/{id}" },
    calls: { availability: 99.9, protocol: "grpc" },
    get: { latency: { percentile: 99, under: "500ms" }, method: "GetUser" },
  },
};

const REQUESTS = {
  look: { path: "/users/ada", share: 4 },
  open: { path: "/users", method: "POST", body: { id: "ada", name: "Ada Lovelace" } },
  get: { call: "shop.user.v1.Users/GetUser", proto: "services/api/shop/user/v1/user.proto", message: { id: "ada" } },
} as const;

function script(name: string, requests: Parameters<typeof loadTestScript>[0]["load"]["requests"] = REQUESTS): string {
  const file = join(folder, `${name}.js`);
  const load = { rate: 60, ramp: "1s", hold: "5s", requests };
  writeFileSync(file, loadTestScript({ environment: "dev", level: LEVEL, load, http, grpc }, relative(folder, ROOT)));
  return file;
}

const judged = (...args: readonly string[]) =>
  run(k6, args, { cwd: folder, env: { K6_NO_USAGE_REPORT: "true", K6_AUTO_EXTENSION_RESOLUTION: "false" } });

async function withFault<T>(fault: object, step: () => Promise<T>): Promise<T> {
  const put = await fetch(`${http}/faults`, { method: "PUT", body: JSON.stringify(fault) });
  expect(put.status).toBe(200);
  try {
    return await step();
  } finally {
    await fetch(`${http}/faults`, { method: "DELETE" });
  }
}

describe("k6", () => {
  test("reads the script: its scenarios and all thresholds", async () => {
    const { status, stdout, stderr } = await judged("inspect", script("inspected"));
    expect(status, stderr).toBe(0);
    const { scenarios, thresholds } = JSON.parse(stdout) as { scenarios: object; thresholds: object };
    expect(Object.keys(scenarios).sort()).toEqual(["get", "look", "open"]);
    expect(Object.keys(thresholds).sort()).toEqual([
      "checks",
      "grpc_req_duration{user-get:yes}",
      "http_req_duration{expected_response:true}",
      "http_req_failed",
      "http_req_failed{user-one:yes}",
    ]);
  });

  test("passes a service that is well, over HTTP and gRPC", async () => {
    const { status, stdout, stderr } = await judged("run", "--quiet", script("well"));
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/http_reqs\D+\d{3}/);
    expect(stdout).toContain("grpc_req_duration");
    expect(stderr).toBe("");
  });

  test.each([
    ["HTTP fails", { errors: 0.1, of: "/users" }, ["http_req_failed", "http_req_failed{user-one:yes}"]],
    ["one route fails", { errors: 0.1, of: "/users/{id}" }, ["http_req_failed", "http_req_failed{user-one:yes}"]],
    ["HTTP is slow", { latency: "900ms", of: "/users" }, ["http_req_duration{expected_response:true}"]],
    ["gRPC fails", { errors: 0.5, of: "GetUser" }, ["checks"]],
    ["gRPC is slow", { latency: "700ms", of: "GetUser" }, ["grpc_req_duration{user-get:yes}"]],
  ])("ends with 99 when %s, and names what was crossed and nothing else", async (name, fault, crossed) => {
    const { status, stderr } = await withFault(fault, () =>
      judged("run", "--quiet", script(name.replaceAll(" ", "-"))),
    );
    const [, named = ""] = /thresholds on metrics '([^']*)' have been crossed/.exec(stderr) ?? [];
    expect(named.split(", ").sort()).toEqual(crossed);
    expect(status).toBe(99);
  });

  test.each([
    ["is not there", { look: { path: "/users/nobody" }, get: REQUESTS.get }, "look: status 404 from GET"],
    ["does not exist", { look: REQUESTS.look, get: { ...REQUESTS.get, message: { id: "nobody" } } }, "get: "],
  ])("does not begin a load of requests for what %s", async (name, requests, said) => {
    const { status, stderr } = await judged("run", "--quiet", script(name.replaceAll(" ", "-"), requests));
    expect(stderr).toContain(said);
    expect(status).toBe(107);
  });

  test("does not begin where nobody answers, by either protocol", async () => {
    const [web, calls] = await freePorts(2);
    for (const gone of [`HTTP=http://127.0.0.1:${web}`, `GRPC=127.0.0.1:${calls}`]) {
      expect((await judged("run", "--quiet", "-e", gone, script("nobody"))).status).toBe(107);
    }
  });
});
