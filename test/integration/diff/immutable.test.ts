import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fieldChanges } from "../../../cli/diff/fields.ts";
import { RULES, refusedChanges } from "../../../cli/diff/immutable.ts";
import type { KubernetesObject } from "../../../components/index.ts";
import { type Cli, openCli } from "../cli.ts";
import { type ClusterObjects, clusterObjects } from "../objects.ts";

let cli: Cli;
let cluster: ClusterObjects;

beforeAll(async () => {
  cli = openCli();
  const started = await cli.run("cluster", "start");
  expect(started.status, started.stderr).toBe(0);
  cluster = clusterObjects(cli.kubeconfig);
});

afterAll(() => cli.close());

type Spec = Readonly<Record<string, unknown>>;

const CLUSTER_WIDE = /^(?:Cluster|StorageClass|PriorityClass|IngressClass|CustomResource)/;

let count = 0;
/** Two descriptions of one object that no other case has. */
function two(
  apiVersion: string,
  kind: string,
  before: Spec,
  after: Spec,
): readonly [KubernetesObject, KubernetesObject] {
  const name = kind === "CustomResourceDefinition" ? "things.example.com" : `it-${count++}`;
  const metadata = { name, ...(CLUSTER_WIDE.test(kind) ? {} : { namespace: "default" }) };
  return [
    { apiVersion, kind, metadata, ...before },
    { apiVersion, kind, metadata, ...after },
  ];
}

const container = { name: "it", image: "example.com/it:1" };
const pods = (app: string, rest: Spec = {}) => ({
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app, all: "it" } }, spec: { containers: [container], ...rest } },
});
const apps = (kind: string) => {
  const one = (selector: Spec) => ({ spec: { ...pods("a"), selector: { matchLabels: selector } } });
  return two("apps/v1", kind, one({ app: "a" }), one({ all: "it" }));
};
const stateful = (before: Spec, after: Spec) =>
  two(
    "apps/v1",
    "StatefulSet",
    { spec: { ...pods("a"), serviceName: "a", ...before } },
    { spec: { ...pods("a"), serviceName: "a", ...after } },
  );
const claimOf = (storageClassName: string) => ({
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], storageClassName, resources: { requests: { storage: "1Gi" } } },
});
const job = (before: Spec, after: Spec) => {
  const template = { spec: { restartPolicy: "Never", containers: [container] } };
  const held = { suspend: false, template, completionMode: "Indexed", completions: 1, backoffLimit: 1 };
  return two("batch/v1", "Job", { spec: { ...held, ...before } }, { spec: { ...held, ...after } });
};
const byHand = (matchLabels: Spec) => {
  const { template } = pods("a", { restartPolicy: "Never" });
  return { manualSelector: true, selector: { matchLabels }, template };
};
const failing = (code: number) => ({ rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [code] } }] });
const succeeding = (indexes: string) => ({ rules: [{ succeededIndexes: indexes }] });
const service = (before: Spec, after: Spec) => {
  const held = { selector: { app: "a" }, ports: [{ port: 80 }] };
  return two("v1", "Service", { spec: { ...held, ...before } }, { spec: { ...held, ...after } });
};
const balanced = { type: "LoadBalancer", externalTrafficPolicy: "Local" };
const claim = (before: Spec, after: Spec) => {
  const held = {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "none",
    resources: { requests: { storage: "2Gi" } },
  };
  return two("v1", "PersistentVolumeClaim", { spec: { ...held, ...before } }, { spec: { ...held, ...after } });
};
const storage = (size: string) => ({ resources: { requests: { storage: size } } });
const kept = (kind: string, before: Spec, after: Spec) =>
  two("v1", kind, { immutable: true, ...before }, { immutable: true, ...after });
const bound = (kind: string) => {
  const role = (name: string) => ({ roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name } });
  return two("rbac.authorization.k8s.io/v1", kind, role("view"), role("edit"));
};
const storageClass = (before: Spec, after: Spec) =>
  two(
    "storage.k8s.io/v1",
    "StorageClass",
    { provisioner: "a.example.com", ...before },
    { provisioner: "a.example.com", ...after },
  );
const priority = (before: Spec, after: Spec) =>
  two("scheduling.k8s.io/v1", "PriorityClass", { value: 1, ...before }, { value: 1, ...after });

describe("what the table refuses, the API server refuses", () => {
  const cases: Readonly<Record<string, () => readonly [KubernetesObject, KubernetesObject]>> = {
    "apps Deployment spec.selector": () => apps("Deployment"),
    "apps DaemonSet spec.selector": () => apps("DaemonSet"),
    "apps ReplicaSet spec.selector": () => apps("ReplicaSet"),
    "apps StatefulSet spec": () => stateful({}, { serviceName: "b" }),
    "batch Job spec.template": () =>
      job(
        {},
        { template: { spec: { restartPolicy: "Never", containers: [{ ...container, image: "example.com/it:2" }] } } },
      ),
    "batch Job spec.selector": () => job(byHand({ app: "a" }), byHand({ all: "it" })),
    "batch Job spec.completions": () =>
      job({ completionMode: "NonIndexed" }, { completionMode: "NonIndexed", completions: 2 }),
    "batch Job spec.completionMode": () => job({}, { completionMode: "NonIndexed" }),
    "batch Job spec.podFailurePolicy": () => job({ podFailurePolicy: failing(1) }, { podFailurePolicy: failing(2) }),
    "batch Job spec.successPolicy": () =>
      job({ completions: 2, successPolicy: succeeding("0") }, { completions: 2, successPolicy: succeeding("1") }),
    "batch Job spec.backoffLimitPerIndex": () => job({ backoffLimitPerIndex: 1 }, { backoffLimitPerIndex: 2 }),
    "batch Job spec.managedBy": () => job({ managedBy: "example.com/a" }, { managedBy: "example.com/b" }),
    " Service spec.clusterIP": () => service({}, { clusterIP: "None" }),
    " Service spec.clusterIPs": () => service({}, { clusterIP: "None", clusterIPs: ["None"] }),
    " Service spec.loadBalancerClass": () =>
      service({ ...balanced, loadBalancerClass: "example.com/a" }, { ...balanced, loadBalancerClass: "example.com/b" }),
    " Service spec.healthCheckNodePort": () =>
      service({ ...balanced, healthCheckNodePort: 32_100 }, { ...balanced, healthCheckNodePort: 32_101 }),
    " PersistentVolumeClaim spec": () => claim({}, { storageClassName: "other" }),
    " PersistentVolumeClaim spec.resources.requests.storage": () => claim(storage("2Gi"), storage("1Gi")),
    " ConfigMap data": () => kept("ConfigMap", { data: { a: "1" } }, { data: { a: "2" } }),
    " ConfigMap binaryData": () => kept("ConfigMap", { binaryData: { a: "MQ==" } }, { binaryData: { a: "Mg==" } }),
    " ConfigMap immutable": () => kept("ConfigMap", {}, { immutable: false }),
    " Secret data": () => kept("Secret", { data: { a: "MQ==" } }, { data: { a: "Mg==" } }),
    " Secret stringData": () => kept("Secret", { stringData: { a: "1" } }, { stringData: { a: "2" } }),
    " Secret immutable": () => kept("Secret", {}, { immutable: false }),
    " Secret type": () => two("v1", "Secret", { type: "example.com/a" }, { type: "example.com/b" }),
    "rbac.authorization.k8s.io RoleBinding roleRef": () => bound("RoleBinding"),
    "rbac.authorization.k8s.io ClusterRoleBinding roleRef": () => bound("ClusterRoleBinding"),
    "storage.k8s.io StorageClass provisioner": () => storageClass({}, { provisioner: "b.example.com" }),
    "storage.k8s.io StorageClass parameters": () =>
      storageClass({ parameters: { a: "1" } }, { parameters: { a: "2" } }),
    "storage.k8s.io StorageClass reclaimPolicy": () => storageClass({}, { reclaimPolicy: "Retain" }),
    "storage.k8s.io StorageClass volumeBindingMode": () =>
      storageClass({}, { volumeBindingMode: "WaitForFirstConsumer" }),
    "networking.k8s.io IngressClass spec.controller": () =>
      two(
        "networking.k8s.io/v1",
        "IngressClass",
        { spec: { controller: "example.com/a" } },
        { spec: { controller: "example.com/b" } },
      ),
    "scheduling.k8s.io PriorityClass value": () => priority({}, { value: 2 }),
    "scheduling.k8s.io PriorityClass preemptionPolicy": () => priority({}, { preemptionPolicy: "Never" }),
  };

  test("every row of the table is asked about, but what this cluster cannot be asked", () => {
    const rows = RULES.flatMap(({ kinds, fields }) =>
      kinds.flatMap((kind) => fields.map((field) => `${kind} ${field}`)),
    );
    // A CRD's group, kind and plural are part of its name; the embedded cluster has one family of addresses.
    const without = rows.filter((row) => !/^apiextensions\.k8s\.io| spec\.ipFamilies$/.test(row));
    expect(Object.keys(cases).sort()).toEqual([...new Set(without)].sort());
  });

  test.each(Object.entries(cases))("%s", async (_, make) => {
    const [before, after] = make();
    expect(refusedChanges(before, fieldChanges(before, after))).not.toEqual([]);
    await cluster.apply(before);
    await expect(cluster.dryRun(after)).rejects.toThrow(
      /immutable|forbidden|may not change|may not be changed|cannot change|invalid/i,
    );
    // It is refused for the change, and not because it could not stand at all.
    const fresh = { ...after, metadata: { ...after.metadata, name: `${after.metadata.name}-fresh` } };
    await cluster.dryRun(fresh);
  });
});

describe("what the table allows, the API server allows", () => {
  test.each([
    [
      "a StatefulSet's replicas and pods",
      () => stateful({ replicas: 1 }, { replicas: 2, ...pods("a", { priority: 0 }) }),
    ],
    [
      "a Deployment's pods",
      () =>
        two("apps/v1", "Deployment", { spec: pods("a") }, { spec: pods("a", { terminationGracePeriodSeconds: 5 }) }),
    ],
    ["a Job that is suspended", () => job({}, { suspend: true })],
    ["a ConfigMap's data", () => two("v1", "ConfigMap", { data: { a: "1" } }, { data: { a: "2" } })],
    [
      "a ConfigMap that becomes immutable",
      () => two("v1", "ConfigMap", { data: { a: "1" } }, { data: { a: "1" }, immutable: true }),
    ],
    ["a Service's ports", () => service({}, { ports: [{ port: 81 }] })],
    [
      "a CronJob's pods",
      () => {
        const spec = (image: string) => ({
          spec: {
            schedule: "0 3 * * *",
            jobTemplate: {
              spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "it", image }] } } },
            },
          },
        });
        return two("batch/v1", "CronJob", spec("example.com/it:1"), spec("example.com/it:2"));
      },
    ],
  ])("%s", async (_, make) => {
    const [before, after] = make();
    expect(refusedChanges(before, fieldChanges(before, after))).toEqual([]);
    await cluster.apply(before);
    await cluster.dryRun(after);
  });
});

test("a StatefulSet's volume claims are refused like all that the table does not except", async () => {
  const [before, after] = stateful({ volumeClaimTemplates: [claimOf("a")] }, { volumeClaimTemplates: [claimOf("b")] });
  expect(refusedChanges(before, fieldChanges(before, after))).not.toEqual([]);
  await cluster.apply(before);
  await expect(cluster.dryRun(after)).rejects.toThrow(/fields other than 'replicas'/);
});
