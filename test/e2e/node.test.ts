import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterStatus, startCluster } from "../../toolchain/index.ts";
import { type Cli, openCli } from "../integration/cli.ts";
import { until } from "../integration/observability/server.ts";
import { writeSmallProject } from "../integration/small-project.ts";
import { succeed } from "../integration/succeed.ts";
import { differences, lookAtMachine, type Machine } from "./machine.ts";
import { NAMESPACE, PROGRAM } from "./project.ts";
import { openWitnesses, type Witnesses, witnessImage } from "./witness.ts";

let before: Machine;
let cli: Cli;
let folder: string;
let witnesses: Witnesses;

const fairlead = (...args: readonly string[]) => succeed(cli, ...args);

beforeAll(async () => {
  before = lookAtMachine();
  folder = mkdtempSync(join(tmpdir(), "fairlead-e2e-"));
  writeSmallProject(folder, "e2e", PROGRAM);
  cli = openCli(folder);
  await fairlead("cluster", "start", "--node", "real");
  await witnessImage(join(cli.state, "cluster"), folder);
  await fairlead("up", "dev");
  witnesses = openWitnesses(cli.kubeconfig, NAMESPACE);
});

afterAll(async () => {
  await cli?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("pods of components on a real node", () => {
  test("one is as restricted inside as it was asked to be", async () => {
    const who = JSON.parse(await witnesses.exec("front", "who")) as Record<string, string>;
    expect(who).toMatchObject({
      user: "1001",
      group: "1001",
      CapEff: "0000000000000000",
      CapBnd: "0000000000000000",
      NoNewPrivs: "1",
      // 2 is a filter, as RuntimeDefault asks for.
      Seccomp: "2",
      root: expect.stringContaining("read-only file system"),
      // 128Mi is every component's limit that says no other.
      memory: String(128 * 1024 ** 2),
    });
  });

  test("what one writes is its log", async () => {
    expect(await witnesses.logs("front")).toContain("witness serves as front-");
  });

  test("one calls another by its Service's name, and finds each pod behind a headless one", async () => {
    expect(await witnesses.reach("front", `back.${NAMESPACE}.svc.cluster.local:8080`)).toEqual(["reached"]);
    const [address = ""] = await witnesses.addresses("back");
    const found = await witnesses.exec("front", "resolve", `back-headless.${NAMESPACE}.svc.cluster.local`);
    expect(found.trim().split("\n")).toEqual([address]);
    expect(await witnesses.reach("front", `${address}:8080`)).toEqual(["reached"]);
  });

  test("a name that is not the cluster's does not exist", async () => {
    await expect(witnesses.exec("front", "resolve", "example.com")).rejects.toThrow(/no such host/);
  });
});

describe("network policies of components", () => {
  test("a call that is declared passes, by Service and by pod; what is not declared is dropped at either end", async () => {
    const [back = ""] = await witnesses.addresses("back");
    const [front = ""] = await witnesses.addresses("front");
    const [stranger = ""] = await witnesses.addresses("stranger");
    const reached = {
      front: ["reached", "reached", "dropped", "dropped"],
      stranger: ["dropped", "dropped", "dropped", "dropped"],
    };
    // The port 6060 is nobody's to call.
    expect(await witnesses.reach("front", "back:8080", `${back}:9090`, `${back}:6060`, `${stranger}:8080`)).toEqual(
      reached.front,
    );
    // Who declares that it calls nobody reaches nobody, though front's door is open to whoever gets there.
    expect(await witnesses.reach("stranger", "back:8080", `${back}:8080`, `${front}:8080`, "front:8080")).toEqual(
      reached.stranger,
    );
  });

  test("the API server is out of reach for who does not ask for it", async () => {
    expect(await witnesses.reach("stranger", "kubernetes.default.svc.cluster.local:443")).toEqual(["dropped"]);
  });

  test("it is the policies that drop: without them the same packets pass, and with them again they do not", async () => {
    const kept = await witnesses.removePolicies();
    expect(kept.length).toBeGreaterThanOrEqual(3);
    try {
      await until(async () => ((await witnesses.reach("stranger", "back:8080"))[0] === "reached" ? true : undefined));
    } finally {
      await witnesses.restorePolicies(kept);
    }
    await until(async () => ((await witnesses.reach("stranger", "back:8080"))[0] === "dropped" ? true : undefined));
    expect(await witnesses.reach("front", "back:8080")).toEqual(["reached"]);
  });
});

describe("add-ons of components", () => {
  test("a collector and Jaeger run under their own names, as programs that were built here", async () => {
    const telemetry = openWitnesses(cli.kubeconfig, `${NAMESPACE}-telemetry`);
    // `up` waited until they were ready.
    expect([...(await telemetry.images())].sort()).toEqual([
      expect.stringMatching(/^docker\.io\/jaegertracing\/jaeger:/),
      expect.stringMatching(/^docker\.io\/otel\/opentelemetry-collector-contrib:/),
    ]);
  });

  test("Prometheus' namespace reaches their metrics, and a service does not", async () => {
    const monitoring = openWitnesses(cli.kubeconfig, "monitoring");
    await monitoring.pod("looker");
    const metrics = [`jaeger.${NAMESPACE}-telemetry:8888`, `telemetry-gateway.${NAMESPACE}-telemetry:8888`];
    const [jaeger = "", gateway = ""] = metrics;
    expect(await monitoring.reach("looker", ...metrics, `front.${NAMESPACE}:8080`)).toEqual([
      "reached",
      "reached",
      "reached",
    ]);
    expect(await witnesses.reach("stranger", jaeger, gateway)).toEqual(["dropped", "dropped"]);
  });
});

describe("what is measured", () => {
  test("a pod's use of processor and memory is known", async () => {
    const used = await until(() => witnesses.usage("front"));
    expect(used.memory).toBeGreaterThan(1_000_000);
    expect(used.memory).toBeLessThan(128 * 1024 ** 2);
  });

  test("an autoscaler adds pods under load", async () => {
    expect(await witnesses.addresses("back")).toHaveLength(1);
    const load = witnesses.exec("front", "load", "http://back:8080/burn?ms=40", "4", "90s");
    await until(async () => ((await witnesses.addresses("back")).length >= 2 ? true : undefined));
    const answers = JSON.parse(await load) as Record<string, number>;
    expect(Object.keys(answers)).toEqual(["200"]);
  });
});

describe("volumes", () => {
  test("a claim becomes a folder that the pod's group may write, and outlives the pod", async () => {
    await witnesses.claim("keeper", "64Mi");
    await witnesses.pod("first", "keeper");
    await witnesses.exec("first", "write", "/data/kept", "still here");
    await witnesses.remove("first");
    await witnesses.pod("second", "keeper");
    expect(await witnesses.exec("second", "read", "/data/kept")).toBe("still here");
    await witnesses.remove("second");
  });
});

describe("a node that ends", () => {
  test("a second start leaves a running node alone", async () => {
    const { began, registry } = await startCluster({ folder: join(cli.state, "cluster") });
    expect(began).toBe("running");
    expect(registry).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test("another cluster can not take the machine while it is a node", async () => {
    const other = openCli(folder);
    try {
      const { status, stderr } = await other.run("cluster", "start", "--node", "real");
      expect(status).toBe(1);
      expect(stderr).toContain(`this machine is the real node of ${join(cli.state, "cluster")}`);
    } finally {
      await other.close();
    }
    expect((await clusterStatus({ folder: join(cli.state, "cluster") })).state).toBe("running");
  });

  test("a stopped one leaves nothing on the machine, and its pods come back with the next start", async () => {
    await fairlead("cluster", "stop");
    expect(differences(before, lookAtMachine())).toEqual([]);
    // What is in the way is said, and costs the cluster none of its objects.
    execFileSync("ip", ["route", "add", "10.96.0.0/16", "dev", "lo"]);
    try {
      const { status, stderr } = await cli.run("cluster", "start");
      expect(status).toBe(1);
      expect(stderr).toContain("the real node does not start: ip route add 10.96.0.0/16");
    } finally {
      execFileSync("ip", ["route", "delete", "10.96.0.0/16", "dev", "lo"]);
    }
    expect(differences(before, lookAtMachine())).toEqual([]);
    await fairlead("cluster", "start");
    await until(async () =>
      (await witnesses.reach("front", "back:8080").catch(() => []))[0] === "reached" ? true : undefined,
    );
  });

  test("one whose programs were all killed is healed by the next start", async () => {
    const { processes } = await clusterStatus({ folder: join(cli.state, "cluster") });
    expect(processes.length).toBeGreaterThan(10);
    for (const { pid } of processes) process.kill(pid, "SIGKILL");
    expect((await clusterStatus({ folder: join(cli.state, "cluster") })).state).not.toBe("running");
    await fairlead("cluster", "start");
    await until(async () =>
      (await witnesses.reach("front", "back:8080").catch(() => []))[0] === "reached" ? true : undefined,
    );
  });

  test("one whose programs were all killed leaves nothing behind when it is deleted", async () => {
    const { processes } = await clusterStatus({ folder: join(cli.state, "cluster") });
    for (const { pid } of processes) process.kill(pid, "SIGKILL");
    // Pods live on without those: there is something to be cleared.
    expect(differences(before, lookAtMachine()).length).toBeGreaterThan(0);
    await fairlead("cluster", "delete");
    expect(differences(before, lookAtMachine())).toEqual([]);
  });
});
