import { describe, expect, test } from "vitest";
import {
  type Adopted,
  catalogue,
  checkEnvironment,
  components,
  type MicroserviceProps,
  microservice,
  worker,
} from "../../components/index.ts";
import { faultsOf } from "../core/faults-of.ts";

const minimal: MicroserviceProps = {
  name: "cart",
  namespace: "store",
  image: "registry.example.com/store/cart:1.0.0",
  ports: { http: 8080, grpc: 9090 },
  config: { "cart.yaml": { content: "a: 1\n" }, "live.yaml": { content: "b: 1\n", reload: true } },
  variables: { LOG_LEVEL: "info" },
  scale: { min: 2, max: 4 },
};

function adopted(props: Adopted) {
  return microservice({ ...minimal, adopted: props });
}

describe("a kept selector", () => {
  const selector = { app: "cart", tier: "backend" };
  const objects = adopted({ selector });
  const template = objects.deployment.spec?.template;

  test("is that of the Deployment, whose own can never change", () => {
    expect(objects.deployment.spec?.selector).toEqual({ matchLabels: selector });
  });

  test("stands on the pods, beside the component's own labels", () => {
    expect(template?.metadata?.labels).toMatchObject({ ...selector, "app.kubernetes.io/name": "cart" });
  });

  test("wins over the component's own label of the same key", () => {
    const labels = { "app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "store" };
    expect(adopted({ selector: labels }).deployment.spec?.template.metadata?.labels).toMatchObject(labels);
  });

  test("is what Services, budget, policy and spread go by, so that they find the old pods too", () => {
    expect(objects.service.spec?.selector).toEqual(selector);
    expect(objects.headless?.spec?.selector).toEqual(selector);
    expect(objects.disruptionBudget.spec?.selector).toEqual({ matchLabels: selector });
    expect(objects.networkPolicy.spec?.podSelector).toEqual({ matchLabels: selector });
    for (const { labelSelector } of template?.spec?.topologySpreadConstraints ?? []) {
      expect(labelSelector).toEqual({ matchLabels: selector });
    }
  });

  test("is how callers and called find each other", () => {
    const entry = { owner: "t", image: "registry.example.com/store/x", ports: { http: 8080 } };
    const web = { "app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "store" };
    const members = components(
      catalogue({
        "store-web": { ...entry, calls: ["cart"], adopted: { selector: web } },
        cart: { ...entry, calls: [], adopted: { selector } },
      }),
      { namespace: "store", partOf: "store", version: "1.0.0", replicas: 1, autoscaling: false },
    );
    checkEnvironment({ name: "dev", members });
    expect(members["store-web"]?.objects["networkPolicy"]).toMatchObject({
      spec: { egress: [{}, { to: [{ podSelector: { matchLabels: selector } }] }] },
    });
    expect(members["cart"]?.objects["networkPolicy"]).toMatchObject({
      spec: { ingress: [{ from: [{ podSelector: { matchLabels: web } }] }, {}] },
    });
  });
});

describe("kept names", () => {
  const names = {
    serviceAccount: "cart-sa",
    config: "cart-files",
    configReloaded: "cart-live",
    variables: "cart-env",
    deployment: "cart-deployment",
    service: "cart-svc",
    headless: "cart-pods",
    autoscaler: "cart-hpa",
    disruptionBudget: "cart-pdb",
    networkPolicy: "cart-net",
  };
  const objects = adopted({ names });

  test("are those of the objects, role by role", () => {
    const found = Object.entries(objects).map(([role, { metadata }]) => [role, metadata.name]);
    expect(Object.fromEntries(found)).toEqual(names);
  });

  test("are what the others refer to", () => {
    const pod = objects.deployment.spec?.template.spec;
    expect(pod?.serviceAccountName).toBe("cart-sa");
    expect(pod?.containers[0]?.envFrom).toEqual([{ configMapRef: { name: "cart-env" } }]);
    expect(objects.autoscaler?.spec?.scaleTargetRef.name).toBe("cart-deployment");
    checkEnvironment({ name: "dev", members: { cart: { type: "t", objects } } });
  });

  test("make a ConfigMap's content a hash on the pods: a change must roll them as ever", () => {
    const hash = (content: string) =>
      microservice({ ...minimal, config: { "cart.yaml": { content } }, adopted: { names } }).deployment.spec?.template
        .metadata?.annotations?.["fairlead.dev/config-hash"];
    expect(objects.config?.immutable).toBeUndefined();
    expect(hash("a: 1\n")).toMatch(/^[0-9a-z]+$/);
    expect(hash("a: 2\n")).not.toBe(hash("a: 1\n"));
  });

  test("say nothing about the hash where ConfigMaps bear it in their name", () => {
    expect(microservice(minimal).deployment.spec?.template.metadata?.annotations).toBeUndefined();
  });
});

test("a Service goes on listening where its callers know it", () => {
  const { service, headless } = adopted({ servicePorts: { http: 80 } });
  expect(service.spec?.ports?.map(({ name, port, targetPort }) => [name, port, targetPort])).toEqual([
    ["http", 80, "http"],
    ["grpc", 9090, "grpc"],
  ]);
  expect(headless?.spec?.ports?.map(({ port }) => port)).toEqual([8080, 9090]);
});

test("configuration files stay where the program looks for them", () => {
  const container = adopted({ configPath: "/app/config" }).deployment.spec?.template.spec?.containers[0];
  expect(container?.volumeMounts).toContainEqual({ name: "config", mountPath: "/app/config", readOnly: true });
  expect(container?.env).toContainEqual({ name: "CONFIG_DIR", value: "/app/config" });
});

test("an open network cuts nobody off, whatever is declared", () => {
  const { networkPolicy } = microservice({ ...minimal, calls: [], calledBy: [], adopted: { openNetwork: true } });
  expect(networkPolicy.spec?.egress).toEqual([{}]);
  expect(networkPolicy.spec?.ingress?.[0]).not.toHaveProperty("from");
});

test("a worker keeps what it had too", () => {
  const { ports: _, ...props } = minimal;
  const { deployment } = worker({
    ...props,
    adopted: { selector: { app: "mailer" }, names: { deployment: "mailer" } },
  });
  expect(deployment).toMatchObject({
    metadata: { name: "mailer" },
    spec: { selector: { matchLabels: { app: "mailer" } } },
  });
});

test("everything that is wrong with it is told with its place", () => {
  const wrong = { selector: {}, names: { service: "Cart" }, configPath: "app", openNetwork: true } as const;
  expect(faultsOf(() => adopted(wrong)).map(({ path }) => path)).toEqual([
    "adopted.selector",
    "adopted.names.service",
    "adopted.configPath",
  ]);
  expect(faultsOf(() => adopted({ servicePorts: { htpp: 80 } }))).toMatchObject([
    { component: "cart", path: "adopted.servicePorts.htpp", remedy: "use one of http, grpc" },
  ]);
  expect(faultsOf(() => adopted({ names: { service: "cart.v1" } }))).toMatchObject([{ path: "adopted.names.service" }]);
  const volumes = { cache: { path: "/app/config" } };
  expect(faultsOf(() => microservice({ ...minimal, volumes, adopted: { configPath: "/app/config" } }))).toMatchObject([
    { path: "volumes.cache.path" },
  ]);
  expect(faultsOf(() => adopted({ names: { budget: "x" } } as never))).toMatchObject([
    { path: "adopted.names.budget" },
  ]);
});
