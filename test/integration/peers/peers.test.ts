import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { partOf } from "../../../components/core/delivery.ts";
import { placed } from "../../../components/index.ts";
import { toYaml } from "../../../components/yaml/index.ts";
import { program } from "../../../infra/program.ts";
import { ensureParts, installCrds, type PartName } from "../../../toolchain/index.ts";
import { type Cli, openCli } from "../cli.ts";
import { writeSchemas } from "./schemas.ts";

/** What kube-score dislikes and we stand by. Each must still be needed, or it goes. */
const WAIVERS: Readonly<Record<string, string>> = {
  "container-resources": "no CPU limit: it throttles a service that has idle cores beside it; memory is limited",
  "container-image-pull-policy":
    "tags and digests always mean the same image here, and latest is refused, so a node that has it need not ask",
  "container-security-context-user-group-id":
    "user 1001 is what the images are built with; user namespaces, not a number, keep it apart from the node's users",
  "deployment-has-host-podantiaffinity":
    "topology spread constraints do the same, over zones too, and let a drain go on",
  "statefulset-has-host-podantiaffinity": "the same, of pods with disks",
  "networkpolicy-targets-pod":
    "a namespace that denies by default before it has pods, and pods that cert-manager starts for a challenge",
};

let cli: Cli;
let tools: ReadonlyMap<PartName, { readonly file: string }>;
let work: string;
let schemas: string;

beforeAll(async () => {
  cli = openCli();
  work = mkdtempSync(join(tmpdir(), "fairlead-peers-"));
  tools = await ensureParts(["kubeconform", "kube-score"]);
  const started = await cli.run("cluster", "start");
  expect(started.status, started.stderr).toBe(0);
  const objects = program.environments.flatMap((name) =>
    [...placed(program.build(name, {}))].map(({ object }) => object),
  );
  await installCrds(cli.kubeconfig, objects);
  schemas = await writeSchemas(cli.kubeconfig, objects, join(work, "schemas"));
  for (const name of program.environments) {
    expect((await cli.run("render", name, "--out", work)).status).toBe(0);
    // By GitOps render leaves out what the engine applies.
    const environment = program.build(name, {});
    if (environment.delivery !== "gitops") continue;
    const applied = [...placed(partOf(environment, "engine"))].map(({ object }) => object);
    writeFileSync(join(work, name, "engine.yaml"), toYaml(applied));
  }
});

afterAll(async () => {
  await cli.close();
  rmSync(work, { recursive: true });
});

function rendered(name: string): readonly string[] {
  return readdirSync(join(work, name), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => join(work, name, file));
}

function tool(name: PartName): string {
  return tools.get(name)?.file ?? "";
}

interface Verdict {
  readonly check: { readonly id: string };
  readonly grade: number;
  readonly skipped: boolean;
}

/** kube-score knows no Rollout; its pods and whoever points at them are scored as a Deployment's. */
function asDeployments(files: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(work, "scored-"));
  return files.map((file, index) => {
    const text = readFileSync(file, "utf8");
    const copy = join(folder, `${index}.yaml`);
    writeFileSync(
      copy,
      text.replace(
        /apiVersion: argoproj\.io\/v1alpha1(\n *)kind: Rollout\n/g,
        "apiVersion: apps/v1$1kind: Deployment\n",
      ),
    );
    return copy;
  });
}

/** Ids of the checks that did not get the best grade. */
function objections(files: readonly string[]): readonly string[] {
  const run = spawnSync(
    tool("kube-score"),
    ["score", "--kubernetes-version", "v1.36", "--output-format", "json", ...asDeployments(files)],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    },
  );
  const scored = JSON.parse(run.stdout) as readonly { readonly checks: readonly Verdict[] | null }[];
  return [
    ...new Set(
      scored.flatMap(({ checks }) =>
        (checks ?? []).flatMap((one) => (one.skipped || one.grade >= 10 ? [] : [one.check.id])),
      ),
    ),
  ].sort();
}

const conformArgs = () => ["-strict", "-summary", "-schema-location", schemas];

describe.each(["staging", "prod"])("%s", (name) => {
  test("kubeconform finds every field in the API server's own schemas", () => {
    const summary = execFileSync(tool("kubeconform"), [...conformArgs(), ...rendered(name)], { encoding: "utf8" });
    const count = [...placed(program.build(name, {}))].length;
    expect(summary).toMatch(new RegExp(`${count} resources.*Valid: ${count}, Invalid: 0, Errors: 0, Skipped: 0`));
  });

  test("kube-score objects to nothing but what is waived with a reason", () => {
    expect(objections(rendered(name))).toEqual(Object.keys(WAIVERS).sort());
  });
});

test("kubeconform refuses a misspelt field and a custom resource's too", () => {
  for (const [from, to] of [
    ["revisionHistoryLimit:", "revisionHistoryLimt:"],
    ["refreshInterval:", "refreshIntervall:"],
  ] as const) {
    const text = readFileSync(join(work, "staging", "order.yaml"), "utf8");
    expect(text).toContain(from);
    const broken = join(work, "broken.yaml");
    writeFileSync(broken, text.replace(from, to));
    const run = spawnSync(tool("kubeconform"), [...conformArgs(), broken], { encoding: "utf8" });
    expect(run.status).not.toBe(0);
    expect(run.stdout).toContain(to.slice(0, -1));
  }
});

test("kube-score objects to a pod that is not restricted and has no budget", () => {
  const text = readFileSync(join(work, "staging", "order.yaml"), "utf8");
  const broken = join(work, "broken.yaml");
  writeFileSync(
    broken,
    text
      .split("---\n")
      .filter((document) => !document.includes("kind: PodDisruptionBudget"))
      .join("---\n")
      .replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")
      .replace(/image: registry.example.com\/shop\/order:1.0.0/, "image: registry.example.com/shop/order:latest"),
  );
  expect(objections([broken])).toEqual(
    expect.arrayContaining([
      "container-image-tag",
      "container-security-context-readonlyrootfilesystem",
      "deployment-has-poddisruptionbudget",
    ]),
  );
});
