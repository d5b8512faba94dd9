import { globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type KubernetesObject,
  type MicroserviceProps,
  microservice,
  type TeamNamespaceProps,
  teamNamespace,
} from "../../components/index.ts";
import { fromYaml, renderEnvironment } from "../../components/yaml/index.ts";
import { clusterApi, readKubeconfig } from "../../toolchain/cluster-api.ts";
import { type Engine, ensureEngine } from "../../toolchain/index.ts";
import { type Cli, openCli, ROOT } from "./cli.ts";
import { type ClusterObjects, clusterObjects } from "./objects.ts";
import { type Packed, pack } from "./package.ts";
import { run } from "./process.ts";

let cli: Cli;
let cluster: ClusterObjects;
let packed: Packed;
let stack: string;
let app: string;

beforeAll(async () => {
  cli = openCli();
  packed = await pack();
  [stack, app] = await Promise.all([packed.install("shared-stack"), packed.install("cdk8s-app")]);
  const started = await cli.run("cluster", "start");
  expect(started.status, started.stderr).toBe(0);
  cluster = clusterObjects(cli.kubeconfig);
});

afterAll(async () => {
  await cli.close();
  packed?.close();
});

/** TypeScript's verdict on an example. */
async function check(folder: string, ...options: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(folder, "node_modules/typescript/bin/tsc"), ...options], {
    cwd: folder,
  });
  return stdout;
}

describe("the package", () => {
  test("holds every module with its types, what it builds from, what is to be read, and nothing else", () => {
    const modules = globSync("{cli,components,toolchain}/**/*.ts", { cwd: ROOT })
      .filter((file) => !file.endsWith(".generate.ts") && !file.includes("node_modules"))
      .flatMap((file) =>
        // The components themselves are in few files.
        (file.startsWith("components/") ? [".d.ts"] : [".js", ".d.ts"]).map(
          (ending) => `dist/${file.replace(/\.ts$/, ending)}`,
        ),
      );
    const data = globSync("components/**/*.json", { cwd: ROOT }).map((file) => `dist/${file}`);
    const rest = packed.files.filter((file) => ![...modules, ...data].includes(file));
    expect(packed.files).toEqual(expect.arrayContaining([...modules, ...data]));
    const expected =
      /^(?:package\.json|dist\/components\/observability\/dashboards\/[\w-]+\.json|dist\/components\/[\w/-]+\.js|dist\/components\/bundled\/LICENSES\.txt|README\.md|LICENSE|CHANGELOG\.md|docs\/.+\.md|toolchain\/go\/[\w-]+\/(?:go\.(?:mod|sum)|(?!\w+_test\.)\w+\.go))$/;
    expect(rest.filter((file) => !expected.test(file))).toEqual([]);
    expect(rest).toEqual(expect.arrayContaining(["package.json", "README.md", "LICENSE", "toolchain/go/etcd/go.sum"]));
  });

  test("has its components in few files, with the terms of the libraries in them", () => {
    const folder = join(stack, "node_modules/fairlead/dist/components");
    const files = globSync("**/*.js", { cwd: folder });
    expect(files).toContain("bundled/components.js");
    expect(files.length).toBeLessThan(40);
    const terms = readFileSync(join(folder, "bundled/LICENSES.txt"), "utf8");
    for (const library of ["zod", "yaml"])
      expect(terms).toMatch(new RegExp(`^${library} \\d+\\.\\d+\\.\\d+ \\((?:MIT|ISC)\\)$`, "m"));
    // An engine that was copied would be another than the program's.
    expect(terms).not.toMatch(/^(?:@pulumi|cdk8s|constructs)/m);
  });

  test("has what package.json promises", () => {
    const { bin, exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const promised = [...Object.values(bin), ...Object.values(exports).flatMap((one) => Object.values(Object(one)))];
    expect(promised.length).toBeGreaterThan(4);
    for (const file of promised) expect(packed.files).toContain(String(file).replace(/^\.\//, ""));
  });

  test("brings the command fairlead, with its toolchain", async () => {
    const fairlead = (...args: string[]) => run(join(stack, "node_modules/.bin/fairlead"), args, { cwd: stack });
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(await fairlead("--version")).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
    expect(await fairlead("cluster", "status")).toEqual({
      status: 3,
      stdout: "there is no embedded cluster\n",
      stderr: "",
    });
  });

  test("has types that hold, and that see a misspelt property", async () => {
    writeFileSync(
      join(stack, "wrong.ts"),
      `import { microservice } from "fairlead";
import { Microservice } from "fairlead/pulumi";
const props = { namespace: "shop", image: "order:1", ports: { http: 8080 } };
microservice({ ...props, name: "order", replicsa: 3 });
export const made = new Microservice("order", { ...props, replicsa: 3 });
`,
    );
    // Were the declarations not looked at, an import of ours that leads nowhere would be any, and nobody would be told.
    const [inApp, inStack] = await Promise.all([check(app), check(stack, "--skipLibCheck", "false")]);
    expect(inApp).toBe("");
    const lines = inStack.split("\n").filter((line) => /^\S/.test(line));
    expect(lines.filter((line) => line.startsWith("node_modules/fairlead/"))).toEqual([]);
    const misspelt = expect.stringMatching(/^wrong\.ts\(.+'replicsa' does not exist in type/);
    expect(lines.filter((line) => !line.startsWith("node_modules/"))).toEqual([misspelt, misspelt]);
  });
});

describe("examples/shared-stack", () => {
  let engine: Engine;

  const pulumi = (...args: string[]) =>
    run(engine.pulumi, [...args, "--stack", "dev", "--non-interactive", "--color=never"], {
      cwd: stack,
      env: {
        ...engine.env,
        KUBECONFIG: cli.kubeconfig,
        PULUMI_BACKEND_URL: `file://${join(cli.state, "backend")}`,
        PULUMI_CONFIG_PASSPHRASE_FILE: join(cli.state, "passphrase"),
      },
    });

  const names = async (apiVersion: string, plural: string) =>
    (await cluster.list(apiVersion, plural, "shop-dev")).map(({ metadata }) => metadata.name);

  beforeAll(async () => {
    engine = await ensureEngine();
    const up = await cli.run("up", "dev");
    expect(up.status, up.stderr).toBe(0);
    const made = await pulumi("stack", "init");
    expect(made.status, made.stderr).toBe(0);
  });

  test("up makes the component and the stack's own objects, from what the platform's stack says", async () => {
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up.status, up.stdout + up.stderr).toBe(0);
    expect(JSON.parse((await pulumi("stack", "output", "--json")).stdout)).toEqual({
      url: "http://reviews.shop-dev:8080",
      userUrl: "http://user.shop-dev:8080",
    });
    const deployments = await cluster.list("apps/v1", "deployments", "shop-dev");
    expect(deployments.find(({ metadata }) => metadata.name === "reviews")).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [{ env: expect.arrayContaining([{ name: "USER_URL", value: "http://user.shop-dev:8080" }]) }],
          },
        },
      },
      status: { readyReplicas: 2 },
    });
    expect(await names("networking.k8s.io/v1", "networkpolicies")).toEqual(
      expect.arrayContaining(["reviews", "user-admits-reviews"]),
    );
  });

  test("a second up changes nothing", async () => {
    const again = await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
    expect(again.status, again.stdout + again.stderr).toBe(0);
  });

  test("destroy takes away what the stack made, and leaves the platform's", async () => {
    const gone = await pulumi("destroy", "--yes", "--skip-preview");
    expect(gone.status, gone.stdout + gone.stderr).toBe(0);
    const left = [
      ...(await names("apps/v1", "deployments")),
      ...(await names("networking.k8s.io/v1", "networkpolicies")),
      ...(await names("v1", "configmaps")),
      ...(await names("v1", "services")),
    ];
    expect(left).toContain("user");
    expect(left.filter((name) => name.includes("reviews"))).toEqual([]);
  });
});

describe("examples/cdk8s-app", () => {
  const documents = (file: string): readonly KubernetesObject[] =>
    Object.values(fromYaml(readFileSync(join(app, "dist", file), "utf8"), { file }));

  beforeAll(async () => {
    const synth = await run(process.execPath, ["main.ts"], { cwd: app });
    expect(synth.status, synth.stderr).toBe(0);
  });

  test("writes a file for each chart, the namespace's first", () => {
    expect(readdirSync(join(app, "dist")).sort()).toEqual([
      "0000-namespace.k8s.yaml",
      "0001-reviews.k8s.yaml",
      "0002-backup.k8s.yaml",
    ]);
  });

  test("writes what Fairlead renders from the same props", async () => {
    const said: unknown = await import(pathToFileURL(join(app, "props.ts")).href);
    const { namespace, reviews } = said as {
      readonly namespace: TeamNamespaceProps;
      readonly reviews: MicroserviceProps;
    };
    const rendered = renderEnvironment({
      name: "reviews",
      members: {
        namespace: { type: "fairlead:policy:TeamNamespace", objects: teamNamespace(namespace) },
        reviews: { type: "fairlead:workload:Microservice", objects: microservice(reviews) },
      },
    });
    const files = { namespace: "0000-namespace.k8s.yaml", reviews: "0001-reviews.k8s.yaml" };
    for (const [member, file] of Object.entries(files)) {
      const expected = Object.values(fromYaml(rendered.get(member) ?? ""));
      expect(expected.length).toBeGreaterThan(3);
      expect(documents(file)).toEqual(expected);
    }
  });

  test("is taken by an API server, beside the charts of cdk8s-plus", async () => {
    const [namespace, ...rest] = readdirSync(join(app, "dist")).sort().flatMap(documents);
    if (namespace === undefined) throw new Error("nothing was written");
    const api = clusterApi(readKubeconfig(cli.kubeconfig));
    await api("/api/v1/namespaces", { method: "POST", body: namespace });
    const kinds: string[] = [];
    for (const object of rest) kinds.push((await cluster.dryRun(object)).kind);
    expect(kinds).toEqual(expect.arrayContaining(["Deployment", "HorizontalPodAutoscaler", "CronJob"]));
  });
});
