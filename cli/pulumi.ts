import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../toolchain/index.ts";
import { Failure } from "./failure.ts";

/** Where the engine is called and with what around it. */
export interface PulumiOptions {
  readonly folder: string;
  readonly stack: string;
  /** Folder for the full text of every run. */
  readonly logs: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ways to call the engine. */
export interface Pulumi {
  readonly stack: string;
  /** Runs it, gives back what it said, whatever the status. */
  readonly ask: (args: readonly string[]) => Promise<Outcome>;
  /** Runs it and says nothing. @throws Failure with what it said. */
  readonly quiet: (args: readonly string[]) => Promise<string>;
  /** Runs it, hands over each line as it comes, and keeps them in a log. */
  readonly follow: (
    args: readonly string[],
    onLine: (line: string) => void,
  ) => Promise<Outcome & { readonly log: string }>;
  /** Runs it on the user's terminal. */
  readonly interactive: (args: readonly string[]) => Promise<number>;
}

export type PulumiRun = Pulumi;

export function pulumi(engine: Engine, options: PulumiOptions): Pulumi {
  const env = { ...process.env, ...options.env };
  const follow = (
    args: readonly string[],
    onLine: (line: string) => void,
  ): Promise<Outcome & { readonly log: string }> => {
    mkdirSync(options.logs, { recursive: true });
    const log = join(options.logs, `${options.stack}-${args[0]}.log`);
    const kept = createWriteStream(log);
    return new Promise((fulfil, reject) => {
      const child = spawn(engine.pulumi, [...args], { cwd: options.folder, env, stdio: ["ignore", "pipe", "pipe"] });
      const release = passSignals(child);
      const text = { stdout: "", stderr: "" };
      let rest = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        text.stdout += chunk;
        kept.write(chunk);
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onLine(line);
      });
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        text.stderr += chunk;
        kept.write(chunk);
      });
      child.on("error", reject);
      child.on("close", (code) => {
        release();
        if (rest !== "") onLine(rest);
        kept.end(() => fulfil({ status: code ?? 1, ...text, log }));
      });
    });
  };
  const ask = (args: readonly string[]) => follow(args, () => undefined);
  return {
    stack: options.stack,
    ask,
    follow,
    quiet: async (args) => {
      const outcome = await ask(args);
      if (outcome.status !== 0)
        throw new Failure(`pulumi ${args.join(" ")} failed:\n${outcome.stderr.trim() || outcome.stdout.trim()}`);
      return outcome.stdout;
    },
    interactive: (args) =>
      new Promise((fulfil, reject) => {
        const child = spawn(engine.pulumi, [...args], { cwd: options.folder, env, stdio: "inherit" });
        const release = passSignals(child);
        child.on("error", reject).on("close", (code) => {
          release();
          fulfil(code ?? 1);
        });
      }),
  };
}

/** The engine ends its own work in peace when it is interrupted: the signal is passed on and we wait for it. */
function passSignals(child: { readonly kill: (signal: NodeJS.Signals) => boolean }): () => void {
  const pass = {
    SIGINT: () => undefined,
    SIGTERM: () => void child.kill("SIGINT"),
    SIGHUP: () => void child.kill("SIGINT"),
  };
  for (const [signal, handler] of Object.entries(pass)) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of Object.entries(pass)) process.off(signal, handler);
  };
}
