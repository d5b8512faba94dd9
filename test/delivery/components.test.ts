import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  type ApplicationProps,
  type AppProjectProps,
  addOnApplications,
  addOns,
  application,
  applicationSet,
  appProject,
  deliveryNotifications,
  sentence,
} from "../../components/index.ts";
import { faultsOf } from "../core/faults-of.ts";
import { addOnRows, chart, git, set } from "./props.ts";

const said = (step: () => unknown) => faultsOf(step).map(sentence);

const order: ApplicationProps = {
  ...git,
  name: "order",
  owner: "checkout",
  project: "checkout",
  folder: "deploy/prod/order",
  target: "shop",
};
const team: AppProjectProps = {
  name: "checkout",
  namespace: "argocd",
  owner: "checkout",
  repositories: [git.repository],
  namespaces: ["shop"],
  kinds: [{ group: "apps", kind: "Deployment" }],
};

describe("an Application", () => {
  test("heals, prunes last and never everything, and tries again", () => {
    const { spec } = application(order).application;
    expect(spec.syncPolicy).toMatchObject({
      automated: { prune: true, selfHeal: true, allowEmpty: false },
      retry: { limit: 10 },
    });
    expect(spec.syncPolicy?.syncOptions).toEqual(
      expect.arrayContaining(["PruneLast=true", "FailOnSharedResource=true", "RespectIgnoreDifferences=true"]),
    );
    expect(spec).not.toHaveProperty("ignoreDifferences");
  });

  test("leaves fields alone that others write", () => {
    const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "order", namespace: "shop" } };
    const foreign = [{ object, pointers: ["/spec/replicas"], owner: "HorizontalPodAutoscaler order" }];
    expect(application({ ...order, foreign }).application.spec.ignoreDifferences).toEqual([
      { group: "apps", kind: "Deployment", name: "order", namespace: "shop", jsonPointers: ["/spec/replicas"] },
    ]);
  });

  test("tells its owner only when asked to", () => {
    const notes = (notify: boolean) =>
      Object.keys(application({ ...order, notify }).application.metadata.annotations ?? {});
    expect(notes(true)).toContain("notifications.argoproj.io/subscribe.on-sync-failed.alertmanager");
    expect(notes(false)).toEqual(["argocd.argoproj.io/compare-options"]);
  });

  test.each<readonly [string, Partial<ApplicationProps>, RegExp]>([
    ["a repository that is no address", { repository: "shop/shop" }, /^order: repository is "shop\/shop".*no address/],
    ["a misspelt scheme", { repository: "htps://git.example.com/shop" }, /^order: repository .*no address/],
    ["a path outside of the repository", { folder: "../other" }, /^order: folder is "\.\.\/other".*no folder/],
    ["a revision that is none", { revision: "main branch" }, /^order: revision is "main branch"/],
    [
      "a cluster by two names",
      { cluster: { server: "https://a.example.com", name: "a" } },
      /^order: cluster .*give server or name/,
    ],
  ])("%s is refused", (_, change, pattern) => {
    expect(said(() => application({ ...order, ...change }))).toEqual([expect.stringMatching(pattern)]);
  });

  test("a login in the address is refused, and not shown", () => {
    const repository = "https://robot:hunter2@git.example.com/shop.git";
    const [fault] = said(() => application({ ...order, repository }));
    expect(fault).toMatch(/^order: repository holds a login/);
    expect(fault).not.toContain("hunter2");
    expect(said(() => application({ ...order, repository: "git@git.example.com:shop/shop.git" }))).toEqual([]);
    expect(said(() => application({ ...order, repository: "ssh://git@git.example.com/shop.git" }))).toEqual([]);
  });
});

describe("an AppProject", () => {
  test("allows its repositories, namespaces and kinds, and nothing outside of namespaces", () => {
    const { spec } = appProject({ ...team, clusters: [{}, { name: "shanghai" }] }).project;
    expect(spec).toMatchObject({
      sourceRepos: [git.repository],
      destinations: [
        { server: "https://kubernetes.default.svc", namespace: "shop" },
        { name: "shanghai", namespace: "shop" },
      ],
      namespaceResourceWhitelist: [{ group: "apps", kind: "Deployment" }],
      clusterResourceWhitelist: [],
    });
  });

  test("never reaches Argo CD's own namespace", () => {
    expect(said(() => appProject({ ...team, namespaces: ["shop", "argocd"] }))).toEqual([
      expect.stringMatching(/^checkout: namespaces\.1 is "argocd".*may deliver anything/),
    ]);
  });
});

describe("an ApplicationSet", () => {
  const elements = (change: Parameters<typeof set>[0]) =>
    applicationSet(set(change)).applicationSet.spec.generators[0]?.list?.elements as readonly Record<string, unknown>[];
  const component = { owner: "checkout", project: "checkout", namespace: "shop" };

  test("makes one Application for each component in each region of each environment", () => {
    const made = elements({
      environments: {
        staging: { components: { order: component } },
        prod: {
          regions: { eu: {}, cn: { name: "shanghai" } },
          components: { order: component, user: component },
        },
      },
    });
    expect(made.map(({ name, path, server, cluster }) => [name, path, server, cluster])).toEqual([
      ["staging-order", "deploy/staging/order", "https://kubernetes.default.svc", ""],
      ["prod-order-eu", "deploy/prod/order", "https://kubernetes.default.svc", ""],
      ["prod-user-eu", "deploy/prod/user", "https://kubernetes.default.svc", ""],
      ["prod-order-cn", "deploy/prod/order", "", "shanghai"],
      ["prod-user-cn", "deploy/prod/user", "", "shanghai"],
    ]);
  });

  test("hands each component's foreign fields to its own Application", () => {
    const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "order", namespace: "shop" } };
    const foreign = [{ object, pointers: ["/spec/replicas"], owner: "HorizontalPodAutoscaler order" }];
    const components = { order: { ...component, foreign }, user: component };
    const change = { environments: { prod: { components } } };
    expect(
      elements(change).map(({ ignoreDifferences }) => Array.isArray(ignoreDifferences) && ignoreDifferences.length),
    ).toEqual([1, 0]);
    expect(applicationSet(set(change)).applicationSet.spec.templatePatch).toContain("toJson .ignoreDifferences");
    expect(applicationSet(set()).applicationSet.spec).not.toHaveProperty("templatePatch");
  });

  test("prunes what is removed unless it is to be kept", () => {
    const kept = (whenRemoved: "prune" | "keep") =>
      applicationSet(set({ whenRemoved })).applicationSet.spec.syncPolicy?.preserveResourcesOnDeletion;
    expect([kept("prune"), kept("keep")]).toEqual([false, true]);
  });

  test("with no region, or a malformed repository, is refused with both faults", () => {
    const environments = { prod: { regions: {}, components: {} } };
    expect(said(() => applicationSet(set({ environments, repository: "shop" })))).toEqual([
      expect.stringMatching(/^prod: repository is "shop"/),
      expect.stringMatching(/^prod: environments\.prod\.regions is \{\}.*delivered anywhere/),
    ]);
  });
});

describe("add-ons", () => {
  test("are an Application each, in the order of their waves", () => {
    const rows = addOnRows({
      addOns: { first: { ...chart, wave: -1 }, second: { ...chart, namespace: "argocd", values: { a: { b: 1 } } } },
    });
    const { first, second } = addOnApplications(rows);
    expect(first?.metadata.annotations).toMatchObject({ "argocd.argoproj.io/sync-wave": "-1" });
    expect(first?.spec.source).toMatchObject({
      chart: "cert-manager",
      targetRevision: "1.2.3",
      repoURL: chart.repository,
    });
    expect(first?.spec.syncPolicy?.syncOptions).toContain("CreateNamespace=true");
    expect(second?.spec.source?.helm?.valuesObject).toEqual({ a: { b: 1 } });
    expect(second?.spec.syncPolicy?.syncOptions).not.toContain("CreateNamespace=true");
  });

  test("one that leaves the table waits for a confirmation, and takes nothing with it", () => {
    const { "cert-manager": one } = addOnApplications(addOnRows({}));
    expect(one?.metadata.annotations).toMatchObject({
      "argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm",
    });
    expect(one?.metadata).not.toHaveProperty("finalizers");
  });

  test("share a project that reaches their namespaces and repositories", () => {
    const { project } = addOns(addOnRows({}));
    expect(project.spec.sourceRepos).toEqual([git.repository, chart.repository]);
    expect(project.spec.destinations?.map(({ namespace }) => namespace)).toEqual([
      "argocd",
      "kube-system",
      "cert-manager",
    ]);
  });

  test.each([
    ["a range of versions", { ...chart, version: "1.x" }, /version is "1\.x".*no exact version/],
    ["a version left open", { ...chart, version: "*" }, /version is "\*".*no exact version/],
    ["a repository that is no address", { ...chart, repository: "charts" }, /repository is "charts"/],
    ["a wave that is no whole number", { ...chart, wave: 1.5 }, /wave is 1\.5/],
  ])("%s is refused", (_, row, pattern) => {
    expect(said(() => addOns(addOnRows({ addOns: { row } })))).toEqual([
      expect.stringMatching(new RegExp(`^add-ons: addOns\\.row\\.${pattern.source}`)),
    ]);
  });
});

describe("notifications", () => {
  const props = { name: "notifications", namespace: "argocd", owner: "platform", alertmanagers: ["alertmanager:9093"] };

  test("go to Alertmanager, with the labels that its tree routes by", () => {
    const { data } = deliveryNotifications({ ...props, routedBy: "shop-prod" }).config;
    expect(parse(String(data?.["service.alertmanager"]))).toEqual({ targets: ["alertmanager:9093"] });
    const { alertmanager } = parse(String(data?.["template.on-sync-failed"]));
    expect(alertmanager.labels).toEqual({
      alertname: "DeliveryFailed",
      owner: '{{index .app.metadata.labels "fairlead.dev/owner"}}',
      severity: "ticket",
      namespace: "shop-prod",
      service: '{{index .app.metadata.labels "app.kubernetes.io/name"}}',
    });
  });

  test("an Alertmanager without a port, and none at all, are refused", () => {
    expect(said(() => deliveryNotifications({ ...props, alertmanagers: ["alertmanager"] }))).toHaveLength(1);
    expect(said(() => deliveryNotifications({ ...props, alertmanagers: [] }))).toHaveLength(1);
  });
});
