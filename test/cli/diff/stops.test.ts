import { describe, expect, test } from "vitest";
import { RULES } from "../../../cli/diff/immutable.ts";
import type { KubernetesObject } from "../../../components/index.ts";
import { changed, deployment, object } from "./compared.ts";

const stopsOf = (before: KubernetesObject, after?: KubernetesObject) =>
  changed({ order: { it: before } }, { order: after === undefined ? {} : { it: after } }).stops.map(
    ({ object, problem }) => `${object} ${problem}`,
  );

const claim = (spec: object) => object("v1", "PersistentVolumeClaim", "data", { spec });
const storage = (size: string) => claim({ resources: { requests: { storage: size } } });
const service = (spec: object) => object("v1", "Service", "order", { spec });
const statefulSet = (spec: object) => object("apps/v1", "StatefulSet", "loki", { spec });
const settings = (data: object, rest: object = {}) => object("v1", "ConfigMap", "settings", { data, ...rest });

describe("an object that would be replaced is a stop sign", () => {
  test.each([
    [
      "a Deployment's selector",
      object("apps/v1", "Deployment", "order", { spec: { selector: { matchLabels: { app: "a" } } } }),
      object("apps/v1", "Deployment", "order", { spec: { selector: { matchLabels: { app: "b" } } } }),
      "Deployment order would be replaced: spec.selector.matchLabels.app cannot change (a → b)",
    ],
    [
      "a StatefulSet's volume claims",
      statefulSet({ volumeClaimTemplates: [{ metadata: { name: "d" }, spec: { storageClassName: "a" } }] }),
      statefulSet({ volumeClaimTemplates: [{ metadata: { name: "d" }, spec: { storageClassName: "b" } }] }),
      "StatefulSet loki would be replaced: spec.volumeClaimTemplates[0].spec.storageClassName cannot change (a → b)",
    ],
    [
      "a Service that becomes headless",
      service({}),
      service({ clusterIP: "None" }),
      "Service order would be replaced: spec.clusterIP cannot change (added: None)",
    ],
    [
      "a Service's first address family",
      service({ ipFamilies: ["IPv4", "IPv6"] }),
      service({ ipFamilies: ["IPv6", "IPv4"] }),
      'Service order would be replaced: spec.ipFamilies cannot change (["IPv4","IPv6"] → ["IPv6","IPv4"])',
    ],
    [
      "a claim that shrinks",
      storage("2Gi"),
      storage("1Gi"),
      "PersistentVolumeClaim data would be replaced: spec.resources.requests.storage cannot change (2Gi → 1Gi)",
    ],
    [
      "a claim's class",
      claim({ storageClassName: "slow" }),
      claim({ storageClassName: "fast" }),
      "PersistentVolumeClaim data would be replaced: spec.storageClassName cannot change (slow → fast)",
    ],
    [
      "an immutable ConfigMap's data",
      settings({ a: "1" }, { immutable: true }),
      settings({ a: "2" }, { immutable: true }),
      "ConfigMap settings would be replaced: data.a cannot change (1 → 2)",
    ],
    [
      "a Job's pods",
      object("batch/v1", "Job", "move", { spec: { template: { spec: { restartPolicy: "Never" } } } }),
      object("batch/v1", "Job", "move", { spec: { template: { spec: { restartPolicy: "OnFailure" } } } }),
      "Job move would be replaced: spec.template.spec.restartPolicy cannot change (Never → OnFailure)",
    ],
    [
      "a binding's role",
      object("rbac.authorization.k8s.io/v1", "RoleBinding", "ci", { roleRef: { name: "view" } }),
      object("rbac.authorization.k8s.io/v1", "RoleBinding", "ci", { roleRef: { name: "edit" } }),
      "RoleBinding ci would be replaced: roleRef.name cannot change (view → edit)",
    ],
    [
      "another name in the same role",
      deployment("order"),
      deployment("orders"),
      "Deployment order would be replaced: order goes and orders comes",
    ],
    [
      "another kind in the same role",
      deployment("order"),
      { ...deployment("order"), apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" },
      "Deployment order would be replaced: Deployment order goes and Rollout order comes",
    ],
  ])("%s", (_, before, after, sentence) => {
    expect(stopsOf(before, after)).toEqual([sentence]);
  });

  test("and says where that is written", () => {
    const { stops } = changed({ a: { it: service({}) } }, { a: { it: service({ clusterIP: "None" }) } });
    expect(stops[0]?.source).toMatch(/^https:\/\/kubernetes\.io\/docs\//);
    expect(
      RULES.map(({ source }) => source).filter((source) => !source.startsWith("https://kubernetes.io/docs/")),
    ).toEqual([]);
  });
});

describe("no stop sign is", () => {
  test.each([
    [
      "a Deployment's pods",
      deployment("order", { image: "shop/order:1" }),
      deployment("order", { image: "shop/order:2" }),
    ],
    [
      "a CronJob's pods",
      object("batch/v1", "CronJob", "a", { spec: { jobTemplate: { spec: { completions: 1 } } } }),
      object("batch/v1", "CronJob", "a", { spec: { jobTemplate: { spec: { completions: 2 } } } }),
    ],
    ["a StatefulSet's replicas", statefulSet({ replicas: 1 }), statefulSet({ replicas: 2 })],
    ["a claim that grows", storage("1Gi"), storage("2Gi")],
    ["a second address family", service({ ipFamilies: ["IPv4"] }), service({ ipFamilies: ["IPv4", "IPv6"] })],
    ["a ConfigMap that may change", settings({ a: "1" }), settings({ a: "2" })],
    [
      "a ConfigMap that is named by its content",
      {
        ...settings({ a: "1" }, { immutable: true }),
        metadata: { name: "order-config-0123456789", namespace: "shop" },
      },
      {
        ...settings({ a: "2" }, { immutable: true }),
        metadata: { name: "order-config-9876543210", namespace: "shop" },
      },
    ],
    [
      "a kind of somebody else's that is called alike",
      object("example.com/v1", "Service", "a", { spec: { clusterIP: "x" } }),
      object("example.com/v1", "Service", "a", { spec: { clusterIP: "y" } }),
    ],
  ])("%s", (_, before, after) => {
    expect(stopsOf(before, after)).toEqual([]);
  });
});

describe("an object that takes others along when it goes is a stop sign", () => {
  test.each(["Namespace", "PersistentVolumeClaim", "StatefulSet", "CustomResourceDefinition"])("%s", (kind) => {
    expect(stopsOf(object("v1", kind, "it"))).toEqual([expect.stringMatching(`^${kind} it would be deleted: .+`)]);
  });

  test("and a Service or a ConfigMap is none", () => {
    expect([...stopsOf(service({})), ...stopsOf(settings({}))]).toEqual([]);
  });
});
