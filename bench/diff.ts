import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { exponent, median } from "./statistics.ts";
import { measured, type Usage } from "./usage.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** Services of an environment. */
const SIZES = [10, 100, 1000];
const ROUNDS = 3;

/** What a change may be, as the part of the program that makes it. */
const CHANGES = {
  "one service's replicas": `members["service-0"].objects.autoscaler.spec.maxReplicas = 20;`,
  "every pod's grace period": `for (const member of Object.values(members)) {
    if ("deployment" in member.objects) member.objects.deployment.spec.template.spec.terminationGracePeriodSeconds = 90;
  }`,
} as const;

const folder = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
try {
  const results: (readonly [count: number, change: string, usage: readonly Usage[]])[] = [];
  for (const count of SIZES) {
    for (const [change, code] of Object.entries(CHANGES)) {
      const repository = repositoryOf(count, code);
      const command = [process.execPath, join(ROOT, "cli/main.ts"), "diff", "HEAD~1", "HEAD"] as const;
      const runs: Usage[] = [];
      for (let round = 0; round < ROUNDS; round++) runs.push(await measured(command, "ignore", { cwd: repository }));
      results.push([count, change, runs]);
      console.log(`${count} services, ${change}: ${runs.map(({ wall }) => wall.toFixed(2)).join(", ")} s`);
    }
  }
  writeFileSync(join(ROOT, "docs/benchmarks-diff.md"), page(results));
} finally {
  rmSync(folder, { recursive: true });
}

/** A repository with two commits: an environment of so many services, and a change of it. */
function repositoryOf(count: number, change: string): string {
  const root = mkdtempSync(join(folder, "repository-"));
  mkdirSync(join(root, "infra"));
  writeFileSync(join(root, "Pulumi.yaml"), "name: bench\nruntime: nodejs\n");
  writeFileSync(join(root, "package.json"), '{ "type": "module" }\n');
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.com", ...args], { cwd: root });
  git("init", "--quiet");
  for (const [message, code] of [
    ["base", ""],
    ["head", change],
  ] as const) {
    writeFileSync(join(root, "infra/program.ts"), program(count, code));
    git("add", "--all");
    git("commit", "--quiet", "--message", message);
  }
  return root;
}

function program(count: number, change: string): string {
  return `import { environmentOf } from ${JSON.stringify(join(ROOT, "bench/services.ts"))};

function build() {
  const environment = environmentOf(${count});
  const { members } = environment;
  ${change}
  return environment;
}

export const program = { project: "bench", environments: ["bench"], build };
`;
}

function page(results: readonly (readonly [number, string, readonly Usage[]])[]): string {
  const rows = results.map(([count, change, runs]) => {
    const of = (key: keyof Usage) => runs.map((run) => run[key]);
    const cells = [
      count.toLocaleString("en"),
      change,
      `${median(of("wall")).toFixed(2)} s`,
      `${Math.min(...of("wall")).toFixed(2)} s`,
      `${median(of("cpu")).toFixed(2)} s`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const growth = Object.keys(CHANGES).map((change) => {
    const points = results
      .filter(([count, name]) => name === change && count >= 100)
      .map(([count, , runs]) => [count, median(runs.map(({ cpu }) => cpu))] as const);
    return `${change} ${exponent(points).toFixed(2)}`;
  });
  return `# What \`fairlead diff\` takes

\`npm run bench:diff\` writes this page. Each run is the whole command between two commits, \`fairlead diff HEAD~1 HEAD\`: both
laid out by \`git worktree\`, both programs run, each in a Node.js of its own, 15 objects a service compared, the report
printed.

| services | change | wall, median | wall, least | CPU of all processes, median |
|---:|---|---:|---:|---:|
${rows.join("\n")}

Most of the small ones is the start of three Node.js. Growth of the CPU from 100 services on, as the exponent of a power
(1 is linear): ${growth.join(", ")}. ${ROUNDS} rounds each. Machine:
2 cores, shared with other work, before which the scheduler put this (chrt), Node ${process.versions.node}.
`;
}
