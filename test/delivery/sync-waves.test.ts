import { describe, expect, test } from "vitest";
import { annotated } from "../../components/delivery/annotated.ts";
import { type KubernetesObject, microservice, syncWaves, worker } from "../../components/index.ts";

function object(apiVersion: string, kind: string, name: string, rest: object = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: "shop" }, ...rest };
}

/** Kind and name -> wave. */
function wavesOf(...objects: readonly KubernetesObject[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...syncWaves(objects)].map(([{ kind, metadata }, wave]) => [`${kind} ${metadata.name}`, wave]),
  );
}

const facts = { namespace: "shop", owner: "checkout", image: "registry.example.com/shop/order:1.0.0" };
const order = microservice({
  ...facts,
  name: "order",
  ports: { http: 8080 },
  config: { "order.yaml": { content: { a: 1 } } },
  secrets: { KEY: { store: "vault", key: "shop/order/key" } },
  scale: { min: 2, max: 4 },
});
const waves = () => {
  const found = syncWaves(Object.values(order));
  return Object.fromEntries(Object.entries(order).map(([role, one]) => [role, found.get(one)]));
};

describe("a wave follows from what an object needs", () => {
  test("a service's configuration, account and secrets go before its pods, its autoscaler after them", () => {
    const { deployment = 0, autoscaler = 0, config, variables, serviceAccount, ...rest } = waves();
    expect({ config, serviceAccount, deployment, autoscaler }).toEqual({
      config: 0,
      serviceAccount: 0,
      deployment: 1,
      autoscaler: 2,
    });
    expect(variables ?? 0).toBe(0);
    expect(rest["externalSecret-vault"]).toBe(0);
  });

  test("what pods may need to become ready goes before them: network policies and Services", () => {
    expect(waves()).toMatchObject({ networkPolicy: 0, service: 0 });
  });

  test("what is not in the set delays nothing", () => {
    const { deployment } = worker({ ...facts, name: "notifier" });
    expect([...syncWaves([deployment]).values()]).toEqual([0]);
  });

  test("a namespace goes before what stands in it, and a definition before objects of its kind", () => {
    const namespace: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "things.example.com" },
      spec: { group: "example.com", names: { kind: "Thing" } },
    };
    expect(wavesOf(object("example.com/v1", "Thing", "one"), definition, namespace)).toEqual({
      "CustomResourceDefinition things.example.com": 0,
      "Namespace shop": 0,
      "Thing one": 1,
    });
  });

  test("a store goes before the secret that is fetched from it, and that before the pods", () => {
    const store = object("external-secrets.io/v1", "SecretStore", "vault");
    expect(wavesOf(...Object.values(order), store)).toMatchObject({
      "SecretStore vault": 0,
      "ExternalSecret order-vault": 1,
      "Deployment order": 2,
      "HorizontalPodAutoscaler order": 3,
    });
  });

  test("a route goes after the pods behind its Services, whatever names it by", () => {
    const http = object("gateway.networking.k8s.io/v1", "HTTPRoute", "order", {
      spec: { parentRefs: [{ name: "edge" }], rules: [{ backendRefs: [{ name: "order", port: 8080 }] }] },
    });
    const gateway = object("gateway.networking.k8s.io/v1", "Gateway", "edge");
    const mesh = object("networking.istio.io/v1", "VirtualService", "order", {
      spec: { http: [{ route: [{ destination: { host: "order.shop.svc.cluster.local" } }] }] },
    });
    const ingress = object("networking.k8s.io/v1", "Ingress", "order", {
      spec: { rules: [{ http: { paths: [{ backend: { service: { name: "order" } } }] } }] },
    });
    expect(wavesOf(...Object.values(order), http, gateway, mesh, ingress)).toMatchObject({
      "Gateway edge": 0,
      "Deployment order": 1,
      "HTTPRoute order": 2,
      "VirtualService order": 2,
      "Ingress order": 2,
    });
  });

  test("a Rollout goes after the Services that it steers, and nothing waits until it is well, hours later", () => {
    const rollout = object("argoproj.io/v1alpha1", "Rollout", "order", {
      spec: {
        strategy: { canary: { stableService: "order", canaryService: "order-canary" } },
        template: { metadata: { labels: { app: "order" } }, spec: { containers: [{}] } },
      },
    });
    const scaler = object("autoscaling/v2", "HorizontalPodAutoscaler", "order", {
      spec: { scaleTargetRef: { kind: "Rollout", name: "order" } },
    });
    const selector = { spec: { selector: { app: "order" } } };
    const services = ["order", "order-canary"].map((name) => object("v1", "Service", name, selector));
    const route = object("gateway.networking.k8s.io/v1", "HTTPRoute", "order", {
      spec: { rules: [{ backendRefs: [{ name: "order" }] }] },
    });
    expect(wavesOf(scaler, rollout, route, ...services)).toEqual({
      "Service order": 0,
      "Service order-canary": 0,
      "Rollout order": 1,
      "HorizontalPodAutoscaler order": 1,
      "HTTPRoute order": 1,
    });
  });

  test("the pods of a StatefulSet find their Service and their disk there", () => {
    const set = object("apps/v1", "StatefulSet", "loki", {
      spec: {
        serviceName: "loki",
        template: { spec: { containers: [{}], volumes: [{ persistentVolumeClaim: { claimName: "data" } }] } },
      },
    });
    const disk = object("v1", "PersistentVolumeClaim", "data");
    expect(wavesOf(set, object("v1", "Service", "loki"), disk)).toMatchObject({ "StatefulSet loki": 1 });
  });

  test("two that name each other come to an end", () => {
    const one = object("v1", "ServiceAccount", "a", { spec: { secretRef: { name: "b" } } });
    const other = object("v1", "Secret", "b", { spec: { serviceAccountName: "a" } });
    expect(Object.values(wavesOf(one, other)).sort()).toEqual([0, 1]);
  });

  test("a leaf that only the engine knows is not looked into", () => {
    const deployment = object("apps/v1", "Deployment", "order", {
      spec: { serviceAccountName: { __pulumiOutput: true } },
    });
    expect(wavesOf(deployment, object("v1", "ServiceAccount", "order"))).toMatchObject({ "Deployment order": 0 });
  });
});

describe("annotations", () => {
  const OPTIONS = "argocd.argoproj.io/sync-options";
  const notes = (one: KubernetesObject) => annotated({ one })["one"]?.metadata.annotations;

  test("waves stand on the objects; an object of the first wave is left as it is", () => {
    const { deployment, service } = annotated(order);
    expect(deployment?.metadata.annotations).toMatchObject({ "argocd.argoproj.io/sync-wave": "1" });
    expect(service).toBe(order.service);
  });

  test.each([
    ["v1", "PersistentVolumeClaim"],
    ["v1", "Namespace"],
    ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
    ["postgresql.cnpg.io/v1", "Cluster"],
  ])("%s %s is not pruned, and deleted only when somebody confirms", (apiVersion, kind) => {
    expect(notes(object(apiVersion, kind, "one"))).toEqual({ [OPTIONS]: "Prune=false,Delete=confirm" });
  });

  test("a Deployment is guarded by nothing", () => {
    expect(notes(object("apps/v1", "Deployment", "one"))).toBeUndefined();
  });

  test("what somebody wrote himself wins, word by word", () => {
    const metadata = { name: "data", namespace: "shop", annotations: { [OPTIONS]: "Prune=true,Replace=true" } };
    expect(notes({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata })).toEqual({
      [OPTIONS]: "Prune=true,Replace=true,Delete=confirm",
    });
  });
});
