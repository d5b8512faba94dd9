import { describe, expect, test } from "vitest";
import { sentence } from "../../components/core/fault.ts";
import { catalogue, components } from "../../components/index.ts";
import { ALERT_TABLE } from "../../components/observability/alerts/table.ts";
import { type ServiceAlertsProps, serviceAlertRules, serviceAlerts } from "../../components/observability/index.ts";
import type { AlertRule } from "../../components/observability/slo/rule.ts";
import { faultsOf } from "../core/faults-of.ts";
import { watchedJob, watchedService } from "./watched.ts";

const alerts = (props: ServiceAlertsProps) =>
  serviceAlertRules(props).flatMap(({ rules }) => rules.filter((rule): rule is AlertRule => "alert" in rule));
const names = (props: ServiceAlertsProps) => [...new Set(alerts(props).map(({ alert }) => alert))];
const find = (props: ServiceAlertsProps, name: string) => alerts(props).find(({ alert }) => alert === name);
const sentences = (props: object) => faultsOf(() => serviceAlerts(props as ServiceAlertsProps)).map(sentence);
const minimal: ServiceAlertsProps = { name: "order", namespace: "shop", owner: "checkout" };

describe("service alerts", () => {
  test("are one PrometheusRule beside the service", () => {
    expect(serviceAlerts(minimal).alerts).toMatchObject({
      kind: "PrometheusRule",
      metadata: { name: "order-alerts", namespace: "shop", labels: { "fairlead.dev/owner": "checkout" } },
    });
  });

  test("say whom they call, how loud, what it is about and what to do", () => {
    for (const { labels, annotations } of [...alerts(watchedService()), ...alerts(watchedJob())]) {
      expect(labels).toMatchObject({ namespace: "shop", owner: "checkout" });
      expect(["critical", "page", "ticket"]).toContain(labels["severity"]);
      expect(Object.keys(annotations)).toEqual(["summary", "description", "runbook_url"]);
      for (const text of Object.values(annotations)) expect(text).not.toBe("");
    }
  });

  test("have every alert of the table somewhere", () => {
    const all = [...names(watchedService({ workload: "rollout" })), ...names(watchedJob())];
    expect([...new Set(all)].sort()).toEqual(
      Object.values(ALERT_TABLE)
        .map(({ alert }) => alert)
        .sort(),
    );
  });

  test("keep away where they could never fire", () => {
    expect(names(minimal)).toEqual([
      "ServiceTargetDown",
      "GoGoroutineLeak",
      "GoGcPressure",
      "CrashLoop",
      "OutOfMemory",
      "ReplicasMissing",
      "NoReplicas",
      "DrainBlocked",
    ]);
    expect(names(watchedJob())).toEqual(["CrashLoop", "OutOfMemory", "JobFailed", "JobOverdue"]);
  });

  test("read the metrics of the library that the service uses", () => {
    const prometheus = alerts(watchedService({ instrumentation: "prometheus" }));
    expect(prometheus.find(({ alert }) => alert === "ServiceErrorRatio")?.expr).toContain(
      'http_requests_total{job="order",namespace="shop",status=~"5.."}',
    );
    expect(find(watchedService(), "GoGoroutineLeak")?.expr).toContain("go_goroutine_count");
  });

  test("the articles' rule: more than 1 % of requests fail for 10 minutes, critical", () => {
    const rule = find(watchedService(), "ServiceErrorRatio");
    expect(rule).toMatchObject({ for: "10m", labels: { severity: "critical", protocol: "http" } });
    expect(rule?.expr).toContain("> 0.01 and");
  });

  test("have one alert for each certificate and each backing service", () => {
    const labels = (name: string, label: string) =>
      alerts(watchedService()).flatMap((rule) => (rule.alert === name ? [rule.labels[label]] : []));
    expect(labels("CertificateExpiry", "certificate")).toEqual(["shop-tls", "admin-tls"]);
    expect(labels("RedisDown", "backing")).toEqual(["cache"]);
  });

  test("a backing service may stand in another namespace, and its alert still calls the one who uses it", () => {
    const rule = find(watchedService(), "RedisDown");
    expect(rule?.expr).toContain('redis_up{job="order-cache",namespace="data"}');
    expect(rule?.labels["namespace"]).toBe("shop");
  });
});

describe("one alert is changed without a fork", () => {
  test("switched off, its bound, its wait, its severity", () => {
    const props = watchedService({
      alerts: {
        cpuThrottling: false,
        errorRatio: { above: "2.5%", for: "90s", severity: "page" },
        certificateExpiry: { below: "20d" },
        goroutineLeak: { above: 200 },
      },
    });
    expect(names(props)).not.toContain("CpuThrottling");
    expect(find(props, "ServiceErrorRatio")).toMatchObject({ for: "1m30s", labels: { severity: "page" } });
    expect(find(props, "ServiceErrorRatio")?.expr).toContain("> 0.025 and");
    expect(find(props, "CertificateExpiry")?.expr).toContain("< 1728000");
    expect(find(props, "GoGoroutineLeak")?.expr).toContain("> 200 and");
    expect(find(props, "GcPressure")).toEqual(find(watchedService(), "GcPressure"));
  });

  test.each<[string, object, string]>([
    ["a misspelt alert", { alerts: { cpuTrottling: false } }, 'did you mean "cpuThrottling"?'],
    ["a misspelt change", { alerts: { errorRatio: { abov: "2%" } } }, 'did you mean "above"?'],
    ["a share without percent", { alerts: { errorRatio: { above: "2" } } }, 'use for example "2%"'],
    ["a share that cannot be exceeded", { alerts: { errorRatio: { above: "100%" } } }, "between 0 and 100"],
    ["a bound that the alert does not have", { alerts: { crashLoop: { above: 3 } } }, "no such property"],
    ["an unknown severity", { alerts: { crashLoop: { severity: "tickt" } } }, 'did you mean "ticket"?'],
    ["no duration", { alerts: { crashLoop: { for: "soon" } } }, "no duration"],
    ["a backing service of two kinds", { backing: { a: { redis: "a", postgres: "b" } } }, "exactly one kind"],
    [
      "a metric without the label that is read",
      { protocols: ["http"], instrumentation: "prometheus", metrics: { http_requests_total: { labels: ["method"] } } },
      "has no such label",
    ],
  ])("but not to %s", (_, rest, remedy) => {
    expect(sentences({ ...minimal, ...rest }).join("\n")).toContain(remedy);
  });
});

describe("alerts of a catalogue's entries", () => {
  const entry = { owner: "checkout", image: "registry.example.com/shop/order", calls: [] };
  const setting = { namespace: "shop", partOf: "shop", version: "1.0.0", replicas: 2, autoscaling: true };
  const expressions = (rest: object, more: object = {}) => {
    const made = components(catalogue({ order: { ...entry, ports: { http: 8080 }, ...rest } }), {
      ...setting,
      ...more,
    });
    return JSON.stringify(made["order"]?.objects["alerts"] ?? "none");
  };

  test("follow what the entry says of itself", () => {
    expect(expressions({})).not.toContain("Autoscaler");
    expect(expressions({ scale: { min: 2, max: 4 } })).toContain("AutoscalerAtMaximum");
    expect(expressions({})).not.toContain("CpuThrottling");
    expect(expressions({ resources: { limits: { cpu: "1" } } })).toContain("CpuThrottling");
    expect(expressions({ certificates: ["shop-tls"] })).toContain("shop-tls");
    expect(expressions({ backing: { db: { postgres: "order-db" } } })).toContain("pg_up");
    expect(expressions({ slo: { availability: 99.9, instrumentation: "prometheus" } })).toContain("go_goroutines");
  });

  test("are changed and switched off in the entry, and for an environment", () => {
    expect(expressions({ alerts: { crashLoop: false } })).not.toContain("CrashLoop");
    expect(expressions({ alerts: false })).toBe('"none"');
    expect(expressions({}, { alerts: false })).toBe('"none"');
  });

  test("ask for the objects of an adopted workload by the names that they keep", () => {
    const kept = { deployment: "order-api", autoscaler: "order-hpa", disruptionBudget: "order-pdb" };
    const text = expressions({ scale: { min: 2, max: 4 }, adopted: { names: kept } });
    expect(text).toContain('deployment=\\"order-api\\"');
    expect(text).toContain('horizontalpodautoscaler=\\"order-hpa\\"');
    expect(text).toContain('poddisruptionbudget=\\"order-pdb\\"');
  });

  test("come for workers and jobs too", () => {
    const made = components(
      catalogue({ notifier: { ...entry }, reconcile: { ...entry, schedule: "0 3 * * *" } }),
      setting,
    );
    expect(JSON.stringify(made["notifier"]?.objects["alerts"])).toContain("NoReplicas");
    expect(JSON.stringify(made["notifier"]?.objects["alerts"])).not.toContain("GoGoroutineLeak");
    expect(JSON.stringify(made["reconcile"]?.objects["alerts"])).toContain("JobOverdue");
  });

  test("a misspelt alert is a fault of the entry", () => {
    const faults = faultsOf(() => expressions({ alerts: { crashLop: false } })).map(sentence);
    expect(faults).toEqual([
      expect.stringContaining(
        'order: alerts.crashLop is false, but no such property is known; did you mean "crashLoop"?',
      ),
    ]);
  });
});
