import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The command line as a user runs it, with a state folder of its own. */
export interface Cli {
  readonly state: string;
  readonly kubeconfig: string;
  readonly run: (
    ...args: string[]
  ) => Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>;
  /** Ends the cluster and leaves nothing. */
  readonly close: () => Promise<void>;
}

export const ROOT = resolve(import.meta.dirname, "../..");

/** @param folder The project that it is run in. */
export function openCli(folder: string = ROOT): Cli {
  const state = mkdtempSync(join(tmpdir(), "fairlead-"));
  const run: Cli["run"] = (...args) =>
    new Promise((fulfil, reject) => {
      const child = spawn(process.execPath, [join(ROOT, "cli/bootstrap.js"), ...args], {
        cwd: folder,
        env: { ...process.env, FAIRLEAD_STATE: state },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk) => {
        stdout += chunk;
      });
      child.stderr.on("data", (chunk) => {
        stderr += chunk;
      });
      child.on("error", reject).on("close", (code) => fulfil({ status: code ?? 1, stdout, stderr }));
    });
  return {
    state,
    kubeconfig: join(state, "cluster/kubeconfig"),
    run,
    close: async () => {
      await run("cluster", "delete");
      rmSync(state, { recursive: true, force: true });
    },
  };
}
