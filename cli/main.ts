#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { dirname, join } from "node:path";
import { Command, CommanderError } from "commander";
import type { AdoptOptions } from "./commands/adopt.ts";
import type { ClusterChoice } from "./commands/cluster.ts";
import type { DiffOptions } from "./commands/diff.ts";
import type { LoadOptions } from "./commands/load.ts";
import type { PromoteOptions } from "./commands/promote.ts";
import { Failure } from "./failure.ts";

const CONTEXT = [
  "--context <name>",
  "a cluster of your kubeconfig, with your own Pulumi login; nothing is started",
] as const;
const YES = ["-y, --yes", "with --context: do not ask"] as const;

interface Chosen {
  readonly context?: string;
  readonly yes?: boolean;
}

function commandLine(): Command {
  const fairlead = new Command("fairlead")
    .description("Brings environments of Go microservices up on Kubernetes, from one description of each service.")
    .version(version(), "-V, --version")
    .showSuggestionAfterError()
    .showHelpAfterError("(--help says what there is)")
    .addHelpText(
      "after",
      "\nWithout --context everything happens in an embedded cluster on this machine: a real control plane, played nodes.\nThe environment is dev unless it is named.",
    )
    .exitOverride();
  const forEnvironment = (name: string, description: string) =>
    fairlead.command(name).description(description).argument("[environment]", "dev, staging, prod, …", "dev");

  forEnvironment("up", "bring an environment up and say what runs and where")
    .option(...CONTEXT)
    .option(...YES)
    .action(async (name: string, chosen: Chosen) => (await import("./commands/up.ts")).up(name, chosen));
  forEnvironment("preview", "say what up would change")
    .option(...CONTEXT)
    .action(async (name: string, chosen: Chosen) => (await import("./commands/preview.ts")).preview(name, chosen));
  forEnvironment("down", "remove everything of an environment")
    .option(...CONTEXT)
    .option(...YES)
    .option("--all", "the embedded cluster with every environment in it")
    .action(async (name: string, chosen: Chosen & { readonly all?: boolean }) =>
      (await import("./commands/down.ts")).down(name, chosen),
    );
  forEnvironment("render", "write an environment's objects as YAML, the same that up applies")
    .option("--check", "write nothing; fail when the files are not what the description says")
    .option("--out <folder>", "where to write", "deploy")
    .action(async (name: string, options: { readonly check?: boolean; readonly out: string }) =>
      (await import("./commands/render.ts")).render(name, options),
    );
  fairlead
    .command("promote")
    .description(
      "let an environment run exactly what the one before it runs, as one commit of digests and rendered files",
    )
    .argument("<from>", "dev, staging, …; built for what a build just made")
    .argument("<to>", "the environment after it")
    .argument("[services...]", "these services; all that <from> has versions of otherwise")
    .option("--digest <service=digest>", "what runs in <from>, where its settings do not say so", collected, [])
    .option("--as <version>", "with built: what the digests are called, such as the commit")
    .option("--out <folder>", "where rendered files are", "deploy")
    .action(async (from: string, to: string, services: readonly string[], options: PromoteOptions) =>
      (await import("./commands/promote.ts")).promote(from, to, services, options),
    );
  forEnvironment("slo", "say what each objective comes to: rungs, time to page, budget spent, cost")
    .argument("[service]", "one service alone")
    .option("--html <file>", "write it as a page with the picture of the burn rates")
    .action(async (name: string, service: string | undefined, options: { readonly html?: string }) =>
      (await import("./commands/slo.ts")).slo(name, service, options),
    );
  fairlead
    .command("load")
    .description("write a load test for k6: a service's requests, held to its objectives")
    .argument("<environment>", "dev, staging, prod, …")
    .argument("<service>", "one that promises something")
    .option("--out <file>", "where to write (default: to the terminal)")
    .action(async (name: string, service: string, options: LoadOptions) =>
      (await import("./commands/load.ts")).load(name, service, options),
    );
  forEnvironment("graph", "write a page that shows it: services, calls, hosts outside, every object")
    .option("--out <file>", "where to write (default: .fairlead/graph/<environment>.html)")
    .action(async (name: string, options: { readonly out?: string }) =>
      (await import("./commands/graph.ts")).graph(name, options),
    );
  fairlead
    .command("diff")
    .description("say what a change does: objects, pods that roll and why, stop signs, cost; status 2 at stop signs")
    .argument("<base>", "a commit, a folder of a checkout, or a rendered folder")
    .argument("[head]", "the same (default: the working tree)")
    .option("--environment <name>", "one alone (default: all of them)")
    .option("--markdown", "as a comment for the pull request")
    .option("--json", "everything, for programs")
    .action(async (base: string, head: string | undefined, options: DiffOptions) =>
      (await import("./commands/diff.ts")).diff(base, head, options),
    );
  fairlead
    .command("workflows")
    .description("write .github/workflows: checks, review of pull requests, drift, images")
    .option("--check", "write nothing; fail when the files are not what the description says")
    .action(async (options: { readonly check?: boolean }) =>
      (await import("./commands/workflows.ts")).workflowsCommand(options),
    );
  fairlead
    .command("adopt")
    .description("write the catalogue entries and the import list for what runs already as plain YAML or Helm's output")
    .argument("<files...>", "YAML files or folders; - for a pipe, such as helm template's")
    .option("--environment <name>", "dev, staging, prod, …", "dev")
    .option("--name <name>", "the component's name, where it is not to be the Deployment's")
    .option("--owner <team>", "the team that is called when it breaks")
    .option("--namespace <name>", "where objects stand that name no namespace; the environment's otherwise")
    .option("--out <folder>", "where to write", "adopted")
    .action(async (files: readonly string[], options: AdoptOptions) =>
      (await import("./commands/adopt.ts")).adopt(files, options),
    );
  fairlead
    .command("import")
    .description("take objects that run already into an environment, as adopt listed them; changes nothing that runs")
    .argument("<environment>", "dev, staging, prod, …")
    .argument("<list>", "the file that adopt wrote")
    .option(...CONTEXT)
    .action(async (name: string, file: string, chosen: Chosen) =>
      (await import("./commands/import.ts")).importObjects(name, file, chosen),
    );
  fairlead
    .command("doctor")
    .description("say what this machine has and what will be fetched or built")
    .action(async () => (await import("./commands/doctor.ts")).doctorCommand());
  const cluster = fairlead.command("cluster").description("the embedded cluster alone");
  for (const [verb, description] of [
    ["start", "start it, or leave it running"],
    ["stop", "stop it and keep its objects"],
    ["delete", "stop it and leave nothing of it"],
    ["status", "say whether it runs; status 3 when it does not"],
  ] as const) {
    const command = cluster.command(verb).description(description);
    if (verb === "start") {
      command.option("--node <kind>", "who runs the pods: played (by kwok) or real (this machine, Linux as root)");
    }
    command.action(async (options: ClusterChoice) =>
      (await import("./commands/cluster.ts")).clusterCommand(verb, options),
    );
  }
  const scaffold = fairlead.command("new").description("begin something, with tests that pass at once");
  scaffold
    .command("service")
    .description("an entry in infra/services.ts")
    .argument("<name>", "such as order-history")
    .option("--owner <team>", "the team that is called when it breaks (default: the project's name)")
    .action(async (name: string, options: { readonly owner?: string }) =>
      (await import("./commands/new.ts")).newService(name, options),
    );
  scaffold
    .command("component")
    .description("a component of the library, in a checkout of Fairlead")
    .argument("<area/name>", "such as policy/rate-limit")
    .action(async (path: string) => (await import("./commands/new.ts")).newComponent(path));
  return fairlead;
}

/** An option that may be given many times. */
function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** The package's own version; this file is in cli/ of the checkout, or in dist/cli/ of the package. */
function version(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) return String(Reflect.get(Object(JSON.parse(readFileSync(file, "utf8"))), "version"));
  }
  return "unknown";
}

/** Errors that are meant for the user, by name: a project may throw those of a copy of the package of its own. */
const EXPECTED = ["FaultError", "Failure", "ToolchainError"];

function explain(error: unknown): void {
  process.exitCode = 1;
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof Error && EXPECTED.includes(error.name)) {
    if (error.message !== "") console.error(error.message);
    if (error instanceof Failure) process.exitCode = error.status;
  } else {
    console.error(error instanceof Error ? error.stack : error);
    console.error(
      `\nThat was not foreseen. If the first lines name no file of your own, it is a fault of Fairlead ${version()}: please report it with the lines above (Node.js ${process.version}, ${process.platform} ${process.arch}).`,
    );
    process.exitCode = 70;
  }
}

async function main(): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    throw new Failure(`Fairlead needs Node.js 22.18 or newer, this is ${process.version}: https://nodejs.org`);
  }
  // Most of a short command is reading its own code.
  enableCompileCache();
  await commandLine().parseAsync();
}

await main().catch(explain);
