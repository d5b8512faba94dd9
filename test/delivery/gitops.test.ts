import { describe, expect, test } from "vitest";
import { partOf } from "../../components/core/delivery.ts";
import {
  type Environment,
  environmentFaults,
  type GitopsProps,
  gitops,
  type KubernetesObject,
  type Member,
  microservice,
  placed,
  secretStore,
  sentence,
  teamNamespace,
} from "../../components/index.ts";
import { renderFiles } from "../../components/yaml/index.ts";
import { program } from "../../infra/program.ts";
import { faultsOf } from "../core/faults-of.ts";
import { git } from "./props.ts";

const service = (name: string, owner: string): Member => ({
  type: "fairlead:workload:Microservice",
  objects: microservice({
    name,
    namespace: "shop",
    owner,
    image: `registry.example.com/shop/${name}:1.0.0`,
    ports: { http: 8080 },
    scale: { min: 2, max: 4 },
  }),
});
const shop: Environment = {
  name: "prod",
  members: {
    namespace: { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: "shop" }) },
    "argo-cd": { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: "argocd" }) },
    vault: {
      type: "fairlead:policy:SecretStore",
      objects: secretStore({ name: "vault", namespace: "shop", placeholders: {} }),
    },
    order: service("order", "checkout"),
    user: service("user", "identity"),
  },
};
const props: GitopsProps = { ...git, partOf: "shop", owner: "platform" };
const delivered = (change: Partial<GitopsProps> = {}) => gitops(shop, { ...props, ...change });
const faults = (environment: Environment) => environmentFaults(environment).map(sentence);

/** The environment with one object changed. */
function changed(environment: Environment, member: string, role: string, change: object): Environment {
  const old = environment.members[member];
  const object = old?.objects[role];
  if (old === undefined || object === undefined) throw new Error(`no ${member}.${role}`);
  const objects = { ...old.objects, [role]: { ...object, ...change } };
  return { ...environment, members: { ...environment.members, [member]: { ...old, objects } } };
}

describe("delivery by GitOps", () => {
  test("leaves the engine namespaces, secrets and what steers Argo CD, and the repository everything else", () => {
    const kinds = (owner: "engine" | "repository") =>
      new Set([...placed(partOf(delivered(), owner))].map(({ object }) => object.kind));
    expect([...kinds("engine")].sort()).toEqual(
      ["AppProject", "ApplicationSet", "LimitRange", "Namespace", "NetworkPolicy"].sort(),
    );
    expect(kinds("repository")).toContain("Deployment");
    expect(kinds("repository")).not.toContain("Namespace");
    expect(kinds("repository")).not.toContain("AppProject");
  });

  test("owns each object once: the two parts are the whole, and share nothing", () => {
    const environment = delivered();
    const all = [...placed(environment)].length;
    const engine = [...placed(partOf(environment, "engine"))].map(({ object }) => object);
    const repository = [...placed(partOf(environment, "repository"))].map(({ object }) => object);
    expect(engine.length + repository.length).toBe(all);
    expect(repository.filter((object) => engine.includes(object))).toEqual([]);
    expect(faults(environment)).toEqual([]);
  });

  test("gives each team a project of exactly what its components need", () => {
    const { project } = delivered().members["project-checkout"]?.objects ?? {};
    expect(project).toMatchObject({
      metadata: { name: "prod-checkout", namespace: "argocd" },
      spec: {
        sourceRepos: [git.repository],
        destinations: [{ server: "https://kubernetes.default.svc", namespace: "shop" }],
        namespaceResourceWhitelist: expect.arrayContaining([{ group: "apps", kind: "Deployment" }]),
        clusterResourceWhitelist: [],
      },
    });
    expect(JSON.stringify(project)).not.toContain("SecretStore");
  });

  test("lets a project delete what a component may have had, and never makers of rights", () => {
    const { project } = delivered().members["project-checkout"]?.objects ?? {};
    const { namespaceResourceWhitelist } = Reflect.get(Object(project), "spec");
    expect(namespaceResourceWhitelist).toContainEqual({ group: "batch", kind: "CronJob" });
    expect(namespaceResourceWhitelist).toContainEqual({ group: "", kind: "PersistentVolumeClaim" });
    for (const kind of ["Role", "RoleBinding", "Secret", "ResourceQuota"]) {
      expect(JSON.stringify(namespaceResourceWhitelist)).not.toContain(`"${kind}"`);
    }
  });

  test("keeps the project of a team whose last component is going, when it is named", () => {
    expect(delivered().members).not.toHaveProperty("project-warehouse");
    expect(delivered({ projects: { warehouse: {} } }).members).toHaveProperty("project-warehouse");
  });

  test("leaves the replicas of what is autoscaled to the autoscaler, as the objects themselves say", () => {
    const { applicationSet } = delivered().members["applications"]?.objects ?? {};
    const [, order] = Reflect.get(Object(applicationSet), "spec").generators[0].list.elements;
    expect(order.ignoreDifferences).toEqual([
      { group: "apps", kind: "Deployment", name: "order", namespace: "shop", jsonPointers: ["/spec/replicas"] },
    ]);
  });

  test("renders a folder for each component and a file for each object; nothing of the engine's", () => {
    const files = [...renderFiles(delivered()).keys()];
    expect(files).toContain("order/deployment.yaml");
    expect(files.filter((file) => file.startsWith("namespace/") || file.startsWith("project-"))).toEqual([]);
    expect(renderFiles(delivered())).toEqual(renderFiles(delivered()));
  });

  test("delivered directly, everything is the engine's", () => {
    expect(partOf(shop, "engine")).toBe(shop);
    expect(partOf(shop, "repository").members).toEqual({});
    expect([...renderFiles(shop).keys()]).toContain("order.yaml");
  });

  test("a Secret with values stays with the engine, so that its service can still be rendered", () => {
    const secret: KubernetesObject = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "shop" } };
    const order = shop.members["order"] as Member;
    const objects = { ...order.objects, secret: { ...secret, stringData: { key: "value" } } };
    const environment = gitops({ ...shop, members: { ...shop.members, order: { ...order, objects } } }, props);
    expect([...renderFiles(environment).keys()]).not.toContain("order/secret.yaml");
    expect(partOf(environment, "engine").members["order"]?.objects).toHaveProperty("secret");
  });

  test.each(program.environments)("%s has one owner for each object", (name) => {
    expect(environmentFaults(program.build(name, {}))).toEqual([]);
  });
});

describe("refused are", () => {
  test("a component that bears a name of the delivery's own", () => {
    const members = { ...shop.members, applications: service("applications", "checkout") };
    expect(faultsOf(() => gitops({ ...shop, members }, props)).map(sentence)).toEqual([
      expect.stringMatching(/^delivery is "applications", but a component bears that name/),
    ]);
  });

  test("an address that is none, once and for all", () => {
    expect(faultsOf(() => delivered({ repository: "git.example.com/shop" })).map(sentence)).toEqual([
      expect.stringMatching(/^delivery: repository is "git\.example\.com\/shop", but it is no address/),
    ]);
  });

  test("a misspelt property", () => {
    const misspelt = { ...props, repositry: "x" };
    expect(faultsOf(() => gitops(shop, misspelt)).map(sentence)).toEqual([expect.stringContaining('"repository"')]);
  });

  test.each<readonly [string, Environment, RegExp]>([
    [
      "a kind that the project forbids",
      delivered({ projects: { checkout: { kinds: [{ group: "", kind: "Service" }] } } }),
      /^order: deployment\.kind is "Deployment\.apps", but project prod-checkout does not allow that kind/,
    ],
    [
      "a repository that the project forbids",
      delivered({ projects: { checkout: { repositories: ["https://git.example.com/other.git"] } } }),
      /^applications: applicationSet\.elements\.1\.repository .*project prod-checkout does not allow that repository/,
    ],
    [
      "a namespace that the project forbids",
      delivered({ projects: { checkout: { namespaces: ["checkout-*", "!shop"] } } }),
      /^order: deployment\.metadata\.namespace is "shop", but project prod-checkout may not deploy there/,
    ],
    [
      "an object outside of namespaces that the project forbids",
      changed(delivered(), "order", "deployment", { kind: "ClusterRole", metadata: { name: "all" } }),
      /^order: deployment\.kind is "ClusterRole\.apps", but project prod-checkout does not allow that kind/,
    ],
    [
      "an Application of a project that nobody makes",
      changed(delivered(), "project-checkout", "project", { metadata: { name: "prod-chekout", namespace: "argocd" } }),
      /project is "prod-checkout", but this environment makes no such AppProject; did you mean "prod-chekout"\?/,
    ],
    [
      "a component that no Application reads",
      changed(delivered(), "applications", "applicationSet", {
        spec: { generators: [{ list: { elements: [] } }], template: { spec: {} } },
      }),
      /^order is rendered to the repository, but no Application reads prod\/order/,
    ],
    [
      "an object of the engine's that the repository has too",
      {
        ...delivered(),
        members: {
          ...delivered().members,
          copy: {
            type: "x",
            owner: "engine",
            objects: { deployment: shop.members["order"]?.objects["deployment"] as KubernetesObject },
          },
        },
      },
      /^copy: deployment is .* but order\.deployment declares that object too, and the engine and the repository would undo/,
    ],
  ])("%s", (_, environment, pattern) => {
    expect(faults(environment)).toContainEqual(expect.stringMatching(pattern));
  });

  test("two Applications that deliver one component to one cluster", () => {
    const environment = delivered();
    const { applicationSet } = environment.members["applications"]?.objects ?? {};
    const twice = { ...applicationSet, metadata: { name: "again", namespace: "argocd" } } as KubernetesObject;
    const members = { ...environment.members, again: { type: "x", objects: { applicationSet: twice } } };
    expect(faults({ ...environment, members })).toContainEqual(
      expect.stringMatching(/^order is delivered to one cluster by prod-order and by prod-order/),
    );
  });

  test("wildcards of a project allow what they match", () => {
    const bounds = {
      namespaces: ["sh*"],
      repositories: ["https://git.example.com/*"],
      kinds: [{ group: "*", kind: "*" }],
    };
    expect(faults(delivered({ projects: { checkout: bounds } }))).toEqual([]);
  });
});
