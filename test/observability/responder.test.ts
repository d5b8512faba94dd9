import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { sentence } from "../../components/core/fault.ts";
import {
  type AlertResponderProps,
  alertResponder,
  alertRouting,
  alertRoutingFile,
  type ConfigMap,
  type Deployment,
  environmentFaults,
  type MicroserviceProps,
  microservice,
  type NetworkPolicy,
  type Objects,
  placed,
  type Role,
  serviceAlerts,
} from "../../components/index.ts";
import { program } from "../../infra/program.ts";
import { faultsOf } from "../core/faults-of.ts";
import { everyReceiver } from "./routing.ts";

const order = (rest: Partial<MicroserviceProps> = {}) =>
  microservice({
    name: "order",
    namespace: "shop",
    image: "registry.example.com/shop/order:1.0.0",
    ports: { http: 8080 },
    ...rest,
  });
const scaled = order({ scale: { min: 3, max: 12 }, debug: { pprof: true } });
const base: AlertResponderProps = {
  name: "responder",
  namespace: "shop",
  image: "registry.example.com/platform/responder:1.0.0",
  services: { order: scaled },
  steps: { scale: { max: 8 } },
  token: { store: "vault", key: "shop/responder" },
};
const made = (rest: Partial<AlertResponderProps> = {}) => alertResponder({ ...base, ...rest });
const sentences = (rest: object) => faultsOf(() => made(rest)).map(sentence);
const disk = { disk: "1Gi" };
const everything = {
  steps: { diagnose: {}, scale: { max: 8 }, isolate: {}, archive: true },
  storage: disk,
};
/** Its rights as "verb group/resource names". */
const rights = (objects: Objects) =>
  ((objects["role"] as Role).rules ?? []).map(({ apiGroups = [], resources = [], verbs, resourceNames = [] }) =>
    `${verbs.join(",")} ${apiGroups.join()}/${resources.join()} ${resourceNames.join(",")}`.trim(),
  );
const config = (objects: Objects) => parse(String((objects["config"] as ConfigMap).data?.["responder.yaml"]));
const always = ["get,update /configmaps responder-state", "create /events"];

describe("a responder", () => {
  test("has the rights of the steps that are on, and no others", () => {
    expect(rights(made())).toEqual([...always, "get,patch autoscaling/horizontalpodautoscalers order"]);
    expect(rights(made({ steps: { isolate: {} } }))).toEqual([
      ...always,
      "list /pods",
      "patch /pods",
      "get policy/poddisruptionbudgets order",
    ]);
    expect(rights(made({ steps: { diagnose: {} }, storage: disk }))).toEqual([...always, "list /pods"]);
    expect(rights(made({ steps: { archive: true }, storage: disk }))).toEqual([...always, "list /pods"]);
  });

  test("changes the count of a workload without autoscaler through its scale alone", () => {
    expect(rights(made({ services: { order: order() } }))).toEqual([
      ...always,
      "get,update apps/deployments/scale order",
    ]);
    expect(JSON.stringify(rights(made(everything)))).not.toMatch(/deployments |secrets|delete|\*/);
  });

  test("finds what an adopted service is called", () => {
    const adopted = { selector: { app: "order" }, names: { deployment: "order-v1", disruptionBudget: "order-pdb" } };
    const objects = made({ ...everything, services: { order: order({ adopted, debug: { pprof: true } }) } });
    expect(config(objects).services).toEqual({
      order: { kind: "Deployment", name: "order-v1", selector: { app: "order" }, disruptionBudget: "order-pdb" },
    });
  });

  test("scales a Rollout rather than the Deployment that gives it its pods", () => {
    const { deployment, ...others } = order();
    const { selector } = deployment.spec ?? {};
    const rollout = {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      metadata: deployment.metadata,
      spec: { selector, workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "order" } },
    };
    const objects = made({ services: { order: { ...others, deployment, rollout } } });
    expect(rights(objects)).toEqual([...always, "get,update argoproj.io/rollouts/scale order"]);
    expect(config(objects).services.order.kind).toBe("Rollout");
  });

  test("asks KEDA's autoscaler, which the program then leaves alone", () => {
    const keda = {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "order", namespace: "shop" },
    };
    expect(config(made({ services: { order: { ...order(), keda } } })).services.order.autoscaler).toBe(
      "keda-hpa-order",
    );
  });

  test("is told of the steps that are on, in Go's words", () => {
    expect(config(made({ steps: { isolate: { keep: "1d" } }, cooldown: "20m" }))).toMatchObject({
      namespace: "shop",
      cooldown: "1200s",
      isolate: { keep: "86400s" },
    });
    expect(Object.keys(config(made()))).not.toContain("isolate");
    expect(config(made(everything)).diagnose).toEqual({ port: 6060, pods: 3, timeout: "10s", maxBytes: 2 ** 25 });
  });

  test("alone of all has a token of the API, and says why", () => {
    const pod = (made()["deployment"] as Deployment).spec?.template;
    expect(pod?.spec?.automountServiceAccountToken).toBe(true);
    expect(pod?.metadata?.annotations).toHaveProperty(["fairlead.dev/why-api-token"]);
    expect((scaled["deployment"] as Deployment).spec?.template.spec?.automountServiceAccountToken).toBe(false);
  });

  test("hears Alertmanager's namespace alone, and talks to the API server and to what its steps need", () => {
    const policy = (objects: Objects) => (objects["networkPolicy"] as NetworkPolicy).spec;
    const ports = (objects: Objects) =>
      (policy(objects)?.egress ?? []).flatMap(({ ports = [] }) => ports.map(({ port }) => port));
    expect(policy(made())?.ingress).toEqual([
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
        ports: [{ protocol: "TCP", port: 8080 }],
      },
    ]);
    expect(ports(made())).toEqual([53, 53, 443, 6443]);
    expect(ports(made({ apiServer: { cidrs: ["10.0.0.1/32"] } }))).toEqual([53, 53, 6443]);
    expect(ports(made(everything))).toContain(6060);
  });

  test("keeps things on a disk as a StatefulSet, in a bucket as a Deployment", () => {
    const secret = { store: "vault", key: "shop/responder/id" };
    const bucket = { bucket: "b", host: "s3.example.com", region: "r", secrets: { AWS_ACCESS_KEY_ID: secret } };
    expect(Object.values(made(everything)).map(({ kind }) => kind)).toContain("StatefulSet");
    const inBucket = made({ ...everything, storage: bucket });
    expect(Object.values(inBucket).map(({ kind }) => kind)).toContain("Deployment");
    expect(JSON.stringify(inBucket["externalSecret-vault"])).toContain("shop/responder/id");
    expect(config(inBucket).storage).toEqual({ bucket: { name: "b", host: "s3.example.com", region: "r" } });
  });

  test("is held to few fields by an admission policy about itself, where it may patch", () => {
    const { policy, policyBinding } = made(everything);
    expect(policy?.spec?.matchConditions?.[0]?.expression).toContain("system:serviceaccount:shop:responder");
    expect(policyBinding?.spec?.policyName).toBe(policy?.metadata.name);
    expect(made({ steps: { archive: true }, storage: disk })).not.toHaveProperty("policy");
  });
});

describe("what is refused", () => {
  test.each<[string, object, string]>([
    ["no step", { steps: {} }, "responder: steps is {}, but then it would never do anything"],
    ["a step switched off is no step", { steps: { archive: false } }, "switch a step on"],
    ["scaling without a bound", { steps: { scale: {} } }, "steps.scale.max is missing"],
    ["diagnosis without a place", { steps: { diagnose: {} } }, "but diagnose needs a place to keep things"],
    ["an archive without a place", { steps: { archive: true } }, "but archive needs a place to keep things"],
    ["a place for nothing", { storage: disk }, "but no step keeps anything there"],
    ["nothing in its care", { services: {} }, "name the services it may touch"],
    ["a service that runs no pods", { services: { order: {} } }, 'services.order is "order", but it has no Deployment'],
    [
      "profiles where the environment serves none",
      { steps: { diagnose: {} }, storage: disk, services: { order: order() } },
      'services.order is "order", but its pods serve no profiles at port 6060',
    ],
    ["a misspelt step", { steps: { isolat: {} } }, 'did you mean "isolate"?'],
    ["no token", { token: undefined }, "token is missing"],
    ["a token in plain text", { token: { value: "abc" } }, "token"],
    ["a cooldown of nothing", { cooldown: "0s" }, "less than a second"],
    ["a name that is none", { name: "Responder" }, "lower-case"],
  ])("%s", (_, rest, said) => {
    expect(sentences(rest).join("\n")).toContain(said);
  });
});

describe("alerts reach it", () => {
  const responder = { url: "http://responder.shop:8080/alerts", token: { store: "vault", key: "shop/responder" } };
  const routing = everyReceiver({ responder });

  test("by a route of its own that goes on to those who are told", () => {
    const { route, receivers } = JSON.parse(JSON.stringify(alertRouting(routing).config.spec));
    expect(route.routes[1]).toMatchObject({
      receiver: "responder",
      matchers: [{ name: "actions", value: ".+", matchType: "=~" }],
      continue: true,
    });
    expect(receivers.find((one: { name: string }) => one.name === "responder").webhookConfigs).toEqual([
      {
        url: responder.url,
        httpConfig: {
          authorization: { type: "Bearer", credentials: { name: "alerting-vault", key: "responder-token" } },
        },
        sendResolved: true,
      },
    ]);
  });

  test("as a file too, with the token in a file", () => {
    const { receivers } = parse(alertRoutingFile(routing, { secrets: "/secrets" }));
    expect(JSON.stringify(receivers)).toContain('"credentials_file":"/secrets/alerting-vault/responder-token"');
  });

  test("when they say what may be done, which the catalogue can change", () => {
    const facts = { name: "order", namespace: "shop", owner: "checkout" };
    const actions = (alerts: object) =>
      (serviceAlerts({ ...facts, alerts }).alerts.spec.groups ?? []).flatMap(({ rules }) =>
        (rules ?? []).flatMap(({ alert, labels }) => (alert === "GoGoroutineLeak" ? [labels?.["actions"]] : [])),
      );
    expect(actions({})).toEqual(["diagnose,isolate"]);
    expect(actions({ goroutineLeak: { actions: ["diagnose"] } })).toEqual(["diagnose"]);
    expect(actions({ goroutineLeak: { actions: [] } })).toEqual([undefined]);
    expect(
      faultsOf(() => actions({ goroutineLeak: { actions: ["reboot"] } }))
        .map(sentence)
        .join(),
    ).toContain("isolate");
  });

  test("in dev alone of the shop's environments, whose pods admit it to their profiles", () => {
    const has = (name: string) => "responder" in program.build(name, {}).members;
    expect(program.environments.filter(has)).toEqual(["dev"]);
    const dev = program.build("dev", {});
    expect(environmentFaults(dev)).toEqual([]);
    const roles = [...placed(dev)].filter(({ object }) => object.kind === "Role");
    expect(roles.map(({ component }) => component)).toEqual(["responder"]);
    const notifier = dev.members["notifier"]?.objects["networkPolicy"] as NetworkPolicy;
    expect(JSON.stringify(notifier.spec?.ingress)).toContain('"port":6060');
  });
});
