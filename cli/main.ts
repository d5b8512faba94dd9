#!/usr/bin/env node
import { Command, CommanderError, Option } from "commander";
import { FaultError } from "../components/core/fault.ts";
import { Failure } from "./failure.ts";

const context = new Option(
  "--context <name>",
  "a cluster of your kubeconfig, with your Pulumi login; nothing is started",
);

function commandLine(): Command {
  const fairlead = new Command("fairlead")
    .description("Brings environments of Go microservices up, on Kubernetes, from one description of each service.")
    .showSuggestionAfterError()
    .showHelpAfterError("(--help says what there is)")
    .exitOverride();
  const forEnvironment = (name: string, description: string) =>
    fairlead.command(name).description(description).argument("[environment]", "dev, staging, prod, …", "dev");

  forEnvironment("up", "bring an environment up and say what runs and where")
    .addOption(context)
    .option("-y, --yes", "with --context: do not ask")
    .action(async (environment: string, options: { context?: string; yes?: boolean }) =>
      (await import("./commands/up.ts")).up(environment, options),
    );
  forEnvironment("preview", "say what `up` would change")
    .addOption(context)
    .action(async (environment: string, options: { context?: string }) =>
      (await import("./commands/preview.ts")).preview(environment, options),
    );
  forEnvironment("down", "remove everything of an environment")
    .addOption(context)
    .option("-y, --yes", "with --context: do not ask")
    .action(async (environment: string, options: { context?: string; yes?: boolean }) =>
      (await import("./commands/down.ts")).down(environment, options),
    );
  forEnvironment("render", "write an environment's objects as YAML")
    .option("--check", "write nothing, fail when the files are stale")
    .option("--out <folder>", "where to write", "deploy")
    .action(async (environment: string, options: { check?: boolean; out: string }) =>
      (await import("./commands/render.ts")).render(environment, options),
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
    ["status", "say whether it runs"],
  ] as const) {
    cluster
      .command(verb)
      .description(description)
      .action(async () => (await import("./commands/cluster.ts")).clusterCommand(verb));
  }
  return fairlead;
}

/** Errors that are meant for the user: their message is all there is to say. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof FaultError ||
    error instanceof Failure ||
    (error instanceof Error && error.name === "ToolchainError")
  );
}

async function main(): Promise<void> {
  try {
    await commandLine().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else if (isExpected(error)) {
      if (error.message !== "") console.error(error.message);
      process.exitCode = error instanceof Failure ? error.status : 1;
    } else {
      console.error(error instanceof Error ? error.stack : error);
      console.error("\nThis is a fault of Fairlead itself: please report it with the lines above.");
      process.exitCode = 70;
    }
  }
}

await main();
