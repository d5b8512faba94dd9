import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toYamlValue } from "../../../components/core/yaml-text.ts";
import {
  type AlertRoutingProps,
  alertRouting,
  alertRoutingFile,
  type PrometheusRule,
  type RuleGroup,
  serviceAlertRules,
  serviceLevelRules,
} from "../../../components/observability/index.ts";
import { ensureParts } from "../../../toolchain/index.ts";
import { freePorts } from "../../../toolchain/ports.ts";
import { type Behaviour, openExporter } from "./exporter.ts";
import { type Notified, openNotified } from "./notified.ts";
import { type Served, serve, until } from "./server.ts";

const facts = { name: "order", namespace: "shop", owner: "checkout" } as const;
const behaviour: Behaviour = { good: 100, bad: 0, available: 3 };
const folder = mkdtempSync(join(tmpdir(), "fairlead-alert-path-"));
const open: Served[] = [];
let notified: Notified;
let alertmanager: Served;

/** The rules as they are, looked at each second. */
function ruleFile(routing: AlertRoutingProps): string {
  const watchdog = alertRouting(routing)["watchdog"] as PrometheusRule;
  const groups = [
    ...serviceLevelRules({
      ...facts,
      objectives: { availability: { availability: 99.9 }, checkout: { availability: 99.9, route: "/checkout" } },
    }).groups,
    // The objectives are to be first, so that there is something to inhibit by.
    ...serviceAlertRules({
      ...facts,
      protocols: ["http"],
      alerts: { errorRatio: { for: "20s" }, replicasMissing: { for: "1s" }, targetDown: false },
    }),
    ...((watchdog.spec.groups ?? []) as readonly RuleGroup[]),
  ];
  return toYamlValue({ groups: groups.map((group) => ({ ...group, interval: "1s" })) });
}

function routingTo(address: string): AlertRoutingProps {
  const secret = (key: string) => ({ secret: "alerting", key });
  const soon = { wait: "2s", interval: "2s", repeat: "1h" };
  return {
    name: "alerting",
    namespace: "shop",
    owner: "platform",
    receivers: {
      oncall: {
        wecom: { corpId: "ww1", agentId: "1000002", secret: secret("wecom"), toParty: "1", url: `${address}/wecom/` },
      },
      pager: { pagerduty: { routingKey: secret("pagerduty"), url: `${address}/pagerduty` } },
      everybody: { webhook: { url: `${address}/critical` } },
      chat: { webhook: { url: `${address}/tickets` } },
      nobody: { webhook: { url: `${address}/fallback` } },
    },
    owners: { checkout: { critical: ["everybody"], page: ["pager", "oncall"], ticket: ["chat"] } },
    fallback: ["nobody"],
    grouping: { critical: soon, page: soon, ticket: soon },
    heartbeat: { url: `${address}/heartbeat`, every: "2s" },
  };
}

beforeAll(async () => {
  const parts = await ensureParts(["prometheus", "alertmanager"]);
  notified = await openNotified();
  const exporter = await openExporter(behaviour);
  open.push(notified, exporter);
  const routing = routingTo(notified.address);
  mkdirSync(join(folder, "secrets/alerting"), { recursive: true });
  writeFileSync(join(folder, "secrets/alerting/wecom"), "wecom-secret");
  writeFileSync(join(folder, "secrets/alerting/pagerduty"), "pagerduty-key");
  writeFileSync(join(folder, "alertmanager.yml"), alertRoutingFile(routing, { secrets: join(folder, "secrets") }));
  writeFileSync(join(folder, "rules.yml"), ruleFile(routing));
  const [first = 0, second = 0] = await freePorts(2);
  const at = (port: number) => `127.0.0.1:${port}`;
  alertmanager = await serve(
    parts.get("alertmanager")?.file ?? "alertmanager",
    [
      "--config.file=alertmanager.yml",
      "--storage.path=alertmanager",
      `--web.listen-address=${at(first)}`,
      "--cluster.listen-address=",
    ],
    { folder, address: `http://${at(first)}`, ready: "/-/ready" },
  );
  open.push(alertmanager);
  const target = (address: string) => address.replace("http://", "");
  writeFileSync(
    join(folder, "prometheus.yml"),
    toYamlValue({
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: ["rules.yml"],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [at(first)] }] }] },
      scrape_configs: [
        {
          job_name: "order",
          honor_labels: true,
          static_configs: [{ targets: [target(exporter.address)], labels: { namespace: "shop" } }],
        },
      ],
    }),
  );
  open.push(
    await serve(
      parts.get("prometheus")?.file ?? "prometheus",
      [
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        `--web.listen-address=${at(second)}`,
        // What is sent before Alertmanager is known is lost, and otherwise said again after a minute only.
        "--rules.alert.resend-delay=1s",
      ],
      { folder, address: `http://${at(second)}`, ready: "/-/ready" },
    ),
  );
});

afterAll(async () => {
  for (const one of open.reverse()) await one.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/** Waits until Alertmanager holds an alert back because of another. */
function inhibited(name: string): Promise<ActiveAlert> {
  return until(async () => {
    const answer = await fetch(`${alertmanager.address}/api/v2/alerts`);
    const alerts = (await answer.json()) as readonly ActiveAlert[];
    return alerts.find(({ labels, status }) => labels["alertname"] === name && status.inhibitedBy.length > 0);
  });
}

test("a healthy service calls nobody, and the watchman outside hears of it again and again", async () => {
  const heard = await until(() =>
    (notified.hooks["/heartbeat"]?.length ?? 0) > 2 ? notified.hooks["/heartbeat"] : undefined,
  );
  expect(heard[0]?.alerts.map(({ labels }) => labels["alertname"])).toEqual(["Watchdog"]);
  expect(Object.keys(notified.hooks)).toEqual(["/heartbeat"]);
  expect(notified.pagerduty).toEqual([]);
  expect(notified.wecom).toEqual([]);
});

test("an outage becomes one page for both objectives, in WeCom and in PagerDuty", async () => {
  behaviour.good = 0;
  behaviour.bad = 100;
  const event = await until(() => notified.pagerduty[0]);
  const message = await until(() => notified.wecom[0]);
  expect(event).toMatchObject({
    routing_key: "pagerduty-key",
    event_action: "trigger",
    payload: {
      summary: "FIRING page: order in shop (2 alerts)",
      severity: "critical",
      component: "order",
      group: "shop",
    },
  });
  expect(notified.logins).toEqual(["ww1 wecom-secret"]);
  expect(message).toMatchObject({ token: "token-1", msgtype: "text", agentid: "1000002", toparty: "1" });
  expect(message.text.content).toContain("FIRING page: order in shop (2 alerts)");
  expect(message.text.content).toContain("docs/runbooks/slo-burn-rate.md");
});

test("what follows from the outage is held back: the critical alert on the same errors, tickets of the same service", async () => {
  behaviour.available = 2;
  await inhibited("ServiceErrorRatio");
  await inhibited("ReplicasMissing");
  expect(Object.keys(notified.hooks)).toEqual(["/heartbeat"]);
  expect(notified.pagerduty).toHaveLength(1);
  expect(notified.wecom).toHaveLength(1);
});

test("when the errors end both are told so, and the ticket that still holds is sent", async () => {
  behaviour.good = 10_000_000;
  behaviour.bad = 0;
  const resolved = await until(() => notified.pagerduty.find((event) => event.event_action === "resolve"));
  expect(resolved.dedup_key).toBe(notified.pagerduty[0]?.dedup_key);
  const message = await until(() => notified.wecom.find(({ text }) => text.content.startsWith("RESOLVED")));
  expect(message.text.content).toContain("order");
  const tickets = await until(() => notified.hooks["/tickets"]);
  expect(tickets[0]?.alerts.map(({ labels }) => labels["alertname"])).toContain("ReplicasMissing");
  expect(notified.hooks["/fallback"]).toBeUndefined();
});
