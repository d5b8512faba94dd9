import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LINKED } from "../../components/delivery/image/dockerfile.ts";
import { forward } from "../../demo/forward.ts";
import { playExternalSecrets } from "../../demo/secrets.ts";
import { GO_FLAGS } from "../../infra/build.ts";
import { type ClusterApi, clusterApi, readKubeconfig } from "../../toolchain/cluster-api.ts";
import { ensureEngine, loadImage } from "../../toolchain/index.ts";
import { nodeFiles } from "../../toolchain/node/layout.ts";
import { type Cli, openCli } from "../integration/cli.ts";
import { until } from "../integration/observability/server.ts";
import { run } from "../integration/process.ts";
import { goServices } from "../integration/services.ts";
import { type PrivateModules, privateModules } from "../proof/images/modules.ts";
import { filesWith, holds, newMarker } from "./marker.ts";
import { podsOf, settled } from "./pods.ts";
import { imageOf, namespaceOf, writeProject, writeSettings } from "./secret-project.ts";

/** In every secret of this test, and nowhere else. */
const MARKER = newMarker();
const secret = (what: string) => `${MARKER}-${what}`;
const SERVICES = ["keeper", "user"];

/** What the vault holds. */
const vault: Record<string, string> = {
  "kept/variable": secret("variable"),
  "kept/file": secret("file"),
  "kept/database-url": `memory:?password=${secret("database")}`,
};

const folder = mkdtempSync(join(tmpdir(), "fairlead-secrets-"));
const root = join(folder, "project");
const shown = join(folder, "shown");
/** What the command line said, every word of it. */
const said: string[] = [];
let cli: Cli;
let api: ClusterApi;
let registry: string;
let modules: PrivateModules;
let operator: ReturnType<typeof playExternalSecrets> | undefined;

beforeAll(async () => {
  writeProject(root);
  mkdirSync(shown);
  modules = await privateModules(join(folder, "modules"), secret("token"));
  await modules.sum(join(root, "keeper"));
  writeFileSync(join(folder, "netrc"), modules.netrc, { mode: 0o600 });
  writeFileSync(join(folder, "authority.pem"), modules.certificate);
  // Whatever this machine has: here no engine answers.
  process.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  cli = openCli(root);
  const started = await fairlead("cluster", "start", "--node", "real");
  registry = /its registry is (\S+)/.exec(started)?.[1] ?? "";
  api = clusterApi(readKubeconfig(cli.kubeconfig));
  operator = playExternalSecrets(api, vault);
  await loadUser();
  writeSettings(root, "dev", { registry });
  await around(company(), () => fairlead("up", "dev"));
  await upProd();
});

afterAll(async () => {
  operator?.stop();
  modules?.stop();
  await cli?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function fairlead(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await cli.run(...args);
  said.push(stdout, stderr);
  expect(status, stdout + stderr).toBe(0);
  return stdout + stderr;
}

/** The reference service that has a database. */
async function loadUser(): Promise<void> {
  const binary = join(folder, "user");
  await goServices("build", ...GO_FLAGS, `-ldflags=${LINKED}`, "-o", binary, "./user");
  await loadImage(join(cli.state, "cluster"), { name: imageOf("user"), binary });
}

/** How a machine of a company knows private modules. Its Go asks nobody else for them. */
const company = (): NodeJS.ProcessEnv => ({
  GOPROXY: modules.url,
  GONOPROXY: "none",
  GOMODCACHE: join(folder, "fetched"),
  NETRC: join(folder, "netrc"),
  SSL_CERT_FILE: join(folder, "authority.pem"),
  KEPT_PASSWORD: secret("password"),
});

/** An environment of a user with a Pulumi login of their own, where settings may be encrypted. */
async function upProd(): Promise<void> {
  const binary = join(cli.state, "images/keeper/context/keeper");
  await loadImage(join(cli.state, "cluster"), { name: imageOf("keeper"), binary });
  const env: NodeJS.ProcessEnv = {
    PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "the user's own",
    PULUMI_HOME: join(folder, "pulumi"),
  };
  mkdirSync(join(folder, "backend"));
  const { pulumi: program, env: parts } = await ensureEngine();
  const pulumi = async (...args: string[]) => {
    const outcome = await run(program, args, { cwd: root, env: { ...(parts as NodeJS.ProcessEnv), ...env } });
    expect(outcome.status, outcome.stderr).toBe(0);
  };
  await pulumi("stack", "init", "prod");
  await pulumi("config", "set", "--stack", "prod", "--secret", "kept:token", secret("setting"));
  const { "current-context": context } = JSON.parse(readFileSync(cli.kubeconfig, "utf8")) as {
    readonly "current-context": string;
  };
  await around({ ...env, KUBECONFIG: cli.kubeconfig }, () => fairlead("up", "prod", "--context", context, "--yes"));
}

/** Takes a step with other variables in the environment of whatever it starts. */
async function around<T>(env: NodeJS.ProcessEnv, step: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, env);
  try {
    return await step();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Everything that can be shown of both environments, as files of the folder. */
async function show(): Promise<void> {
  for (const environment of ["dev", "prod"]) {
    await fairlead("graph", environment, "--out", join(shown, `${environment}.html`));
    await fairlead("slo", environment, "--html", join(shown, `${environment}-slo.html`));
    await fairlead("slo", environment);
  }
  await fairlead("render", "dev", "--out", join(shown, "rendered"));
  // A value that the engine alone can read has no place in a file, and the sentence that says so has none of it.
  const refused = await cli.run("render", "prod", "--out", join(shown, "rendered"));
  said.push(refused.stdout, refused.stderr);
  expect(refused.stderr).toContain("rendered files are read by everyone");
  await around(company(), () => fairlead("preview", "dev"));
  await fairlead("cluster", "status");
}

async function sums(environment: string, ...names: readonly string[]): Promise<readonly string[]> {
  const at = { namespace: namespaceOf(environment), name: "keeper", port: 8080 };
  const way = await forward(cli.kubeconfig, api, at);
  const found = await Promise.all(names.map(async (of) => (await fetch(`${way.address}/sum?of=${of}`)).text()));
  way.close();
  return found;
}

const sum = (text: string) => createHash("sha256").update(text).digest("hex");

/** Gives the database's URL another value in the vault, and lets a pod begin with it, until its log says what it makes of it. */
async function otherDatabase(url: string, expected: string): Promise<void> {
  const namespace = namespaceOf("dev");
  vault["kept/database-url"] = url;
  const wanted = Buffer.from(url).toString("base64");
  await until(async () =>
    JSON.stringify(await api(`/api/v1/namespaces/${namespace}/secrets/user-vault`)).includes(wanted) ? true : undefined,
  );
  for (const { service, name } of await podsOf(api, namespace)) {
    if (service === "user") await api(`/api/v1/namespaces/${namespace}/pods/${name}`, { method: "DELETE" });
  }
  await until(() => (logs(expected).length > 0 ? true : undefined));
  // The next pod takes its place, and this one's log goes with it.
  expect(logs()).toEqual([]);
}

/** Where the node keeps what: its registry, what pods and its programs say, and all the rest of the state. */
const node = () => nodeFiles(join(cli.state, "cluster"));
const layers = () => filesWith(node().registry, MARKER);
const logs = (text = MARKER) => filesWith(join(node().own, "log/pods"), text);
const programs = () => filesWith(node().logs, MARKER);
const backends = () => [join(cli.state, "backend"), join(folder, "backend")].flatMap((one) => filesWith(one, MARKER));
const pages = () => filesWith(shown, MARKER);

test("secrets of every way arrive in the pods that asked for them", async () => {
  for (const environment of ["dev", "prod"]) {
    await settled(api, namespaceOf(environment), SERVICES);
    expect(await sums(environment, "VARIABLE", "FILE")).toEqual([sum(secret("variable")), sum(secret("file"))]);
  }
  expect(await sums("prod", "SETTING")).toEqual([sum(secret("setting"))]);
  expect(modules.served()).toBeGreaterThan(0);
});

describe("a secret is found", () => {
  beforeAll(async () => {
    await show();
    // A server that is not there, and an URL that is none: what a service says of either is in its log.
    await otherDatabase(`postgres://shop:${secret("database")}@postgres.example.com:5432/shop`, "not ready yet");
    await otherDatabase(`postgres://shop:${secret("database")}@[postgres:port/shop`, "cannot be read");
  });

  test("in no layer or configuration of an image", () => {
    expect(readdirSync(node().registry).length).toBeGreaterThan(0);
    expect(layers()).toEqual([]);
  });

  test("in no log of a pod, of containerd, the kubelet or another program of the node", () => {
    expect(logs()).toEqual([]);
    expect(programs()).toEqual([]);
  });

  test("in no rendered file, no page, and nothing that the command line said", () => {
    expect(readdirSync(shown).sort()).toEqual(["dev-slo.html", "dev.html", "prod-slo.html", "prod.html", "rendered"]);
    expect(pages()).toEqual([]);
    expect(holds(Buffer.from(said.join("")), MARKER)).toBe(false);
  });

  test("in no state of the engine", () => {
    expect(backends()).toEqual([]);
  });

  test("in no other file of the cluster's but the API server's store, and what containerd was told of the pods", () => {
    const found = filesWith(cli.state, MARKER);
    const allowed = [/^cluster\/.*etcd\/.*(?:\.wal|db)$/, /^cluster\/node\/images\/.*meta\.db$/];
    expect(found.filter((path) => !allowed.some((one) => one.test(path)))).toEqual([]);
    console.log(`found in ${found.join(" ")}`);
    // The same search finds it where it has to be.
    expect(found.some((path) => /etcd/.test(path))).toBe(true);
  });
});

describe("the same search finds what somebody careless leaves", () => {
  test("in base64, wherever it begins in it, and in what is packed", () => {
    for (const before of ["", "a", "ab", "abc"]) {
      const encoded = Buffer.from(`${before}${MARKER}:rest`).toString("base64");
      expect(holds(Buffer.from(`auth ${encoded}`), MARKER), before).toBe(true);
    }
    expect(holds(gzipSync(`it is ${MARKER}`), MARKER)).toBe(true);
    expect(holds(Buffer.from(MARKER.slice(1)), MARKER)).toBe(false);
  });

  test("in a layer", async () => {
    const leak = join(folder, "leak");
    writeFileSync(leak, vault["kept/file"] ?? "");
    const binary = join(folder, "user");
    await loadImage(join(cli.state, "cluster"), { name: imageOf("leak"), binary, files: { "/leak": leak } });
    expect(layers().length).toBeGreaterThan(0);
  });

  test("in a pod's log", async () => {
    const at = { namespace: namespaceOf("prod"), name: "keeper", port: 8080 };
    const way = await forward(cli.kubeconfig, api, at);
    await fetch(`${way.address}/tell?of=SETTING`);
    way.close();
    await until(() => (logs().length > 0 ? true : undefined));
  });

  test("in the logs of the node's programs", async () => {
    const spec = { containers: [{ name: "leak", image: `registry.example.com/${MARKER}:1.0.0` }] };
    const body = { apiVersion: "v1", kind: "Pod", metadata: { name: "leak" }, spec };
    await api("/api/v1/namespaces/default/pods", { method: "POST", body });
    await until(() => (programs().length > 0 ? true : undefined));
  });

  test("in rendered files, on both pages, in the state, and in what the command line says", async () => {
    writeSettings(root, "dev", { registry, careless: MARKER });
    await show();
    const found = pages();
    for (const place of [/^rendered\/dev\//, /^dev\.html$/, /^dev-slo\.html$/]) {
      expect(
        found.some((path) => place.test(path)),
        String(place),
      ).toBe(true);
    }
    expect(holds(Buffer.from(said.join("")), MARKER)).toBe(true);
    await around(company(), () => fairlead("up", "dev"));
    expect(backends().length).toBeGreaterThan(0);
  });
});
