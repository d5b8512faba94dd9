import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { inside, itemsInside } from "../../components/core/plain.ts";
import { toYamlValue } from "../../components/core/yaml-text.ts";
import { NAMESPACE } from "../../demo/environment.ts";
import { ensureParts } from "../../toolchain/index.ts";
import { run } from "../../toolchain/process.ts";
import { ROOT } from "../integration/cli.ts";
import { until } from "../integration/observability/server.ts";
import { writeSmallProject } from "../integration/small-project.ts";
import { disagreements, letIn, settledBooks, states } from "./customers.ts";
import { type Servers, startServers } from "./servers.ts";
import { openShop, type Shop } from "./shop.ts";

/** What settings may change about a service. */
type Overrides = Readonly<Record<string, object>>;

/** One pod of a service. */
export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly ready: boolean;
  readonly restarts: number;
}

/** The shop on servers of its own, so that whatever ends loses nothing. */
export interface SturdyShop extends Shop {
  readonly servers: Servers;
  /** Applies the environment again with other settings. */
  readonly up: (services: Overrides) => Promise<void>;
  /** Pods of a service that are not on their way out. */
  readonly pods: (service: string) => Promise<readonly Pod[]>;
  /** Waits until a service has as many ready pods as it asks for, and no others. */
  readonly whole: (service: string) => Promise<void>;
  readonly kubectl: (
    ...args: readonly string[]
  ) => Promise<{ readonly status: number | undefined; readonly said: string }>;
  /** Lets customers order while something is broken and mended, and checks afterwards that nothing was lost. */
  readonly orderDuring: (what: string, broken: () => Promise<void>) => Promise<Toll>;
}

/** What a fault did to the orders. */
export interface Toll {
  readonly completed: number;
  readonly cancelled: number;
  /** Orders that were answered at the second try or later. */
  readonly again: number;
  /** Orders that were under way when they were answered. */
  readonly later: number;
}

/** Two pods of the services that others wait for most, where nothing else is said. */
export const TWICE: Overrides = { order: { replicas: 2 }, user: { replicas: 2 } };

/** Brings the shop's dev environment up with PostgreSQL and RabbitMQ. */
export async function openSturdyShop(): Promise<SturdyShop> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-sturdy-"));
  // The demonstration's program with other settings: the description stays one.
  writeSmallProject(
    folder,
    "demo",
    `export { program } from ${JSON.stringify(join(ROOT, "demo/infra/program.ts"))};\n`,
  );
  const settings = (services: Overrides) =>
    writeFileSync(join(folder, "Pulumi.dev.yaml"), toYamlValue({ config: { "demo:services": services } } as never));
  settings(TWICE);
  const servers = await startServers();
  const undo = async () => {
    await servers.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const shop = await openShop({ vault: servers.vault, nodeRuns: servers.reached }, folder);
    const { api, kubeconfig } = shop.running;
    const pods = (service: string) => podsOf(api, service);
    return {
      ...shop,
      servers,
      pods,
      up: async (services) => {
        settings(services);
        const { status, stderr } = await shop.cli.run("up", "dev");
        expect(status, stderr).toBe(0);
      },
      whole: async (service) => {
        await until(async () => {
          const deployment = await api(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${service}`);
          const wanted = Number(inside(deployment, "spec", "replicas"));
          const status = (key: string) => Number(inside(deployment, "status", key) ?? 0);
          const seen = status("observedGeneration") >= Number(inside(deployment, "metadata", "generation"));
          const found = await pods(service);
          const all = found.length === wanted && found.every(({ ready }) => ready);
          return seen && all && status("updatedReplicas") === wanted ? true : undefined;
        });
      },
      kubectl: async (...args) => {
        const { file = "kubectl" } = (await ensureParts(["kubectl"])).get("kubectl") ?? {};
        const { status, stdout, stderr } = await run(file, ["--kubeconfig", kubeconfig, ...args]);
        return { status, said: stdout + stderr };
      },
      orderDuring: (what, broken) => orderDuring(shop, servers, what, broken),
      close: once(async () => {
        await shop.close();
        await undo();
      }),
    };
  } catch (error) {
    await undo();
    throw error;
  }
}

/** Whoever calls it again waits for the first. */
function once(end: () => Promise<void>): () => Promise<void> {
  let ended: Promise<void> | undefined;
  return () => {
    ended ??= end();
    return ended;
  };
}

/** Orders that are answered before and after a fault, so that it falls among others. */
const AROUND = 20;

async function orderDuring(shop: Shop, servers: Servers, what: string, broken: () => Promise<void>): Promise<Toll> {
  const { address } = shop.ways.order;
  const customers = letIn(address);
  const more = async () => {
    const wanted = customers.answered() + AROUND;
    await until(() => (customers.answered() >= wanted ? true : undefined));
  };
  await more();
  const begun = performance.now();
  try {
    await broken();
    await more();
  } catch (error) {
    await customers.leave();
    throw error;
  }
  const took = performance.now() - begun;
  const answered = await customers.leave();
  const left = performance.now();
  const books = await settledBooks(address);
  const settled = performance.now() - left;
  expect(books.faults).toEqual([]);
  expect(books).toMatchObject({ balanced: true, settled: true, orders: { dead: 0 } });
  expect(await disagreements(servers)).toEqual([]);
  const {
    completed = 0,
    cancelled = 0,
    ...others
  } = await states(
    servers,
    answered.map(({ id }) => id),
  );
  expect(others).toEqual({});
  const again = answered.filter(({ tries }) => tries > 1).length;
  const later = answered.filter(({ status }) => status === 202).length;
  const longest = Math.max(...answered.map((one) => one.took));
  console.log(
    `${what}: ${answered.length} orders in ${seconds(took)}, ${completed} completed, ${cancelled} cancelled; ` +
      `${later} answered while under way, ${again} asked for again, the longest wait ${seconds(longest)}; ` +
      `all settled ${seconds(settled)} after the last`,
  );
  return { completed, cancelled, again, later };
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

async function podsOf(api: Shop["running"]["api"], service: string): Promise<readonly Pod[]> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=${service}`);
  const found = itemsInside(await api(`/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${selector}`), "items");
  return found.flatMap((pod) =>
    inside(pod, "metadata", "deletionTimestamp") === undefined
      ? [
          {
            name: String(inside(pod, "metadata", "name")),
            uid: String(inside(pod, "metadata", "uid")),
            ready: itemsInside(pod, "status", "conditions").some(
              (one) => inside(one, "type") === "Ready" && inside(one, "status") === "True",
            ),
            restarts: itemsInside(pod, "status", "containerStatuses").reduce<number>(
              (sum, one) => sum + Number(inside(one, "restartCount")),
              0,
            ),
          },
        ]
      : [],
  );
}

/** The processes of a pod on this machine, but for the one that holds its network. */
export function processesOf({ uid }: Pod): readonly number[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    const mine = contentOf(`/proc/${entry}/cgroup`).includes(`pod${uid}`);
    return mine && !contentOf(`/proc/${entry}/cmdline`).startsWith("/pause") ? [Number(entry)] : [];
  });
}

/** A process may end while it is looked at. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
