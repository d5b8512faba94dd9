import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { sentence } from "../../components/core/fault.ts";
import {
  alertRouting,
  alertRoutingFile,
  environmentFaults,
  placed,
  type RoutingSecrets,
  serviceAlerts,
} from "../../components/index.ts";
import type { AlertRoutingProps } from "../../components/observability/index.ts";
import { program } from "../../infra/program.ts";
import { faultsOf } from "../core/faults-of.ts";
import { everyReceiver } from "./routing.ts";

const spec = (props: AlertRoutingProps) => JSON.parse(JSON.stringify(alertRouting(props).config.spec));
const sentences = (rest: object) => faultsOf(() => alertRouting(everyReceiver(rest))).map(sentence);
const receiver = (name: string, props = everyReceiver()) =>
  spec(props).receivers.find((one: { name: string }) => one.name === name);

describe("alert routing", () => {
  test("is one AlertmanagerConfig in the namespace whose alerts it routes", () => {
    expect(alertRouting(everyReceiver()).config).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1alpha1",
      kind: "AlertmanagerConfig",
      metadata: { name: "alerting", namespace: "shop" },
    });
  });

  test("gives each owner and severity a leaf of its own, so that nobody is told twice", () => {
    const { route } = spec(everyReceiver());
    const [, checkout] = route.routes;
    expect(checkout.matchers).toEqual([{ name: "owner", value: "checkout", matchType: "=" }]);
    expect(checkout.routes.map((one: { receiver: string }) => one.receiver)).toEqual([
      "checkout-critical",
      "checkout-page",
      "checkout-ticket",
    ]);
    expect(JSON.stringify(route)).not.toContain("continue");
  });

  test("calls for a critical alert those whom a page calls, where nothing else is said", () => {
    expect(Object.keys(receiver("warehouse-critical"))).toEqual(["name", "wechatConfigs"]);
    expect(Object.keys(receiver("checkout-critical"))).toEqual([
      "name",
      "pagerdutyConfigs",
      "wechatConfigs",
      "webhookConfigs",
    ]);
  });

  test("groups by service, waits less the louder it is, and changes where it is told", () => {
    const { route } = spec(everyReceiver({ grouping: { page: { wait: "1s" } } }));
    expect(route.groupBy).toEqual(["namespace", "service"]);
    const [, { routes }] = route.routes;
    expect(routes.map((one: { groupWait: string }) => one.groupWait)).toEqual(["10s", "1s", "2m"]);
    expect(routes[1]).toMatchObject({ groupInterval: "5m", repeatInterval: "4h" });
  });

  test("does not send the ticket while the page about the same service fires", () => {
    const rules = spec(everyReceiver()).inhibitRules;
    expect(rules).toContainEqual({
      sourceMatch: [{ name: "severity", value: "critical|page", matchType: "=~" }],
      targetMatch: [{ name: "severity", value: "ticket", matchType: "=" }],
      equal: ["namespace", "service"],
    });
    expect(JSON.stringify(rules)).toContain("page-fast");
  });

  test("mutes at the times that are named, tickets only", () => {
    const config = spec(everyReceiver());
    expect(config.muteTimeIntervals).toContainEqual({
      name: "nights",
      timeIntervals: [
        { times: [{ startTime: "18:00", endTime: "24:00" }] },
        { weekdays: ["monday:friday"], times: [{ startTime: "00:00", endTime: "08:00" }] },
      ],
    });
    const muted = config.route.routes[1].routes.map((one: { muteTimeIntervals?: string[] }) => one.muteTimeIntervals);
    expect(muted).toEqual([undefined, undefined, ["weekend", "nights"]]);
  });

  test("holds no secret, but says where each is", () => {
    const [wecom] = receiver("checkout-page").wechatConfigs;
    expect(wecom.apiSecret).toEqual({ name: "alerting-vault", key: "oncall-secret" });
    const [pager] = receiver("checkout-page").pagerdutyConfigs;
    expect(pager.routingKey).toEqual({ name: "pagerduty", key: "routing-key" });
    const fetched = alertRouting(everyReceiver())["externalSecret-vault"] as RoutingSecrets;
    expect(fetched.spec.data).toContainEqual({
      secretKey: "oncall-secret",
      remoteRef: { key: "shop/alerting/wecom" },
    });
    expect(fetched.spec.data.map(({ secretKey }) => secretKey).sort()).toEqual([
      "chat-webhook",
      "heartbeat-url",
      "hook-url",
      "mail-password",
      "oncall-secret",
    ]);
  });

  test("has a watchdog only with a heartbeat", () => {
    const { heartbeat: _, ...without } = everyReceiver();
    expect(Object.keys(alertRouting(without))).toEqual(["config", "externalSecret-vault"]);
    expect(receiver("heartbeat").webhookConfigs).toEqual([
      { urlSecret: { name: "alerting-vault", key: "heartbeat-url" }, sendResolved: false },
    ]);
  });

  test("is the same tree as a file, with files for secrets", () => {
    const file = parse(alertRoutingFile(everyReceiver(), { secrets: "/secrets" }));
    const object = spec(everyReceiver());
    expect(file.receivers.map((one: { name: string }) => one.name)).toEqual(
      object.receivers.map((one: { name: string }) => one.name),
    );
    expect(file.inhibit_rules).toHaveLength(object.inhibitRules.length);
    expect(JSON.stringify(file)).toContain('"api_secret_file":"/secrets/alerting-vault/oncall-secret"');
    expect(JSON.stringify(file)).toContain('"routing_key_file":"/secrets/pagerduty/routing-key"');
  });
});

describe("what is refused", () => {
  test.each<[string, object, string]>([
    ["a misspelt receiver", { fallback: ["mial"] }, 'did you mean "mail"?'],
    ["a misspelt receiver of an owner", { owners: { a: { page: ["pagr"], ticket: ["chat"] } } }, '"pager"?'],
    ["a misspelt time", { mute: { ticket: ["weekends"] } }, 'did you mean "weekend"?'],
    ["an owner who is told nothing", { owners: { a: { page: [], ticket: ["chat"] } } }, "name a receiver"],
    ["a receiver of no kind", { receivers: { mail: {} } }, "exactly one kind"],
    ["a secret in plain text", { receivers: { mail: { pagerduty: { routingKey: "abc" } } } }, "wrong form"],
    [
      "WeCom to nobody",
      { receivers: { mail: { wecom: { corpId: "a", agentId: "b", secret: { secret: "a", key: "b" } } } } },
      "names nobody",
    ],
    ["a span over midnight", { times: { nights: [{ from: "22:00", to: "06:00" }] } }, "as two"],
    ["an unknown day", { times: { nights: [{ weekdays: ["sat"] }] } }, '"saturday"'],
    ["a severity of another world", { mute: { warning: ["weekend"] } }, "no such property"],
  ])("%s", (_, rest, said) => {
    expect(sentences(rest).join("\n")).toContain(said);
  });
});

describe("an alert without a route", () => {
  const rules = serviceAlerts({ name: "order", namespace: "shop", owner: "chekout" });
  const environment = (objects: object) => ({
    name: "test",
    members: {
      order: { type: "", objects: rules },
      alerting: { type: "", objects: objects as ReturnType<typeof alertRouting> },
    },
  });

  const unrouted = (objects: object) =>
    environmentFaults(environment(objects))
      .filter(({ component }) => component === "order")
      .map(sentence);

  test("is a fault where the namespace routes alerts", () => {
    expect(unrouted(alertRouting(everyReceiver()))).toEqual([
      'order: alerts.owner is "chekout", but no alert of that owner is routed to anybody; did you mean "checkout"?',
    ]);
  });

  test("is somebody else's where it does not", () => {
    expect(unrouted({})).toEqual([]);
    expect(unrouted(alertRouting(everyReceiver({ namespace: "other" })))).toEqual([]);
  });

  test("occurs in no environment of the shop", () => {
    for (const name of program.environments) {
      const kinds = [...placed(program.build(name, {}))].map(({ object }) => object.kind);
      expect(kinds).toContain("AlertmanagerConfig");
      expect(kinds).toContain("PrometheusRule");
    }
  });

  test("wakes nobody but in prod", () => {
    const config = (name: string) => JSON.stringify(program.build(name, {}).members["alerting"]?.objects);
    expect(config("prod")).toContain("pagerdutyConfigs");
    for (const name of ["dev", "staging"]) expect(config(name)).not.toMatch(/pagerduty|wechat/);
  });
});
