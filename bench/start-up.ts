import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureEngine } from "../toolchain/index.ts";
import { median } from "./statistics.ts";
import { measured, type Usage } from "./usage.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** How often each is run, in turns. */
const ROUNDS = 5;

/** The same program in TypeScript, which Pulumi's ts-node can read as well: objects of a plain provider that writes files. */
const PROGRAM = `import * as k8s from "@pulumi/kubernetes";

const provider = new k8s.Provider("files", { renderYamlToDirectory: "out" });
for (let index: number = 0; index < 10; index++) {
  new k8s.core.v1.ConfigMap("map-" + index, { data: { index: String(index) } }, { provider });
}
`;

/** How Pulumi is told to run it. */
const WAYS = {
  "ts-node, Pulumi's default": "name: start\nruntime: nodejs\nmain: index.ts\n",
  "types stripped by Node, as here":
    "name: start\nruntime: { name: nodejs, options: { typescript: false } }\nmain: start.js\n",
};

/** Whole runs of `pulumi preview` by way. */
export async function startUp(): Promise<ReadonlyMap<string, Usage>> {
  const engine = await ensureEngine();
  const folder = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
  try {
    const projects = Object.entries(WAYS).map(([way, project], index) => {
      const root = join(folder, String(index));
      mkdirSync(join(root, "backend"), { recursive: true });
      symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
      writeFileSync(join(root, "Pulumi.yaml"), project);
      writeFileSync(join(root, "index.ts"), PROGRAM);
      writeFileSync(join(root, "start.js"), 'import("./index.ts");\n');
      writeFileSync(join(root, "package.json"), '{ "name": "start", "private": true }\n');
      const env = {
        ...process.env,
        ...engine.env,
        PULUMI_BACKEND_URL: `file://${join(root, "backend")}`,
        PULUMI_CONFIG_PASSPHRASE: "bench",
        NODE_OPTIONS: "--disable-warning=ExperimentalWarning --disable-warning=MODULE_TYPELESS_PACKAGE_JSON",
      };
      const made = spawnSync(engine.pulumi, ["stack", "init", "dev"], { cwd: root, env, encoding: "utf8" });
      if (made.status !== 0) throw new Error(made.stderr);
      return { way, root, env };
    });
    const runs = new Map<string, Usage[]>(projects.map(({ way }) => [way, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const { way, root, env } of projects) {
        const command = [engine.pulumi, "preview", "--stack", "dev", "--non-interactive"] as const;
        runs.get(way)?.push(await measured(command, "ignore", { cwd: root, env }));
      }
    }
    return new Map([...runs].map(([way, all]) => [way, middle(all)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function middle(runs: readonly Usage[]): Usage {
  const of = (key: keyof Usage) => median(runs.map((run) => run[key]));
  return { wall: of("wall"), cpu: of("cpu"), memory: of("memory") };
}
