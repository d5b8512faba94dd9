import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A program that runs until it is stopped. */
export interface Running {
  readonly said: () => string;
  readonly stop: () => Promise<void>;
}

export function start(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child: ChildProcess = spawn(file, [...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text) => {
      said = `${said}${text}`.slice(-100_000);
    });
  }
  const exit = once(child, "exit");
  exit.catch(() => undefined);
  return {
    said: () => said,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await exit;
    },
  };
}
