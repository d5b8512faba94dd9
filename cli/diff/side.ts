import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, extname, join, relative, resolve, sep } from "node:path";
import { didYouMean } from "../../components/core/fault.ts";
import { findProject, oneFault } from "../project.ts";
import { commitOf, withWorktree } from "./git.ts";
import { readWritten, type Snapshot } from "./snapshot.ts";

/** One side of a comparison. */
export interface Side {
  /** As the user named it, with the commit where it is one. */
  readonly label: string;
  readonly snapshots: readonly Snapshot[];
}

/** What an argument may mean. */
type Source =
  | { readonly kind: "commit"; readonly label: string; readonly commit: string }
  | { readonly kind: "checkout" | "rendered"; readonly label: string; readonly folder: string };

/** Both sides at once, each program in a process of its own. */
export async function sides(
  base: string,
  head: string | undefined,
  only: string | undefined,
): Promise<readonly [base: Side, head: Side]> {
  const sources = [sourceOf(base), head === undefined ? workingTree() : sourceOf(head)] as const;
  const read = await Promise.allSettled(sources.map((source) => snapshotsOf(source, only)));
  const [before, after] = sources.map(({ label }, index) => {
    const outcome = read[index];
    if (outcome?.status !== "fulfilled") throw outcome?.reason;
    return { label, snapshots: outcome.value };
  }) as [Side, Side];
  if (only !== undefined && before.snapshots.length + after.snapshots.length === 0) {
    const problem = "but neither side has an environment of that name";
    throw oneFault("environment", "", only, problem, "write one that infra/environments.ts declares");
  }
  return [before, after];
}

function workingTree(): Source {
  return { kind: "checkout", label: "working tree", folder: findProject().root };
}

/** A folder where one is meant, else a commit. A word that could be both is refused rather than guessed. */
function sourceOf(word: string): Source {
  const folder = resolve(word);
  const isFolder = existsSync(folder) && statSync(folder).isDirectory();
  const written = word === "." || word === ".." || /^\.{0,2}[/\\]/.test(word) || resolve(word) === word;
  const commit = written ? undefined : commitOf(word);
  if (commit !== undefined && isFolder) {
    const problem = "but that is a folder and a commit as well";
    throw oneFault("diff", "", word, problem, `write ./${word} for the folder, or refs/heads/${word}`);
  }
  if (commit !== undefined) {
    const short = commit.slice(0, 10);
    return { kind: "commit", label: commit.startsWith(word) ? short : `${word} (${short})`, commit };
  }
  if (!isFolder) {
    const problem = "but it is neither a commit of this repository nor a folder";
    const remedy = "fetch it (in GitHub Actions: actions/checkout with fetch-depth: 0), or name a folder";
    throw oneFault("diff", "", word, problem, remedy);
  }
  return { kind: existsSync(join(folder, "Pulumi.yaml")) ? "checkout" : "rendered", label: word, folder };
}

async function snapshotsOf(source: Source, only: string | undefined): Promise<readonly Snapshot[]> {
  switch (source.kind) {
    case "rendered":
      // Reading YAML takes a library that the other kinds need not wait for.
      return (await import("./rendered.ts")).renderedSnapshots(source.folder, only);
    case "checkout":
      return run(source.label, source.folder, only);
    case "commit":
      return withWorktree(source.commit, findProject().root, (folder) => run(source.label, folder, only));
  }
}

/** Runs the program of a checkout in a Node.js of its own. */
async function run(label: string, folder: string, only: string | undefined): Promise<readonly Snapshot[]> {
  const scratch = mkdtempSync(join(tmpdir(), "fairlead-diff-"));
  try {
    const out = join(scratch, "out");
    const program = join(import.meta.dirname, `dump${extname(import.meta.filename)}`);
    const args = [program, folder, out, ...(only === undefined ? [] : [only])];
    const { status, said } = await ended(process.execPath, args);
    const text = existsSync(out) ? readFileSync(out, "utf8") : "";
    if (status === 0) return readWritten(text);
    throw oneFault(
      label,
      "",
      undefined,
      `does not build: ${shortened(text === "" ? said : text, folder)}`,
      "mend it there; where packages are missing, install those of that commit and name its folder",
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Paths as the user knows them: from the project, and not from the folder that it was laid out in. */
function shortened(said: string, folder: string): string {
  return said
    .trim()
    .replaceAll(`${folder}${sep}`, "")
    .replaceAll(folder, relative(process.cwd(), folder) || basename(folder));
}

function ended(program: string, args: readonly string[]): Promise<{ readonly status: number; readonly said: string }> {
  return new Promise((fulfil, reject) => {
    // What a program prints is not the comparison's.
    const child = spawn(program, [...args], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("error", reject).on("close", (status) => fulfil({ status: status ?? 1, said }));
  });
}

/** The environment of one side that answers to each of the other, in their order; both have the same name. */
export function pairs(
  base: Side,
  head: Side,
): readonly (readonly [string, Snapshot | undefined, Snapshot | undefined])[] {
  const [olds, news] = [base, head].map(
    ({ snapshots }) => new Map(snapshots.map((one) => [one.environment, one] as const)),
  ) as [Map<string, Snapshot>, Map<string, Snapshot>];
  return [...new Set([...news.keys(), ...olds.keys()])].map((name) => [name, olds.get(name), news.get(name)]);
}

/** @throws FaultError where a folder of one environment is compared with none of that name. */
export function checkComparable(base: Side, head: Side): void {
  const [old, ...olds] = base.snapshots;
  if (old === undefined || olds.length > 0) return;
  const names = head.snapshots.map(({ environment }) => environment);
  if (names.length === 0 || names.includes(old.environment)) return;
  const problem = `but ${head.label} has ${names.join(", ")}`;
  throw oneFault(base.label, "environment", old.environment, problem, didYouMean(old.environment, names));
}
