import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { callsIn } from "../../../cli/adopt/calls.ts";
import type { PlanOptions } from "../../../cli/adopt/plan.ts";
import { sourceText } from "../../../cli/adopt/source-text.ts";
import { faultsOf } from "../../core/faults-of.ts";
import { folderWith, ROOT, write } from "../workbench.ts";
import { deployment, entry, planned, service } from "./workbench.ts";

const EXAMPLES = join(ROOT, "examples/adopt");

function example(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(EXAMPLES, name), "utf8")]));
}

const faults = (files: Readonly<Record<string, string>>, options?: Partial<PlanOptions>) =>
  faultsOf(() => planned(files, options));

describe("the examples", () => {
  const files = [...readdirSync(join(EXAMPLES, "plain")).map((file) => `plain/${file}`), "helm-output.yaml"];
  const result = planned(example(...files));

  test("become an entry a Deployment, by its name", () => {
    expect(Object.keys(result.entries)).toEqual(["cart", "catalog", "store-web"]);
  });

  test("keep what can never change, and what callers know", () => {
    expect(entry(result).adopted).toEqual({
      selector: { app: "cart" },
      names: { autoscaler: "cart-hpa", disruptionBudget: "cart-pdb", config: "cart-settings" },
      servicePorts: { web: 80 },
      configPath: "/app/config",
      openNetwork: true,
    });
    expect(entry(result, "store-web").adopted?.selector).toEqual({
      "app.kubernetes.io/name": "web",
      "app.kubernetes.io/instance": "store",
    });
  });

  test("have every object on the list that a component can hold", () => {
    const kept = result.list.resources.flatMap(({ type, id }) =>
      id === undefined ? [] : [`${type.split(":")[2]} ${id}`],
    );
    expect(kept.sort()).toEqual([
      "ConfigMap store/cart-settings",
      "ConfigMap store/catalog-env",
      "Deployment store/cart",
      "Deployment store/catalog",
      "Deployment store/store-web",
      "HorizontalPodAutoscaler store/cart-hpa",
      "HorizontalPodAutoscaler store/store-web",
      "PodDisruptionBudget store/cart-pdb",
      "PodDisruptionBudget store/catalog",
      "Service store/cart",
      "Service store/catalog",
      "Service store/store-web",
      "ServiceAccount store/cart",
      "ServiceAccount store/store-web",
    ]);
    expect(result.left).toEqual(["Secret catalog-search", "Pod store-web-test-connection"]);
  });

  test("call whom their settings name", () => {
    expect(entry(result).calls).toEqual(["catalog", { host: "smtp.example.com", port: 587 }]);
    expect(entry(result, "store-web").calls).toEqual(["cart"]);
  });

  test("leave what is one environment's own to its settings", () => {
    expect(result.settings).toEqual({
      cart: { version: "2.3.1", scale: { min: 2, max: 6, cpu: 65 } },
      catalog: { version: "1.9.0", replicas: 2 },
      "store-web": { version: "1.16.0", scale: { min: 2, max: 5, cpu: 80 } },
    });
  });

  test("give no Secret's value away", () => {
    expect(entry(result, "catalog").secrets).toEqual({ SEARCH_TOKEN: { secret: "catalog-search", key: "token" } });
    expect(JSON.stringify(result)).not.toContain("only-the-cluster-knows");
  });

  test("say what is not carried over", () => {
    expect(result.notes["cart"]).toContain("env POD_IP: a component has no fieldRef");
    expect(result.notes["cart"]).toContain('Deployment cart: metadata.annotations: {"example.com/on-call":"checkout"}');
  });

  test("are TypeScript that says the same", async () => {
    const file = join(folderWith(), "services.ts");
    write(file, `export const adopted = ${sourceText(result.entries)} as const;\n`);
    expect((await import(pathToFileURL(file).href)).adopted).toEqual(result.entries);
  });
});

describe("refused is", () => {
  test("what is no YAML, by file, line and column", () => {
    expect(faults({ "cart.yaml": "kind: [\n" })[0]?.component).toMatch(/^cart\.yaml:\d+:\d+$/);
    expect(faults({ "cart.yaml": "kind: Deployment\n" }).map(({ component }) => component)).toEqual([
      "cart.yaml:1:1",
      "cart.yaml:1:1",
    ]);
  });

  test("a set of files without a Deployment", () => {
    expect(faults({ "a.yaml": service("cart", "ports: [{ port: 80 }]").replace("---\n", "") })).toMatchObject([
      { value: "a.yaml", problem: "but there is no Deployment in them, only Service" },
    ]);
    expect(faults({ "a.yaml": "" })).toHaveLength(1);
  });

  test("two services of one name", () => {
    expect(faults({ "a.yaml": deployment(), "b.yaml": deployment() })).toMatchObject([
      { component: "b.yaml", problem: "declares Deployment.apps store/cart a second time, after a.yaml" },
    ]);
  });

  test("a selector by expressions: it can never change", () => {
    const expressions = "matchExpressions: [{ key: app, operator: Exists }]";
    const text = deployment().replace("matchLabels: { app: cart }", expressions);
    expect(faults({ "cart.yaml": text })).toMatchObject([
      { component: "cart.yaml Deployment cart", path: "spec.selector", remedy: "leave this Deployment out" },
    ]);
  });

  test.each([
    ["an image without a tag", { image: "registry.example.com/store/cart" }, "spec.template.spec.containers.0.image"],
    ["a name that no component may have", { name: "c".repeat(60) }, "metadata.name"],
  ])("%s", (_, more, path) => {
    expect(faults({ "cart.yaml": deployment(more) })).toMatchObject([{ path }]);
  });

  test("latest, as everywhere", () => {
    expect(faults({ "cart.yaml": deployment({ image: "nginx:latest" }) })).toMatchObject([
      { component: "cart", path: "image" },
    ]);
  });

  test("an object of another namespace than the environment's", () => {
    const text = deployment().replace("name: cart,", "name: cart, namespace: elsewhere,");
    expect(faults({ "cart.yaml": text })).toMatchObject([{ path: "metadata.namespace", value: "elsewhere" }]);
  });

  test("a load balancer that bears the name of the component's own Service", () => {
    const text = deployment({ container: "ports: [{ containerPort: 8080 }]" });
    const balancer = service("cart", "type: LoadBalancer, ports: [{ port: 80, targetPort: 8080 }]");
    expect(faults({ "cart.yaml": text + balancer })).toMatchObject([{ component: "cart.yaml Service cart" }]);
    const beside = planned({ "cart.yaml": text + balancer.replace("name: cart", "name: cart-public") });
    expect(beside.left).toEqual(["Service cart-public"]);
  });

  test("one name for several", () => {
    const files = { "a.yaml": deployment(), "b.yaml": deployment({ name: "other" }) };
    expect(faults(files, { name: "shop" })).toMatchObject([{ component: "--name", value: "cart, other" }]);
  });
});

test("a component of another name keeps the objects' own", () => {
  const account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: runner }\n";
  const text = deployment({ name: "c".repeat(60), pod: "serviceAccountName: runner" }) + account;
  const result = planned({ "cart.yaml": text }, { name: "cart", owner: "basket" });
  expect(entry(result)).toMatchObject({
    owner: "basket",
    adopted: { names: { deployment: "c".repeat(60), serviceAccount: "runner" } },
  });
  expect(result.list.resources.map(({ id }) => id)).toEqual([undefined, "store/runner", `store/${"c".repeat(60)}`]);
});

test("without a port it is a worker; with one and no Service it gets a Service", () => {
  expect(entry(planned({ "a.yaml": deployment() }))).not.toHaveProperty("ports");
  expect(entry(planned({ "a.yaml": deployment({ container: "ports: [{ containerPort: 8080 }]" }) })).ports).toEqual({
    "tcp-8080": 8080,
  });
});

test("what two Deployments share lives on in the first, and the second gets its own", () => {
  const shared = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: shared }\ndata: { LOG: json }\n";
  const container = "envFrom: [{ configMapRef: { name: shared } }]";
  const other = deployment({ container, name: "other" }).replaceAll("app: cart", "app: other");
  const result = planned({ "a.yaml": deployment({ container }) + shared, "b.yaml": other });
  expect(entry(result).adopted?.names).toEqual({ variables: "shared" });
  expect(entry(result, "other").adopted).not.toHaveProperty("names");
  expect(entry(result, "other").variables).toEqual({ LOG: "json" });
});

test("policies that are there stay, and the component's own opens nothing beside them", () => {
  const policy =
    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: cart }\nspec: { podSelector: { matchLabels: { app: cart } } }\n";
  const result = planned({ "cart.yaml": deployment() + policy });
  expect(entry(result).adopted).toMatchObject({ names: { networkPolicy: "cart-component" } });
  expect(entry(result).adopted).not.toHaveProperty("openNetwork");
  expect(result.left).toEqual(["NetworkPolicy cart"]);
});

test("a budget that let no drain take a pod does not come along", () => {
  const budget =
    "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: cart }\nspec: { minAvailable: 1, selector: { matchLabels: { app: cart } } }\n";
  const result = planned({ "cart.yaml": deployment({ spec: "replicas: 1" }) + budget });
  expect(entry(result)).not.toHaveProperty("disruption");
  expect(result.list.resources.map(({ name }) => name)).toContain("cart-disruptionBudget");
});

test.each([
  ["http://catalog:9000/v1", ["catalog"]],
  ["catalog.store.svc.cluster.local:80", ["catalog"]],
  ["postgres://app@db.example.com/orders", [{ host: "db.example.com", port: 5432 }]],
  ["https://api.example.com, http://cart", [{ host: "api.example.com" }]],
  ["catalog", []],
  ["release 1.2.3 of example.com", []],
])("the address in %j is read as a call", (text, calls) => {
  const services = new Map(["cart", "catalog"].map((name) => [name, name]));
  expect(callsIn([text], services, "cart")).toEqual(calls);
});
