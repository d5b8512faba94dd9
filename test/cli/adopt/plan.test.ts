import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { callsIn } from "../../../cli/adopt/calls.ts";
import { type Plan, type PlanOptions, plan } from "../../../cli/adopt/plan.ts";
import { sourceText } from "../../../cli/adopt/source-text.ts";
import type { ServiceEntry } from "../../../components/index.ts";
import { faultsOf } from "../../core/faults-of.ts";
import { folderWith, ROOT, write } from "../workbench.ts";

const EXAMPLES = join(ROOT, "examples/adopt");

function planned(files: Readonly<Record<string, string>>, options: Partial<PlanOptions> = {}): Plan {
  const environment = { name: "dev", members: {} };
  return plan({ files: new Map(Object.entries(files)), namespace: "store", partOf: "store", environment, ...options });
}

function example(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(EXAMPLES, name), "utf8")]));
}

/** A Deployment with a bit of YAML in its pod, its container and beside it. */
function deployment(
  more: { pod?: string; container?: string; spec?: string; name?: string; image?: string } = {},
): string {
  const { pod = "", container = "", spec = "", name = "cart", image = "registry.example.com/store/cart:1.0.0" } = more;
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, labels: { team: checkout } }
spec:
  selector: { matchLabels: { app: cart } }
  ${spec}
  template:
    metadata: { labels: { app: cart } }
    spec:
      ${pod}
      containers:
        - name: cart
          image: ${image}
          ${container}
`;
}

function service(name: string, spec: string): string {
  return `---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { selector: { app: cart }, ${spec} }\n`;
}

function entry(plan: Plan, name = "cart"): ServiceEntry {
  return plan.entries[name] as ServiceEntry;
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

  test.each([
    ["a selector by expressions", { spec: "" }, "spec.selector", /matchExpressions/],
    [
      "an image without a tag",
      { image: "registry.example.com/store/cart" },
      "spec.template.spec.containers.0.image",
      /^/,
    ],
    ["a name that no component may have", { name: "c".repeat(60) }, "metadata.name", /^/],
  ])("%s", (_, more, path, mark) => {
    const text =
      mark.source === "^"
        ? deployment(more)
        : deployment(more).replace("matchLabels: { app: cart }", "matchExpressions: [{ key: app, operator: Exists }]");
    expect(faults({ "cart.yaml": text })).toMatchObject([{ path }]);
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

describe("said to be lost is", () => {
  test.each([
    ["hostNetwork", { pod: "hostNetwork: true" }, "Deployment cart: spec.template.spec.hostNetwork: true"],
    [
      "a place to run",
      { pod: "nodeSelector: { disk: ssd }" },
      'Deployment cart: spec.template.spec.nodeSelector: {"disk":"ssd"}',
    ],
    [
      "a volume of the node",
      {
        pod: "volumes: [{ name: sock, hostPath: { path: /run } }]",
        container: "volumeMounts: [{ name: sock, mountPath: /run }]",
      },
      "volume sock: a component has no volume of hostPath",
    ],
    [
      "a port that is not TCP",
      { container: "ports: [{ containerPort: 53, protocol: UDP }]" },
      "port 53: a component's ports are TCP",
    ],
    [
      "a variable that refers to another",
      { container: 'env: [{ name: URL, value: "http://$(HOST)" }]' },
      "env URL: it refers to another variable, which a ConfigMap cannot: write the value out",
    ],
    [
      "variables of an unknown ConfigMap",
      { container: "envFrom: [{ configMapRef: { name: elsewhere } }]" },
      "envFrom elsewhere: it stands in none of the files, so its keys are not known",
    ],
    [
      "a strategy",
      { spec: "strategy: { type: Recreate }" },
      'Deployment cart: spec.strategy.type: "Recreate" becomes "RollingUpdate"',
    ],
  ])("%s", (_, more, line) => {
    expect(planned({ "cart.yaml": deployment(more) }).notes["cart"]).toContain(line);
  });

  test("a probe by command, and that the component's own asks instead", () => {
    const container =
      "ports: [{ name: http, containerPort: 8080 }]\n          livenessProbe: { exec: { command: [check] } }";
    expect(planned({ "cart.yaml": deployment({ container }) }).notes["cart"]?.join("\n")).toMatch(
      /^livenessProbe: only/m,
    );
  });

  test("a plain value that looks like a secret, and the value is nowhere", () => {
    const result = planned({ "cart.yaml": deployment({ container: "env: [{ name: DB_PASSWORD, value: hunter2 }]" }) });
    expect(result.notes["cart"]?.join("\n")).toMatch(/env DB_PASSWORD: its plain value looks like a secret/);
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });
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
