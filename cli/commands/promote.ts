import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import { git, requireClean } from "../git.ts";
import { invocation } from "../invocation.ts";
import { buildEnvironment, buildWith, environmentSettings, openProject, type Project } from "../project.ts";
import { BUILT, built, checkOrder, digestOptions, type Promoted, promoted, withDigests } from "../promotion.ts";
import { rendered, writeRendered } from "../rendered.ts";

export interface PromoteOptions {
  /** service=digest, for services whose digest the settings do not say. */
  readonly digest: readonly string[];
  /** What digests of a build are called, such as the commit. */
  readonly as?: string;
  /** Folder of rendered files, as for render. */
  readonly out: string;
}

/** Lets an environment run exactly what the one before it runs, as one commit: settings and rendered files. */
export async function promote(
  from: string,
  to: string,
  services: readonly string[],
  { digest, as: version, out }: PromoteOptions,
): Promise<void> {
  const promotion = { from, to, services, digests: digestOptions(digest) };
  const project = await openProject();
  checkOrder(project.program.environments, promotion);
  const fromBuild = from === BUILT && !project.program.environments.includes(BUILT);
  const all = fromBuild
    ? built(buildEnvironment(project, to), environmentSettings(project, to), promotion.digests, version)
    : promoted(buildEnvironment(project, from), environmentSettings(project, from), promotion);
  if (all.length === 0) return console.log(`${to} runs that already: ${[...promotion.digests.keys()].join(" and ")}`);
  await requireClean(project.root);

  const file = `Pulumi.${to}.yaml`;
  const path = join(project.root, file);
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  const after = withDigests({ name: file, text: before }, project.program.project, all);
  const paths = [file, ...refuseStale(project, to, out)];
  // Whatever the new settings make impossible is said before a file is touched.
  const next = buildWith(project, to, after);
  if (after === before) return console.log(`${to} runs that already: ${names(all)}`);

  writeFileSync(`${path}.new`, after);
  renameSync(`${path}.new`, path);
  if (paths.length > 1) writeRendered(rendered(project, next, out));
  await commit(project, paths, from, to, all);
}

/**
 * Where the environment's files are, if it has any. They must be what the description says before the promotion, or its
 * commit would carry somebody else's change as well.
 */
function refuseStale(project: Project, to: string, out: string): readonly string[] {
  const environment = buildEnvironment(project, to);
  const { folder, shown, differences } = rendered(project, environment, out);
  if (environment.delivery !== "gitops" && !existsSync(folder)) return [];
  if (differences.length === 0) return [folder];
  const again = invocation("render", to, ...(out === "deploy" ? [] : ["--out", out]));
  throw new Failure(
    `${shown} is not what the description says, and the promotion would carry that change too: ${again}, and commit it first`,
  );
}

async function commit(
  { root }: Project,
  paths: readonly string[],
  from: string,
  to: string,
  all: readonly Promoted[],
): Promise<void> {
  const subject = `Promote ${names(all)} from ${from} to ${to}`;
  const body = all.map(
    ({ service, digest, version }) => `${service} ${version === undefined ? "" : `${version} `}${digest}`,
  );
  try {
    await git(root, "add", "--all", "--", ...paths);
    await git(root, "commit", "--quiet", "-m", subject, "-m", body.join("\n"));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const undo = `git restore --staged --worktree -- ${paths.join(" ")}`;
    throw new Failure(`${error.message}\nthe changes are written, and not committed; this takes them back: ${undo}`);
  }
  const id = (await git(root, "rev-parse", "--short", "HEAD")).trim();
  console.log([`${subject}: commit ${id}`, ...body.map((line) => `  ${line}`)].join("\n"));
}

function names(all: readonly Promoted[]): string {
  const list = all.map(({ service }) => service);
  return list.length < 3 ? list.join(" and ") : `${list.length} services`;
}
