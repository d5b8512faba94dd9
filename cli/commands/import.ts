import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportTo } from "../../toolchain/index.ts";
import { handOver } from "../adopt/field-managers.ts";
import { type ImportEntry, type ImportList, readImportList } from "../adopt/import-list.ts";
import { type ClusterReader, clusterReader } from "../cluster-reader.ts";
import { Failure } from "../failure.ts";
import { invocation } from "../invocation.ts";
import { buildEnvironment, oneFault, openProject } from "../project.ts";
import type { Pulumi } from "../pulumi.ts";
import { findObject } from "../recovery/live.ts";
import { exportState, type Resource } from "../state.ts";
import { withSession } from "../with-session.ts";

/**
 * Takes objects that run already into an environment's state, as the list says that `adopt` wrote. In the cluster nothing
 * changes but who owns their fields; what up would change is told by preview afterwards.
 */
export async function importObjects(
  name: string,
  file: string,
  { context }: { readonly context?: string },
): Promise<void> {
  const report = reportTo(process.stderr);
  const project = await openProject();
  const environment = buildEnvironment(project, name);
  const list = readImportList(fileText(file), file, environment);
  await withSession(project, name, { report, context, environment }, async (session) => {
    const read = await clusterReader(session);
    const { missing, found } = await lookUp(read, list);
    const state = await stateOf(session.pulumi);
    const wanted = found.filter(({ entry }) => !state.has(keyOf(entry)));
    if (wanted.length > 0) await take(session.pulumi, { list, wanted, state });
    // Those that were in the state too: an earlier run may have been ended in between.
    await handAllOver(read, found, wanted.length > 0 ? await stateOf(session.pulumi) : state);
    const parts = [
      `${wanted.length} taken into the state of ${name}`,
      ...(found.length > wanted.length ? [`${found.length - wanted.length} were in it`] : []),
      ...(missing.length > 0
        ? [`${missing.length} not in the cluster: ${missing.map(({ id }) => id).join(", ")}`]
        : []),
    ];
    console.log(`${parts.join("; ")}\nwhat up would change: ${invocation("preview", name, ...chosen(context))}`);
  });
}

function chosen(context: string | undefined): readonly string[] {
  return context === undefined ? [] : ["--context", context];
}

function fileText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw oneFault(file, "", undefined, `cannot be read: ${reason}`, "name the list that adopt wrote");
  }
}

interface Found {
  readonly entry: ImportEntry;
  /** The API server's path. */
  readonly path: string;
}

async function lookUp(
  read: ClusterReader,
  { resources }: ImportList,
): Promise<{ readonly found: readonly Found[]; readonly missing: readonly ImportEntry[] }> {
  const objects = resources.filter(({ component }) => component !== true);
  const live = await Promise.all(objects.map((entry) => findObject(read, objectOf(entry))));
  return {
    found: objects.flatMap((entry, index) => {
      const path = live[index]?.path;
      return path === undefined ? [] : [{ entry, path }];
    }),
    missing: objects.filter((_, index) => live[index] === undefined),
  };
}

function objectOf({ type, id = "" }: ImportEntry) {
  const [, apiVersion = "", kind = ""] = type.split(":");
  const [first = "", second] = id.split("/");
  const metadata = second === undefined ? { name: first } : { namespace: first, name: second };
  return { apiVersion: apiVersion.replace(/^core\//, ""), kind, metadata };
}

function keyOf({ type, name }: Pick<ImportEntry, "type" | "name">): string {
  return `${type} ${name}`;
}

async function stateOf(pulumi: Pulumi): Promise<ReadonlyMap<string, Resource>> {
  const { deployment } = await exportState(pulumi);
  const resources = deployment.resources ?? [];
  return new Map(resources.map((one) => [keyOf({ ...one, name: one.urn.split("::").slice(3).join("::") }), one]));
}

async function handAllOver(
  read: ClusterReader,
  found: readonly Found[],
  state: ReadonlyMap<string, Resource>,
): Promise<void> {
  for (const { entry, path } of found) {
    const manager = state.get(keyOf(entry))?.outputs?.__fieldManager;
    const patch = manager === undefined ? undefined : handOver(await read(path), manager);
    if (patch !== undefined) await read(path, patch);
  }
}

interface Taking {
  readonly list: ImportList;
  readonly wanted: readonly Found[];
  readonly state: ReadonlyMap<string, Resource>;
}

async function take(pulumi: Pulumi, { list, wanted, state }: Taking): Promise<void> {
  const parents = list.resources.filter(({ component }) => component === true);
  const known = parents.flatMap(({ type, name }) => {
    const known = state.get(keyOf({ type, name }));
    return known === undefined ? [] : [[name, known.urn] as const];
  });
  const made = parents.filter(
    (parent) => !state.has(keyOf(parent)) && wanted.some(({ entry }) => entry.parent === parent.name),
  );
  const folder = mkdtempSync(join(tmpdir(), "fairlead-import-"));
  try {
    const file = join(folder, "import.json");
    const resources = [...made, ...wanted.map(({ entry }) => entry)];
    writeFileSync(file, JSON.stringify({ nameTable: Object.fromEntries(known), resources }));
    const flags = ["--yes", "--skip-preview", "--protect=false", "--generate-code=false"];
    const answer = await pulumi.ask("import", "--stack", pulumi.stack, "--file", file, ...flags);
    if (answer.status !== 0) {
      throw new Failure(`the engine takes nothing in:\n${answer.stderr.trim() || answer.stdout.trim()}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
