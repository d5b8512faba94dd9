import { describe, expect, test } from "vitest";
import { json } from "../../../cli/diff/json.ts";
import { markdown } from "../../../cli/diff/markdown.ts";
import { diffOf } from "../../../cli/diff/report.ts";
import { readWritten, written } from "../../../cli/diff/snapshot.ts";
import { terminal } from "../../../cli/diff/terminal.ts";
import { program } from "../../../infra/program.ts";
import { changed, compared, deployment, type Members, object, side } from "./compared.ts";

const config = (hash: string, data: object) =>
  object("v1", "ConfigMap", `order-config-${hash}`, { data, immutable: true });
const reading = (hash: string) => ({ envFrom: [{ configMapRef: { name: `order-config-${hash}` } }] });
const autoscaler = (min: number, max: number) =>
  object("autoscaling/v2", "HorizontalPodAutoscaler", "order", {
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "order" },
      minReplicas: min,
      maxReplicas: max,
    },
  });

describe("pods that roll", () => {
  const why = (before: Members, after: Members) =>
    changed(before, after).rolls.map(({ workload, pods, reasons, when }) => [workload, pods, ...reasons, when]);
  const one = (options: Parameters<typeof deployment>[1]) => ({ order: { deployment: deployment("order", options) } });

  test("do so for an image, a variable, a resource, told briefly", () => {
    const container = (value: string) => ({ env: [{ name: "LEVEL", value }] });
    const before = one({ image: "shop/order:1", replicas: 3, container: container("info") });
    const after = one({
      image: "shop/order:2",
      replicas: 3,
      cpu: "200m",
      container: { ...container("debug"), resources: { requests: { cpu: "200m", memory: "128Mi" } } },
    });
    expect(why(before, after)).toEqual([
      [
        "Deployment order",
        "3",
        "image 1 → 2",
        "resources.requests.cpu 100m → 200m",
        "variable LEVEL info → debug",
        "at once",
      ],
    ]);
  });

  test("do so for configuration, by the files and variables that changed", () => {
    const before = {
      order: {
        config: config("0000000000", { a: "1", b: "1" }),
        deployment: deployment("order", { container: reading("0000000000") }),
      },
    };
    const after = {
      order: {
        config: config("1111111111", { a: "1", b: "2" }),
        deployment: deployment("order", { container: reading("1111111111") }),
      },
    };
    expect(why(before, after)).toEqual([["Deployment order", "1", "configuration b", "at once"]]);
    // The same from files, which have no roles.
    expect(changed(before, after, false).rolls[0]?.reasons).toEqual(["configuration b"]);
    expect(changed(before, after, false).objects.map(({ what }) => what)).toEqual(["changed", "changed"]);
  });

  test("do so for a ConfigMap that kept its name, by the hash that the pods bear", () => {
    const kept = (value: string, hash: string) => ({
      order: {
        config: object("v1", "ConfigMap", "order", { data: { "order.yaml": value } }),
        deployment: deployment("order", { annotations: { "fairlead.dev/config-hash": hash } }),
      },
    });
    expect(why(kept("a", "1"), kept("b", "2"))).toEqual([
      ["Deployment order", "1", "configuration order.yaml", "at once"],
    ]);
  });

  test("do not for what is outside of their template", () => {
    expect(why(one({ replicas: 1 }), one({ replicas: 2 }))).toEqual([]);
  });

  test("wait for the next run, the next step, or the pod's end, where it is so", () => {
    const of = (kind: string, image: string, spec: object = {}) => {
      const { spec: inner } = deployment("it", { image }) as unknown as { spec: object };
      const whole = kind === "CronJob" ? { jobTemplate: { spec: inner } } : { ...inner, ...spec };
      return { it: { it: object(kind === "CronJob" ? "batch/v1" : "apps/v1", kind, "it", { spec: whole }) } };
    };
    const when = (kind: string, spec?: object) => changed(of(kind, "a:1", spec), of(kind, "a:2", spec)).rolls[0]?.when;
    expect(when("CronJob")).toBe("at the next run");
    expect(when("Rollout")).toBe("step by step");
    expect(when("DaemonSet", { updateStrategy: { type: "OnDelete" } })).toBe("when a pod is deleted");
    expect(when("StatefulSet")).toBe("at once");
  });
});

describe("requests", () => {
  const range = (members: Members) => changed({}, members).cost.total.cpu[1];

  test("are the pods' number times what each asks for, between the autoscaler's bounds", () => {
    const { cost } = changed(
      { order: { deployment: deployment("order"), autoscaler: autoscaler(2, 10) } },
      { order: { deployment: deployment("order"), autoscaler: autoscaler(3, 20) } },
    );
    expect(cost.rows).toEqual([
      {
        component: "order",
        pods: ["2 to 10", "3 to 20"],
        cpu: [
          { least: 0.2, most: 1 },
          { least: 0.3, most: 2 },
        ],
        memory: [
          { least: 2 * 2 ** 27, most: 10 * 2 ** 27 },
          { least: 3 * 2 ** 27, most: 20 * 2 ** 27 },
        ],
        per: "pod",
      },
    ]);
  });

  test("of a pod are its containers and sidecars, or the init container that needs most", () => {
    const asks = (cpu: string, rest: object = {}) => ({ name: cpu, resources: { requests: { cpu } }, ...rest });
    const pod = (initContainers: object[]) => ({
      order: { it: deployment("order", { replicas: 2, spec: { initContainers } }) },
    });
    expect(range(pod([asks("300m", { restartPolicy: "Always" })]))).toEqual({ least: 0.8, most: 0.8 });
    expect(range(pod([asks("50m")]))).toEqual({ least: 0.2, most: 0.2 });
    expect(range(pod([asks("100m", { restartPolicy: "Always" }), asks("1")]))).toEqual({ least: 2.2, most: 2.2 });
  });

  test("that nobody says are the limit, or the namespace's default", () => {
    const bare = deployment("order", { container: { resources: {} } });
    const limits = object("v1", "LimitRange", "defaults", {
      spec: { limits: [{ type: "Container", defaultRequest: { cpu: "250m" } }] },
    });
    expect(range({ order: { it: bare } })).toEqual({ least: 0, most: 0 });
    expect(range({ order: { it: bare, limits } })).toEqual({ least: 0.25, most: 0.25 });
    expect(
      range({ order: { it: deployment("order", { container: { resources: { limits: { cpu: "1" } } } }) } }),
    ).toEqual({ least: 1, most: 1 });
  });

  test("follow KEDA's bounds, which are 0 and 100 where they are not said", () => {
    const scaled = (spec: object) => ({
      order: {
        it: deployment("order"),
        scaler: object("keda.sh/v1alpha1", "ScaledObject", "s", {
          spec: { scaleTargetRef: { name: "order" }, ...spec },
        }),
      },
    });
    expect(range(scaled({}))).toEqual({ least: 0, most: 10 });
    expect(range(scaled({ minReplicaCount: 2, maxReplicaCount: 4 }))).toEqual({ least: 0.2, most: 0.4 });
  });

  test("of a Rollout that takes its pods from a Deployment are counted once", () => {
    const workloadRef = { kind: "Deployment", apiVersion: "apps/v1", name: "order" };
    const rollout = object("argoproj.io/v1alpha1", "Rollout", "order", { spec: { replicas: 3, workloadRef } });
    expect(range({ order: { it: deployment("order", { replicas: 5 }), rollout } })).toEqual({ least: 0.3, most: 0.3 });
  });

  test("for each node and of jobs stand apart from the sum", () => {
    const { spec } = deployment("agent") as unknown as { spec: object };
    const daemon = object("apps/v1", "DaemonSet", "agent", { spec });
    const job = object("batch/v1", "CronJob", "nightly", { spec: { jobTemplate: { spec } } });
    const { cost } = changed({}, { agent: { daemon }, nightly: { job } });
    expect(cost.rows.map(({ component, per, pods }) => [component, per, pods[1]])).toEqual([
      ["agent", "node", "1 a node"],
      ["nightly", "run", "1"],
    ]);
    expect(cost.total.cpu[1]).toEqual({ least: 0, most: 0 });
  });
});

describe("shared parts", () => {
  const store = (path: string) =>
    object("external-secrets.io/v1", "SecretStore", "vault", { spec: { provider: { vault: { path } } } });
  const secret = (name: string) =>
    object("external-secrets.io/v1", "ExternalSecret", name, {
      spec: { secretStoreRef: { kind: "SecretStore", name: "vault" }, data: [] },
    });

  test("say who takes secrets from a store that changes", () => {
    const members = (path: string) => ({
      vault: { store: store(path) },
      order: { secret: secret("order") },
      user: { secret: secret("user") },
    });
    expect(changed(members("a"), members("b")).touched).toEqual([
      { component: "vault", objects: ["SecretStore vault"], by: "take secrets from it", components: ["order", "user"] },
    ]);
  });

  test("say who stands in a namespace whose bounds change, and not who calls what only rolls", () => {
    const members = (cpu: string, image: string) => ({
      namespace: {
        namespace: object("v1", "Namespace", "shop"),
        quota: object("v1", "ResourceQuota", "quota", { spec: { hard: { cpu } } }),
      },
      order: { deployment: deployment("order", { image }) },
      user: {
        deployment: deployment("user"),
        policy: object("networking.k8s.io/v1", "NetworkPolicy", "user", {
          spec: { egress: [{ to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "order" } } }] }] },
        }),
      },
    });
    expect(changed(members("1", "a:1"), members("2", "a:2")).touched).toEqual([
      { component: "namespace", objects: ["ResourceQuota quota"], by: "stand in it", components: ["order", "user"] },
    ]);
  });
});

describe("as text", () => {
  test("the same change of many components is one line", () => {
    const all = (grace: number) =>
      Object.fromEntries(
        Array.from({ length: 30 }, (_, index) => `service-${index}`).map((name) => [
          name,
          { deployment: deployment(name, { spec: { terminationGracePeriodSeconds: grace } }) },
        ]),
      );
    const text = terminal(compared(all(30), all(40)));
    expect(text.match(/terminationGracePeriodSeconds/g)).toHaveLength(2);
    expect(text).toContain(
      "30 components: service-0, service-1, service-2, service-3, service-4, service-5, service-6, service-7 and 22 more",
    );
    expect(text).toContain("no stop signs");
  });

  test("nothing is said in a word", () => {
    expect(terminal(compared({}, {}))).toBe("base → head: nothing changes");
    expect(markdown(compared({}, {}))).toContain("every object of every environment stays as it is");
  });

  test("markdown holds no markup, mention or link of what it shows", () => {
    const nasty = "</code><img src=x> @everyone | `x` [a](https://evil.example) **b** _c_ #1";
    const members = (value: string) => ({
      order: { it: deployment("order", { container: { env: [{ name: "A", value }] } }) },
    });
    const text = markdown(compared(members("a"), members(nasty)));
    expect(text).not.toMatch(/<img|@everyone|`x`|\]\(https:\/\/evil|\*\*b|_c_|#1\b/);
    expect(
      text
        .split("\n")
        .filter((line) => line.startsWith("| "))
        .every((line) => line.endsWith(" |")),
    ).toBe(true);
  });

  test("a comment is never longer than GitHub takes, and closes what it opened", () => {
    const many = (value: string) =>
      Object.fromEntries(
        ["dev", "staging", "prod", "a", "b", "c", "d", "e"].flatMap((name) =>
          Array.from({ length: 30 }, (_, index) => [
            `${name}-${index}`,
            {
              it: object("v1", "ConfigMap", `${name}-${index}`, {
                data: Object.fromEntries(
                  Array.from({ length: 9 }, (__, key) => [
                    `${name}-${index * 10 + key}`,
                    `${value}${index}`.repeat(20),
                  ]),
                ),
              }),
            },
          ]),
        ),
      );
    const environments = Array.from({ length: 20 }, (_, index) => `environment-${index}`);
    const together = (value: string) => ({
      label: value,
      snapshots: environments.flatMap((name) => side(value, many(value), true, name).snapshots),
    });
    const text = markdown(diffOf(together("a"), together("b")));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("Cut here");
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  });

  test("no value of a secret is shown in any form, and that it changed is", () => {
    const members = (value: string) => ({
      order: {
        secret: object("v1", "Secret", "order", { stringData: { PASSWORD: value } }),
        store: object("external-secrets.io/v1", "SecretStore", "s", {
          spec: { provider: { fake: { data: [{ key: "k", value }] } } },
        }),
      },
    });
    const diff = compared(members("hunter2"), members("correct-horse"));
    expect(diff.environments[0]?.objects).toHaveLength(2);
    const texts = [terminal(diff), markdown(diff), json(diff)].join("\n");
    expect(texts).not.toMatch(/hunter2|correct-horse|sha256/);
    expect(terminal(diff)).toContain("stringData.PASSWORD another value");
  });

  test("a value that only the engine knows is no change", () => {
    const members = () => ({
      order: { secret: object("v1", "Secret", "order", { stringData: { A: { __pulumiOutput: true } } }) },
    });
    expect(changed(members(), members()).objects).toEqual([]);
  });
});

test("what a process hands on is what it read", () => {
  const { snapshots } = side("a", {
    order: { deployment: deployment("order"), config: config("0000000000", { a: "line\nline" }) },
  });
  expect(readWritten(written(snapshots))).toEqual(snapshots);
  expect(readWritten(written([]))).toEqual([]);
});

test("this project's own environments are the same as themselves, and another version rolls every pod of it", () => {
  const of = (version: string) => {
    const environment = program.build("prod", { version });
    return side(
      "x",
      Object.fromEntries(Object.entries(environment.members).map(([name, { objects }]) => [name, objects])),
    );
  };
  expect(diffOf(of("1.0.0"), of("1.0.0")).environments[0]?.objects).toEqual([]);
  const [prod] = diffOf(of("1.0.0"), of("1.1.0")).environments;
  expect(prod?.stops).toEqual([]);
  expect(prod?.rolls.map(({ component }) => component)).toEqual(
    expect.arrayContaining(["user", "order", "payment", "inventory", "shipment", "notifier", "reconcile"]),
  );
  expect(prod?.rolls[0]?.reasons).toContain("image 1.0.0 → 1.1.0");
});
