import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { oneFault } from "../project.ts";

/** The commit that a word names, by its full hash; undefined where it names none. */
export function commitOf(word: string): string | undefined {
  const { status, stdout } = git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${word}^{commit}`]);
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * Lays a commit out in a folder beside the checkout, with the checkout's packages, and takes it away again.
 * @param root The project's folder in this checkout; the work is given the same one of that commit.
 */
export async function withWorktree<T>(commit: string, root: string, work: (folder: string) => Promise<T>): Promise<T> {
  const top = git(["rev-parse", "--show-toplevel"], root).stdout.trim();
  const folder = mkdtempSync(join(tmpdir(), "fairlead-diff-"));
  const tree = join(folder, "tree");
  const remove = () => {
    git(["worktree", "remove", "--force", tree], root);
    rmSync(folder, { recursive: true, force: true });
    git(["worktree", "prune"], root);
  };
  const stop = (signal: NodeJS.Signals) => {
    remove();
    process.kill(process.pid, signal);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const made = git(["worktree", "add", "--quiet", "--detach", tree, commit], root);
    if (made.status !== 0) {
      const problem = `cannot be laid out: ${made.stderr.trim()}`;
      throw oneFault(commit.slice(0, 10), "", undefined, problem, "mend that, or name a folder");
    }
    const within = join(tree, relative(top, root));
    for (const [from, to] of [
      [top, tree],
      [root, within],
    ] as const) {
      const [modules, place] = [join(from, "node_modules"), join(to, "node_modules")];
      if (existsSync(modules) && existsSync(to) && !existsSync(place)) symlinkSync(modules, place, "junction");
    }
    return await work(within);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    remove();
  }
}

function git(args: readonly string[], cwd: string = process.cwd()) {
  // A hook that calls us has set these for its own repository.
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync("git", [...args], { cwd, env, encoding: "utf8" });
  return { status: error === undefined ? status : 1, stdout: stdout ?? "", stderr: error?.message ?? stderr };
}
