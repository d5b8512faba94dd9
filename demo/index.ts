import { spawn } from "node:child_process";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NAMESPACE, startEnvironment, TELEMETRY } from "./environment.ts";
import type { Forward } from "./forward.ts";
import { ALERTMANAGER } from "./infra/alertmanager.ts";
import { PROMETHEUS } from "./infra/monitoring.ts";
import { ABSENT } from "./infra/program.ts";
import { books, type Placed, placeOrder } from "./shopping.ts";
import { ask, spansOf, tree } from "./telemetry.ts";

// The shop's dev environment, run for real: a node, images of the services, orders, and what is known of them afterwards.

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, "..");
const STATE = resolve(process.env["FAIRLEAD_STATE"] ?? join(HERE, ".fairlead"));
const KUBECONFIG = join(STATE, "cluster", "kubeconfig");
/** Of these a tenth is traced to the end: as many as it takes for one of them for certain enough. */
const ORDERS = 80;

const begun = performance.now();
const say = (text: string) => console.log(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${text}`);

async function main(): Promise<void> {
  if (process.argv[2] === "stop") return fairlead("cluster", "delete");
  const running = await startEnvironment(STATE, fairlead, say);
  say(`the environment is up, without ${ABSENT.join(", ")}`);
  const ways = await running.ways();
  try {
    await show(ways.order, ways.jaeger, ways.prometheus);
  } finally {
    for (const way of Object.values(ways)) way.close();
  }
  await fairlead("graph", "dev");
  whereToLook();
  process.exit(0);
}

async function show(order: Forward, jaeger: Forward, prometheus: Forward): Promise<void> {
  const first = await placeOrder(order.address, 0);
  say(`the first order: ${first.status} ${first.answer.trim()}`);
  const orders = [first];
  for (let index = 1; index < ORDERS; index++) orders.push(await placeOrder(order.address, index));
  const completed = orders.filter(({ status }) => status === 201);
  const times = completed.map(({ took }) => took).sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
  say(
    `${completed.length} of ${orders.length} orders are completed; half of them within ${at(0.5)} ms, 99 % within ${at(0.99)} ms`,
  );
  const { balanced, said } = await books(order.address);
  say(`the books ${balanced ? "balance" : "do not balance"}: ${said}`);
  const traced = await someTrace(jaeger.address, orders);
  console.log(
    traced === undefined ? "no trace was kept" : `\nthe trace of ${traced.id}:\n${tree(traced.spans).join("\n")}\n`,
  );
  console.log(await promises(prometheus.address));
}

/** The collector keeps a tenth of what is neither slow nor wrong, ten seconds after it began. */
async function someTrace(jaeger: string, orders: readonly Placed[]) {
  for (let look = 0; look < 20; look++) {
    for (const { id, trace } of orders) {
      const spans = await spansOf(jaeger, trace);
      if (spans.length > 0) return { id, spans };
    }
    await sleep(1000);
  }
  return undefined;
}

/** The share of good events of each objective, by the environment's own rules. */
async function promises(prometheus: string): Promise<string> {
  for (let look = 0; look < 60; look++) {
    const found = await ask(prometheus, "slo:bad_ratio:rate5m");
    if (found.length > 0) {
      const lines = found.map(
        ([labels, ratio]) => `  ${labels["slo"] ?? ""}: ${(100 * (1 - ratio)).toFixed(3)} % good in 5 minutes`,
      );
      return `objectives, by the rules that were rendered:\n${lines.join("\n")}`;
    }
    await sleep(1000);
  }
  return "no objective has an answer yet";
}

function whereToLook(): void {
  const kubectl = `KUBECONFIG=${relative(process.cwd(), KUBECONFIG)} kubectl`;
  console.log(
    [
      "",
      "where to look:",
      `  pods        ${kubectl} -n ${NAMESPACE} get pods`,
      `  logs        ${kubectl} -n ${NAMESPACE} logs deploy/order`,
      `  orders      ${kubectl} -n ${NAMESPACE} port-forward svc/order 8080    http://localhost:8080/books`,
      `  traces      ${kubectl} -n ${TELEMETRY} port-forward svc/jaeger 16686    http://localhost:16686`,
      `  Prometheus  ${kubectl} -n ${PROMETHEUS.namespace} port-forward svc/${PROMETHEUS.name} 9090    http://localhost:9090/alerts`,
      `  alerts      ${kubectl} -n ${ALERTMANAGER.namespace} port-forward svc/${ALERTMANAGER.name} 9093    http://localhost:9093`,
      "  the end     npm run demo -- stop",
    ].join("\n"),
  );
}

/** The command line as a user runs it, in the demonstration's own project. */
function fairlead(...args: readonly string[]): Promise<void> {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, [join(ROOT, "cli/bootstrap.js"), ...args], {
      cwd: HERE,
      env: { ...process.env, FAIRLEAD_STATE: STATE },
      stdio: "inherit",
    });
    child.on("error", reject).on("close", (status) => {
      if (status === 0) fulfil();
      else reject(new Error(`fairlead ${args.join(" ")} ended with ${status}`));
    });
  });
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
