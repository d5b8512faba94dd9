import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Engine, ensureEngine } from "../../toolchain/index.ts";
import { type Cli, openCli, ROOT } from "./cli.ts";
import { type ClusterObjects, clusterObjects } from "./objects.ts";

// A user with a cluster, a kubeconfig and a Pulumi login of their own. The cluster is an embedded one, started for it.
let cli: Cli;
let cluster: ClusterObjects;
let engine: Engine;
let user: string;
let project: string;

const CONTEXT = "my-cluster";

beforeAll(async () => {
  cli = openCli();
  const started = await cli.run("cluster", "start");
  expect(started.status, started.stderr).toBe(0);
  cluster = clusterObjects(cli.kubeconfig);
  engine = await ensureEngine();
  user = mkdtempSync(join(tmpdir(), "fairlead-user-"));
  project = join(user, "checkout");
  mkdirSync(project);
  for (const name of ["infra", "components", "node_modules", "package.json"]) {
    symlinkSync(join(ROOT, name), join(project, name));
  }
  copyFileSync(join(ROOT, "Pulumi.yaml"), join(project, "Pulumi.yaml"));
  mkdirSync(join(user, "backend"));
  writeFileSync(kubeconfig(), JSON.stringify(ownKubeconfig()));
});

beforeEach(() => {
  writeFileSync(stackFile(), "config: {}\n");
});

afterAll(async () => {
  await cli.close();
  rmSync(user, { recursive: true, force: true });
});

const kubeconfig = () => join(user, "kubeconfig");
const stackFile = () => join(project, "Pulumi.dev.yaml");

/** The embedded cluster under a name of the user's, beside one that they use at other times and which does not answer. */
function ownKubeconfig(): unknown {
  const { clusters, users } = JSON.parse(readFileSync(cli.kubeconfig, "utf8"));
  const away = { name: "away", cluster: { server: "https://127.0.0.1:1" } };
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "elsewhere",
    contexts: [
      { name: "elsewhere", context: { cluster: "away", user: users[0].name } },
      { name: CONTEXT, context: { cluster: clusters[0].name, user: users[0].name } },
    ],
    clusters: [away, ...clusters],
    users,
  };
}

function userEnv(): NodeJS.ProcessEnv {
  const around = Object.entries(process.env).filter(([key]) => !/^(PULUMI_|FAIRLEAD_STATE|npm_)/.test(key));
  return {
    ...Object.fromEntries(around),
    KUBECONFIG: kubeconfig(),
    PULUMI_HOME: join(user, "pulumi"),
    PULUMI_CONFIG_PASSPHRASE: "the user's own",
  };
}

const LOGIN = () => ({ PULUMI_BACKEND_URL: `file://${join(user, "backend")}` });

function call(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>(
    (fulfil, reject) => {
      const child = spawn(program, [...args], { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
      const said = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said.stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said.stderr += text;
      });
      child.on("error", reject).on("close", (status) => fulfil({ status: status ?? 1, ...said }));
    },
  );
}

/** `fairlead … --context my-cluster`, as the user has everything. */
function run(args: readonly string[], env: NodeJS.ProcessEnv = LOGIN()) {
  const words = args.includes("--context") ? args : [...args, "--context", CONTEXT];
  return call(process.execPath, [join(ROOT, "cli/main.ts"), ...words], { ...userEnv(), ...env });
}

describe("with --context, what is missing is told in a sentence:", () => {
  test("a login", async () => {
    const { status, stderr } = await run(["up"], {});
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /^you are not logged in to Pulumi, .+ login --local\), or set PULUMI_BACKEND_URL\n$/,
      ),
    });
  });

  test("a stack", async () => {
    const { status, stderr } = await run(["up"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^your Pulumi backend has no stack dev of this project; make it .+ stack init dev\n$/);
  });

  test("a context, with the nearest one", async () => {
    const { status, stderr } = await run(["up", "--context", "my-cluser"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^--context is "my-cluser", but .+ has no such context; did you mean "my-cluster"\?\n$/);
  });

  test("agreement with the stack's own settings", async () => {
    writeFileSync(stackFile(), "config: { kubernetes:context: elsewhere }\n");
    const { status, stderr } = await run(["up"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^Pulumi\.dev\.yaml: kubernetes:context is "elsewhere", but --context says "my-cluster"; use/,
    );
  });
});

describe("with --context, on the user's cluster", () => {
  let theirs: string;

  beforeAll(async () => {
    writeFileSync(stackFile(), "config: {}\n");
    const made = await call(engine.pulumi, ["stack", "init", "dev", "--non-interactive"], { ...userEnv(), ...LOGIN() });
    expect(made.status, made.stderr).toBe(0);
    theirs = readFileSync(stackFile(), "utf8");
  });

  beforeEach(() => writeFileSync(stackFile(), theirs));

  test("up asks, and where nobody can be asked it needs --yes", async () => {
    const { status, stderr } = await run(["up"]);
    expect(status).toBe(1);
    expect(stderr).toBe("nobody is at a terminal to be asked: add --yes to apply without a question\n");
  });

  test("up brings everything, in that cluster and in the user's own backend, and changes nothing of theirs", async () => {
    // Custom resources need their definitions; a user's cluster has them, and we never install any there.
    const kinds = await cli.run("preview", "dev");
    expect(kinds.status, kinds.stderr).toBe(0);
    const before = readFileSync(kubeconfig(), "utf8");
    const up = await run(["up", "--yes"]);
    expect(up.status, up.stderr).toBe(0);
    expect(up.stderr).not.toMatch(/warn/i);
    expect(up.stdout).toContain("environment dev is up on my-cluster");
    const deployments = await cluster.list("apps/v1", "deployments", "shop-dev");
    expect(deployments.map(({ metadata }) => metadata.name)).toContain("order");
    expect(existsSync(join(user, "backend/.pulumi/stacks/shop/dev.json"))).toBe(true);
    expect(readFileSync(kubeconfig(), "utf8")).toBe(before);
    expect(readFileSync(stackFile(), "utf8")).toBe(theirs);
    expect(existsSync(join(user, "pulumi/plugins"))).toBe(false);
  });

  test("nothing is started", () => {
    for (const name of ["cluster", "backend", "passphrase"]) {
      expect(existsSync(join(project, ".fairlead", name)), name).toBe(false);
    }
  });

  test("a second up has nothing to change, and preview says the same", async () => {
    const up = await run(["up", "--yes"]);
    expect(up.stderr, up.stdout).toContain("nothing to change");
    const preview = await run(["preview"]);
    expect(preview.stdout, preview.stderr).toBe("dev: nothing to change\n");
  });

  test("down removes everything and leaves the user their stack", async () => {
    const down = await run(["down", "--yes"]);
    expect(down.status, down.stderr).toBe(0);
    const namespaces = await cluster.list("v1", "namespaces");
    expect(namespaces.map(({ metadata }) => metadata.name)).not.toContain("shop-dev");
    expect(existsSync(join(user, "backend/.pulumi/stacks/shop/dev.json"))).toBe(true);
  });
});
