import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inside, itemsInside } from "../../../components/core/plain.ts";
import { type Cli, openCli } from "../../integration/cli.ts";
import { type Served, until } from "../../integration/observability/server.ts";
import { openController } from "./controller.ts";
import { writeProject, writeSettings } from "./project.ts";
import { openTraffic } from "./traffic.ts";
import { openWatch, type Seen, type Watch } from "./watch.ts";

const NAMESPACE = "proof";
/** Versions that fail one request in two, and versions that are slow but fail nothing. */
const BAD = "bad";
const SLOW = "slow";

let cli: Cli;
let folder: string;
let watch: Watch;
let prometheus: Served;
let controller: Served;
const services: Record<string, Record<string, unknown>> = { pay: { rollout: false } };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-proof-"));
  writeProject(folder);
  cli = openCli(folder);
  const started = await cli.run("cluster", "start");
  expect(started.status, started.stderr).toBe(0);
  watch = openWatch(cli.kubeconfig, NAMESPACE);
  prometheus = await openTraffic(NAMESPACE, watch.pods, ({ version }) => ({
    bad: version === BAD ? 20 : 0,
    slow: version === SLOW ? 2 : 0,
  }));
  controller = await openController(cli.kubeconfig, folder);
});

afterAll(async () => {
  await controller?.stop();
  await prometheus?.stop();
  await watch?.close();
  await cli?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function up(changes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {}): Promise<void> {
  for (const [name, change] of Object.entries(changes)) services[name] = { ...services[name], ...change };
  writeSettings(folder, prometheus.address, services);
  const done = await cli.run("up", "dev");
  expect(done.status, done.stderr).toBe(0);
}

/** The engine has nothing to undo of what the controller did. */
async function unchanged(): Promise<void> {
  const preview = await cli.run("preview", "dev");
  expect(preview.status, preview.stderr).toBe(0);
  expect(preview.stdout).toContain("dev: nothing to change");
}

/** Everything a Rollout goes through until it satisfies a condition, each state once. */
async function path(name: string, over: (seen: Seen) => boolean): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  await until(async () => {
    const now = await watch.rollout(name);
    if (JSON.stringify(now) !== JSON.stringify(seen.at(-1))) seen.push(now);
    return over(now) ? true : undefined;
  });
  return seen;
}

const healthy = ({ phase, stable, current }: Seen) => phase === "Healthy" && stable === current;
const healthyOther = (before: unknown) => (seen: Seen) => healthy(seen) && seen.stable !== before;
const stableOf = async (name: string) => (await watch.rollout(name)).stable;
const versions = (service: string) => {
  const found = watch.pods().filter((pod) => pod.service === service);
  const counts = [...Map.groupBy(found, ({ version }) => version)].map(([version, pods]) => [version, pods.length]);
  return Object.fromEntries(counts.sort());
};
const runsOf = async (name: string) =>
  (await watch.list("argoproj.io/v1alpha1/analysisruns")).filter((run) =>
    itemsInside(run, "metadata", "ownerReferences").some((owner) => inside(owner, "name") === name),
  );
/** Lets the real autoscaler of the control plane raise the pods of a service. */
const minimum = (name: string, minReplicas: number) =>
  watch.api(`/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers/${name}`, {
    method: "PATCH",
    body: { spec: { minReplicas } },
    contentType: "application/merge-patch+json",
  });
const note = (text: string) => console.log(text);

test("everything comes up, and the engine has nothing to change once the controller has had its say", async () => {
  await up();
  for (const name of ["order", "web", "cart", "user"]) await path(name, healthy);
  await until(() => (versions("order")["1.0.0"] === 4 ? true : undefined));
  const service = await watch.get("core/v1/services/web");
  expect(inside(service, "spec", "selector", "rollouts-pod-template-hash")).toBe(await stableOf("web"));
  await unchanged();
});

describe("a canary by pods", () => {
  test("a good version takes over step by step, and an autoscaler that moves meanwhile does not disturb it", async () => {
    const before = await stableOf("order");
    await up({ order: { version: "2.0.0" } });
    await minimum("order", 8);
    const seen = await path("order", (now) => healthyOther(before)(now) || now.aborted);
    expect(seen.some(({ aborted }) => aborted)).toBe(false);
    expect(seen.some(({ phase, replicas }) => phase !== "Healthy" && replicas === 8)).toBe(true);
    const [run] = (await runsOf("order")).slice(-1);
    expect(inside(run, "status", "phase")).toBe("Successful");
    await until(() =>
      versions("order")["2.0.0"] === 8 && Object.keys(versions("order")).length === 1 ? true : undefined,
    );
    expect((await watch.rollout("order")).replicas).toBe(8);
    await up({ order: { scale: { min: 8, max: 12 } } });
    note(
      `good version: ${seen.map(({ phase, step, replicas }) => `${phase} ${step} of ${replicas} pods`).join(" -> ")}`,
    );
    await unchanged();
  });

  test.each([
    [BAD, "order-availability"],
    [SLOW, "order-latency-growth"],
  ])("version %s is rolled back by itself at the second bad answer", async (version, metric) => {
    const before = await stableOf("order");
    const since = Date.now();
    await up({ order: { version } });
    const seen = await path("order", ({ aborted }) => aborted);
    const aborted = Date.now();
    const run = (await runsOf("order")).find(
      (one) => inside(one, "status", "phase") === "Failed" && String(inside(one, "status", "message")).includes(metric),
    );
    expect(run).toBeDefined();
    const results = itemsInside(run, "status", "metricResults").filter((one) => inside(one, "phase") === "Failed");
    expect(results.map((one) => inside(one, "name"))).toContain(metric);
    expect(results.map((one) => inside(one, "failed"))).toContain(2);
    await until(() =>
      versions("order")[version] === undefined && versions("order")["2.0.0"] === 8 ? true : undefined,
    );
    expect(await stableOf("order")).toBe(before);
    const failing = itemsInside(results[0], "measurements").filter((one) => inside(one, "phase") === "Failed");
    const first = Date.parse(String(inside(failing[0], "finishedAt")));
    note(
      `${version}: up ${since}, ${seen.length} states, first bad answer ${(first - since) / 1000} s after up began, aborted ${(aborted - first) / 1000} s later (interval 5 s)`,
    );
    await unchanged();
    const status = await cli.run("up", "dev");
    expect(status.stdout).toMatch(/order +Rollout +8\/8, degraded/);
    await up({ order: { version: "2.0.0" } });
    await path("order", healthy);
  });
});

describe("weights of a mesh", () => {
  const http = async (name: string) =>
    itemsInside(await watch.get(`networking.istio.io/v1/virtualservices/${name}`), "spec", "http");
  const weightsOf = async (name: string, route = "default") => {
    const found = (await http(name)).find((one) => inside(one, "name") === route);
    return itemsInside(found, "route").map((one) => inside(one, "weight") ?? 0);
  };

  test("a good version goes through the funnel: staff, a region, then steps; and becomes stable", async () => {
    const before = await stableOf("web");
    const idle = await http("web");
    await up({ web: { version: "2.0.0" } });
    const tiers = new Set<string>();
    const caller = new Set<string>();
    await until(async () => {
      const routes = await http("web");
      const names = routes.map((route) => inside(route, "name"));
      caller.add(JSON.stringify(await weightsOf("web", "cart-default")));
      tiers.add(`${names.join("+")} ${JSON.stringify(await weightsOf("web"))}`);
      return healthyOther(before)(await watch.rollout("web")) ? true : undefined;
    });
    note(`funnel: ${[...tiers].join(" -> ")}`);
    const told = [...tiers];
    expect(told.some((tier) => tier.startsWith("tier-1+") && tier.endsWith("[100,0]"))).toBe(true);
    expect(told.some((tier) => tier.includes("tier-2") && tier.endsWith("[100,0]"))).toBe(true);
    // Staff and region keep the new version until everybody has it.
    expect(
      told
        .filter((tier) => !tier.endsWith("[100,0]") && !tier.endsWith("[0,100]"))
        .every((tier) => tier.startsWith("tier-1+tier-2+")),
    ).toBe(true);
    for (const weight of [15, 55, 95]) {
      expect(told.some((tier) => tier.endsWith(`[${100 - weight},${weight}]`))).toBe(true);
      expect([...caller]).toContain(`[${100 - weight},${weight}]`);
    }
    await until(async () => ((await http("web")).length === idle.length ? true : undefined));
    expect(await weightsOf("web")).toEqual([100, 0]);
    await unchanged();
  });

  test("a change of the route arrives while weights are under way, and the weights come back", async () => {
    const before = await stableOf("web");
    await up({ web: { version: "3.0.0" } });
    await until(async () => (Number((await weightsOf("web"))[1]) >= 15 ? true : undefined));
    writeSettings(folder, prometheus.address, { ...services, timeout: "7s" });
    const done = await cli.run("up", "dev");
    expect(done.status, done.stderr).toBe(0);
    const seen = await path("web", healthyOther(before));
    expect(seen.some(({ aborted }) => aborted)).toBe(false);
    const everyone = (await http("web")).find((route) => inside(route, "name") === "default");
    expect(inside(everyone, "timeout")).toBe("7s");
    const preview = await cli.run("preview", "dev");
    expect(preview.stdout).toContain("dev: nothing to change");
    await up();
  });

  test("pods follow the weights where the stable scale is dynamic", async () => {
    const before = await stableOf("cart");
    await up({ cart: { version: "2.0.0" } });
    const counts = new Set<string>();
    await until(async () => {
      counts.add(JSON.stringify(versions("cart")));
      return healthyOther(before)(await watch.rollout("cart")) ? true : undefined;
    });
    note(`dynamic stable scale: ${[...counts].join(" -> ")}`);
    expect([...counts]).toContain(JSON.stringify({ "1.0.0": 3, "2.0.0": 1 }));
    expect([...counts]).toContain(JSON.stringify({ "1.0.0": 2, "2.0.0": 2 }));
    await unchanged();
  });
});

describe("blue-green", () => {
  const setOf = async (hash: unknown) =>
    (await watch.list("apps/v1/replicasets")).find(
      (one) => inside(one, "metadata", "labels", "rollouts-pod-template-hash") === hash,
    );
  const active = async () =>
    inside(await watch.get("core/v1/services/user"), "spec", "selector", "rollouts-pod-template-hash");

  test("switches at once and keeps the old version for the promised time", async () => {
    const before = await stableOf("user");
    await up({ user: { version: "2.0.0" } });
    await until(async () => ((await active()) !== before ? true : undefined));
    const switched = Date.now();
    expect(versions("user")).toMatchObject({ "1.0.0": 3 });
    await path("user", healthyOther(before));
    const deadline = await until(async () =>
      inside(await setOf(before), "metadata", "annotations", "scale-down-deadline"),
    );
    await until(async () => (inside(await setOf(before), "spec", "replicas") === 0 ? true : undefined));
    const gone = Date.now();
    expect(gone).toBeGreaterThanOrEqual(Date.parse(String(deadline)) - 1000);
    expect(gone - switched).toBeGreaterThanOrEqual(40_000);
    note(`blue-green: switched, old version gone ${(gone - switched) / 1000} s later (promised 40 s)`);
    await unchanged();
  });

  test("a bad version is switched back from by itself", async () => {
    const before = await stableOf("user");
    await up({ user: { version: BAD } });
    await until(async () => ((await active()) !== before ? true : undefined));
    const switched = Date.now();
    await until(async () => ((await active()) === before ? true : undefined));
    note(`blue-green: bad version switched back from after ${(Date.now() - switched) / 1000} s (interval 5 s)`);
    expect((await watch.rollout("user")).aborted).toBe(true);
    await unchanged();
    await up({ user: { version: "2.0.0" } });
    await path("user", healthy);
  });
});

describe("a Deployment becomes a Rollout and a Rollout a Deployment", () => {
  /** Pods behind a Service. */
  async function behind(service: string): Promise<number> {
    const slices = await watch.list("discovery.k8s.io/v1/endpointslices");
    return slices
      .filter((one) => inside(one, "metadata", "labels", "kubernetes.io/service-name") === service)
      .flatMap((one) => itemsInside(one, "endpoints"))
      .filter((one) => inside(one, "conditions", "ready") === true).length;
  }
  /** The fewest of them at any moment while something happens. */
  async function fewest(service: string, step: () => Promise<unknown>): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    let over = false;
    const watching = (async () => {
      while (!over) {
        least = Math.min(least, await behind(service));
        await new Promise((wake) => setTimeout(wake, 100));
      }
    })();
    try {
      await step();
    } finally {
      over = true;
      await watching;
    }
    return least;
  }
  const deployment = () => watch.get("apps/v1/deployments/pay");
  const none = (path: string) =>
    watch.get(path).then(
      () => undefined,
      () => true as const,
    );

  test("to a Rollout, and no moment has fewer pods", async () => {
    const least = await fewest("pay", async () => {
      await up({ pay: { rollout: { move: { to: "rollout", replicas: 3 } } } });
      await path("pay", healthy);
      await until(async () => (inside(await deployment(), "spec", "replicas") === 0 ? true : undefined));
      await unchanged();
      const before = await stableOf("pay");
      await up({ pay: { rollout: true } });
      await until(() => none("apps/v1/deployments/pay"));
      await path("pay", healthy);
      // The same pods go on: what describes them now is the same.
      expect(await stableOf("pay")).toBe(before);
    });
    note(`move to a Rollout: fewest pods at any moment ${least} of 3`);
    expect(least).toBeGreaterThanOrEqual(3);
    await unchanged();
  });

  test("a version takes over there, and then back to a Deployment, and no moment has fewer pods", async () => {
    const before = await stableOf("pay");
    await up({ pay: { version: "2.0.0" } });
    await path("pay", healthyOther(before));
    // By now an autoscaler has written how many pods there are, and that is more than the description says.
    await minimum("pay", 5);
    await until(async () => ((await behind("pay")) === 5 ? true : undefined));
    const least = await fewest("pay", async () => {
      await up({ pay: { rollout: { move: { to: "deployment", replicas: 6 } } } });
      await until(async () => (inside(await deployment(), "status", "readyReplicas") === 6 ? true : undefined));
      expect((await watch.rollout("pay")).replicas).toBe(6);
      await unchanged();
      await up({ pay: { rollout: false } });
      await until(() => none("argoproj.io/v1alpha1/rollouts/pay"));
      await until(() => (versions("pay")["2.0.0"] === 6 ? true : undefined));
    });
    note(`move to a Deployment: fewest pods at any moment ${least} of 5`);
    expect(least).toBeGreaterThanOrEqual(5);
    await unchanged();
  });
});
