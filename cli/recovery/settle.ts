import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Environment, placed } from "../../components/core/environment.ts";
import type { Report } from "../../toolchain/index.ts";
import { type ClusterReader, clusterReader } from "../cluster-reader.ts";
import { Failure } from "../failure.ts";
import type { Surroundings, Verb } from "../pulumi.ts";
import type { Session } from "../session.ts";
import { exportState, importState, type Resource, type State } from "../state.ts";
import { beginJournal, type Entry, JOURNAL, journalKey, readJournal } from "./journal.ts";
import { settleJournaled } from "./journaled.ts";
import { awaitLeaving } from "./leaving.ts";
import { identityOf } from "./live.ts";
import { type Settled, settlePending } from "./pending.ts";
import { type Registrations, registrations } from "./registrations.ts";

/** The state of an environment in the embedded backend, and what tells how far it is to be believed. */
export interface StateFiles {
  readonly project: string;
  readonly state: string;
  /** What `up` tells the engine of, from its beginning until the state is written. */
  readonly journal: string;
  /** Stands while the state may tell of what is not there any more. */
  readonly stale: string;
  /** Its passphrase is the backend's. */
  readonly passphrase: string;
}

export function stateFiles(backend: string, project: string, environment: string, passphrase: string): StateFiles {
  return {
    project,
    state: join(backend, ".pulumi", "stacks", project, `${environment}.json`),
    journal: join(backend, `${environment}.journal`),
    stale: join(backend, `${environment}.removing`),
    passphrase,
  };
}

/** The engine writes its state once, at the end, and not all of it before and after each change: work that grows with the square. */
const ONCE = { PULUMI_SKIP_CHECKPOINTS: "true" };

/**
 * What makes that safe: a removal may leave a state that says too much, which a mark tells; and what `up` begins is in a
 * journal. Who sets the engine's variable themselves has it their way.
 */
export function writtenOnce(files: StateFiles): (verb: Verb) => Surroundings {
  const { journal, stale } = files;
  const once = process.env["PULUMI_SKIP_CHECKPOINTS"] === undefined ? ONCE : {};
  return (verb) => {
    if (verb === "preview") return {};
    if (verb === "destroy") {
      writeFileSync(stale, "");
      return { env: once, ended: (status) => (status === 0 ? rmSync(stale, { force: true }) : undefined) };
    }
    beginJournal(journal, keyOf(files));
    return { env: { ...once, [JOURNAL]: journal }, ended: () => dropWritten(files) };
  };
}

/** The journal is done with once the state was written after its last entry. */
function dropWritten({ state, journal }: StateFiles): void {
  if (writtenAt(state) > writtenAt(journal)) rmSync(journal, { force: true });
}

function writtenAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function keyOf({ passphrase }: StateFiles): Uint8Array {
  return journalKey(readFileSync(passphrase, "utf8"));
}

/**
 * Settles what a killed run left, by looking at the cluster, and says so in one line: what it made is taken into the state,
 * what it took away is struck out. Otherwise an object that the next description no longer has would stay for ever,
 * unknown to the engine, and one that it has again would be thought to be there.
 * @param options The environment is what is described now. @default nothing is
 */
export async function settle(
  session: Session,
  files: StateFiles,
  { report, environment }: { readonly report: Report; readonly environment?: Environment },
): Promise<void> {
  await settleKilled(session, files, report);
  if (environment !== undefined) await keepDescribed(session, files, environment);
}

async function settleKilled(session: Session, files: StateFiles, report: Report): Promise<void> {
  const { journal, stale } = files;
  dropWritten(files);
  const entries = journaledIn(files);
  if (!existsSync(stale) && entries.length === 0 && !isUnsettled(files.state)) return;
  const what = existsSync(stale) ? "removal" : "run";
  const activity = report.begin(`an earlier ${what} was ended in the middle: settling by looking at the cluster`);
  try {
    const read = await clusterReader(session);
    const state = await exportState(session.pulumi);
    const told = entries.length === 0 ? undefined : registrations(entries, session.pulumi.stack, files.project);
    const settled = await lookedFor(read, state, told);
    // Whoever is killed from here on has told what was made, and leaves a mark that the rest is to be looked at.
    writeFileSync(stale, "");
    if (settled !== undefined) await importState(session.pulumi, settled.state);
    await awaitLeaving(read, (settled?.state ?? state).deployment.resources ?? []);
    rmSync(journal, { force: true });
    await refresh(session);
    rmSync(stale);
    activity.end(settled === undefined ? "done" : `${settled.made} made, ${settled.begun - settled.made} not`);
  } catch (error) {
    activity.end("failed");
    throw error;
  }
}

/**
 * Lets go of what the engine was to delete and is described again, as after a change that was taken back before it was whole.
 * The engine would make it, and then delete it under the same name.
 */
async function keepDescribed(session: Session, { state: file }: StateFiles, environment: Environment): Promise<void> {
  const isGoing = ({ delete: going }: Resource) => going === true;
  if (!(readState(file).resources ?? []).some(isGoing)) return;
  const described = new Set([...placed(environment)].map(({ object }) => identityOf(object)));
  const { deployment, ...state } = await exportState(session.pulumi);
  const isAgain = (one: Resource) => isGoing(one) && described.has(identityOf(one.inputs) ?? "");
  const resources = deployment.resources?.filter((one) => !isAgain(one)) ?? [];
  if (resources.length === deployment.resources?.length) return;
  await importState(session.pulumi, { ...state, deployment: { ...deployment, resources } });
}

/** What a run told of itself that did not come to write its state; nothing when it registered nothing. */
function journaledIn(files: StateFiles): readonly Entry[] {
  if (!existsSync(files.journal)) return [];
  const entries = readJournal(files.journal, keyOf(files));
  return entries.some(({ kind }) => kind === "request") ? entries : [];
}

/** The state with what was made; undefined where nothing can have been made. */
async function lookedFor(
  read: ClusterReader,
  state: State,
  told: Registrations | undefined,
): Promise<Settled | undefined> {
  if (told !== undefined) return settleJournaled(read, state, told);
  return (state.deployment.pending_operations ?? []).length > 0 ? settlePending(read, state) : undefined;
}

function isUnsettled(stateFile: string): boolean {
  return (readState(stateFile).pending_operations ?? []).length > 0;
}

/** What in a state is unusual, in its text: most are megabytes that need not be understood. */
const UNUSUAL = /"pending_operations":|"delete":\s*true/;

/** A state with something unusual, and nothing of any other. Without asking the engine, which takes a second. */
function readState(file: string): State["deployment"] {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (!UNUSUAL.test(text)) return {};
  const state = JSON.parse(text) as { readonly checkpoint?: { readonly latest?: State["deployment"] | null } };
  return state.checkpoint?.latest ?? {};
}

async function refresh({ pulumi }: Session): Promise<void> {
  const outcome = await pulumi.ask("refresh", "--stack", pulumi.stack, "--yes", "--skip-preview");
  if (outcome.status === 0) return;
  throw new Failure(
    `what a killed run had begun cannot be settled:\n${outcome.stderr.trim() || outcome.stdout.trim()}`,
  );
}
