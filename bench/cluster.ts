import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ClusterResult, clusterReport, type Step } from "./cluster-report.ts";
import { watch } from "./processes.ts";
import { startUp } from "./start-up.ts";

// What a user waits for on a real engine and a real API server: up, up again, preview and down, and who works meanwhile.

const ROOT = resolve(import.meta.dirname, "..");
/** Services, and whether the engine writes its state before and after each step, as it does by itself: "50-steps". */
const RUNS = process.argv.length > 2 ? process.argv.slice(2) : ["5", "50-steps", "50", "200"];

async function main(): Promise<void> {
  const results: ClusterResult[] = [];
  for (const run of RUNS) {
    const count = Number.parseInt(run, 10);
    const once = !run.endsWith("-steps");
    const root = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
    try {
      writeProject(root);
      process.env["BENCH_SERVICES"] = String(count);
      if (once) delete process.env["PULUMI_SKIP_CHECKPOINTS"];
      else process.env["PULUMI_SKIP_CHECKPOINTS"] = "false";
      await step(root, "cluster", "start");
      const steps = {
        up: await step(root, "up"),
        "up again": await step(root, "up"),
        preview: await step(root, "preview"),
        down: await step(root, "down"),
      };
      results.push({ count, once, steps });
      for (const [name, { seconds }] of Object.entries(steps)) {
        console.log(`${run} services, ${name}: ${seconds.toFixed(1)} s`);
      }
    } finally {
      await step(root, "cluster", "delete");
      rmSync(root, { recursive: true });
    }
  }
  const text = clusterReport(results, await startUp());
  writeFileSync(join(ROOT, "docs/benchmarks-cluster.md"), text);
  console.log(text);
}

/** @throws Error with what the command said when it failed. */
async function step(root: string, ...args: readonly string[]): Promise<Step> {
  const start = performance.now();
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(ROOT, "cli/main.ts"), ...args], {
    cwd: root,
    env: { ...process.env, FAIRLEAD_STATE: join(root, "state") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = watch(join(root, "state"));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const status = await new Promise<number | null>((fulfil, reject) => {
    child.on("error", reject).on("close", fulfil);
  });
  const shares = stop();
  if (status !== 0) throw new Error(`fairlead ${args.join(" ")} ended with ${status}:\n${said}`);
  return { seconds: (performance.now() - start) / 1000, shares };
}

/** A project of its own over the checkout's components. */
function writeProject(root: string): void {
  mkdirSync(join(root, "infra"));
  for (const part of ["components", "bench", "node_modules", "package.json"]) {
    symlinkSync(join(ROOT, part), join(root, part));
  }
  writeFileSync(
    join(root, "Pulumi.yaml"),
    "name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: infra/index.js\n",
  );
  writeFileSync(join(root, "infra/program.ts"), 'export { program } from "../bench/cluster-program.ts";\n');
  writeFileSync(
    join(root, "infra/index.js"),
    'import { runProgram } from "../components/pulumi/index.ts";\nimport { program } from "./program.ts";\nexport const outputs = runProgram(program);\n',
  );
}

await main();
