import { spawn } from "node:child_process";
import { Failure } from "./failure.ts";

/** Runs git in a folder and gives back what it said. @throws Failure with its own words when it fails. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(folder, args);
  if (status === 0) return stdout;
  throw new Failure(`git ${args[0]} failed:\n${(stderr || stdout).trim()}`);
}

/** @throws Failure where the folder is in no repository, and with the list of what is not committed. */
export async function requireClean(folder: string): Promise<void> {
  const { status, stdout } = await run(folder, ["status", "--porcelain", "--untracked-files=all"]);
  if (status !== 0) throw new Failure(`${folder} is in no Git repository, so there is nothing to commit to`);
  const changed = stdout.split("\n").filter((line) => line !== "");
  if (changed.length === 0) return;
  const more = changed.length > SHOWN ? [`  and ${changed.length - SHOWN} more`] : [];
  const lines = changed.slice(0, SHOWN).map((line) => `  ${line}`);
  throw new Failure(
    [
      "the working tree is not clean, and a promotion is one commit of its own:",
      ...lines,
      ...more,
      "commit or stash that first",
    ].join("\n"),
  );
}

const SHOWN = 10;

function run(cwd: string, args: readonly string[]) {
  return new Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>(
    (fulfil, reject) => {
      const child = spawn("git", [...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
      const said = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said.stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said.stderr += text;
      });
      child.on("error", (error: NodeJS.ErrnoException) => {
        reject(error.code === "ENOENT" ? new Failure("git is not installed, or not on PATH") : error);
      });
      child.on("close", (status) => fulfil({ status: status ?? 1, ...said }));
    },
  );
}
