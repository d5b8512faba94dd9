import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Environment, placed } from "../components/core/environment.ts";
import { clusterApi, readKubeconfig } from "../toolchain/cluster-api.ts";
import {
  CLUSTER_PARTS,
  ENGINE_PARTS,
  ensureEngine,
  ensureParts,
  imagesOf,
  installCrds,
  type KindReference,
  provideImages,
  type Report,
  startCluster,
} from "../toolchain/index.ts";
import { withLock } from "../toolchain/lock.ts";
import { backendUrl, dropAttributes } from "./backend.ts";
import { Failure } from "./failure.ts";
import type { Project } from "./project.ts";
import { writeProjectFiles } from "./project-files.ts";
import { pulumi } from "./pulumi.ts";
import { clearDeadLock } from "./recovery/lock.ts";
import { settle, stateFiles, writtenOnce } from "./recovery/settle.ts";
import type { Session } from "./session.ts";

/** What the embedded way keeps in the project's state folder. */
export interface EmbeddedPlaces {
  readonly cluster: string;
  readonly backend: string;
  /** The Pulumi project as the engine sees it. */
  readonly project: string;
  readonly passphrase: string;
  readonly logs: string;
  /** Which cluster the backend's state tells of. */
  readonly clusterId: string;
}

export function embeddedPlaces({ state }: Pick<Project, "state">): EmbeddedPlaces {
  return {
    cluster: join(state, "cluster"),
    backend: join(state, "backend"),
    project: join(state, "pulumi"),
    passphrase: join(state, "passphrase"),
    logs: join(state, "logs"),
    clusterId: join(state, "backend.cluster"),
  };
}

/** Environments that the embedded backend has a state of. */
export function embeddedStacks(project: Project): readonly string[] {
  const folder = stacksFolder(project);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -".json".length)] : []));
}

function stacksFolder(project: Project): string {
  return join(embeddedPlaces(project).backend, ".pulumi", "stacks", project.program.project);
}

/**
 * Runs `work` with the embedded cluster: toolchain, cluster, custom resources, backend and stack are there then. Backend,
 * passphrase and the stack's file are in the state folder, so that nothing which Git tracks is changed. One environment
 * is worked on by one run at a time; another waits.
 */
export async function withEmbedded<T>(
  project: Project,
  name: string,
  options: { readonly report: Report; readonly environment?: Environment },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { report, environment } = options;
  const places = embeddedPlaces(project);
  for (const folder of [project.state, places.backend, places.project]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  // All parts first, so that one which cannot be had is said before anything else has begun.
  await ensureParts([...ENGINE_PARTS, ...CLUSTER_PARTS], { report });
  const lock = join(project.state, `${name}.lock`);
  return withLock(lock, { guards: `the environment ${name}`, report }, async () => {
    const [engine, cluster] = await Promise.all([
      ensureEngine({ report }),
      startCluster({ folder: places.cluster, report }),
    ]);
    const { kubeconfig } = cluster;
    await installCrds(kubeconfig, environment === undefined ? [] : kindsOf(environment), { report });
    if (cluster.nodes === "real" && environment !== undefined) await bringImages(places.cluster, environment, report);
    await forgetOtherCluster(project, kubeconfig, report);
    writeProjectFiles(project, places.project, name);
    const passphrase = passphraseFile(places.passphrase);
    const files = stateFiles(places.backend, project.program.project, name, passphrase);
    const session: Session = {
      kubeconfig,
      environment: name,
      embedded: true,
      pulumi: pulumi({
        program: engine.pulumi,
        folder: places.project,
        stack: name,
        logs: places.logs,
        around: writtenOnce(files),
        env: {
          ...engine.env,
          ...unthrottled(),
          FAIRLEAD_STATE: project.state,
          KUBECONFIG: kubeconfig,
          PULUMI_BACKEND_URL: backendUrl(places.backend),
          PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
          // The user's own would win over the file.
          PULUMI_CONFIG_PASSPHRASE: undefined,
        },
      }),
    };
    dropAttributes(places.backend);
    await clearDeadLock(session.pulumi, join(places.backend, ".pulumi", "locks"), report);
    await ensureStack(project, session);
    await settle(session, files, options);
    return work(session);
  });
}

/**
 * The provider asks an API server 50 times a second at most, so as to be no burden to a cluster that others use, and a large
 * environment waits for that alone. This one is nobody else's, and its API server sees to itself.
 */
function unthrottled(): Readonly<Record<string, string>> {
  const { PULUMI_K8S_CLIENT_QPS: rate = "1000", PULUMI_K8S_CLIENT_BURST: burst = "2000" } = process.env;
  return { PULUMI_K8S_CLIENT_QPS: rate, PULUMI_K8S_CLIENT_BURST: burst };
}

/** A real pod waits for its image for ever: what is not there is said before the wait begins. */
async function bringImages(cluster: string, environment: Environment, report: Report): Promise<void> {
  const images = imagesOf([...placed(environment)].map(({ object }) => object));
  const missing = await provideImages(cluster, images, { report });
  if (missing.length === 0) return;
  report.say(
    `not in the real node's registry, and pods that ask for them wait: ${missing.join(", ")} (docs/guides/real-node.md)`,
  );
}

/** Kinds that the API server must know before objects of them are made; not those that the environment brings itself. */
function kindsOf(environment: Environment): readonly KindReference[] {
  const objects = [...placed(environment)].map(({ object }) => object);
  const own = new Set(
    objects.flatMap((object) => {
      if (object.kind !== "CustomResourceDefinition") return [];
      const names: unknown = Reflect.get(Object(Reflect.get(object, "spec")), "names");
      return [String(Reflect.get(Object(names), "kind"))];
    }),
  );
  return objects.filter(({ kind }) => !own.has(kind));
}

/**
 * State tells of objects in one cluster. When the cluster was deleted or had to be made anew, the state of the old one
 * would make the engine believe that everything is there.
 */
async function forgetOtherCluster(project: Project, kubeconfig: string, report: Report): Promise<void> {
  const { backend, clusterId } = embeddedPlaces(project);
  const api = clusterApi(readKubeconfig(kubeconfig));
  const system: unknown = await api("/api/v1/namespaces/kube-system");
  const id = String(Reflect.get(Object(Reflect.get(Object(system), "metadata")), "uid"));
  const known = existsSync(clusterId) ? readFileSync(clusterId, "utf8") : undefined;
  if (known === id) return;
  const stacks = embeddedStacks(project);
  if (known !== undefined && stacks.length > 0) {
    report.say(`the embedded cluster is a new one: forgetting what was in the old one (${stacks.join(", ")})`);
    rmSync(backend, { recursive: true, force: true });
    mkdirSync(backend, { recursive: true, mode: 0o700 });
  }
  writeFileSync(clusterId, id);
}

/** The passphrase of the embedded backend: made once, readable by its owner alone, whole from the first moment. */
function passphraseFile(file: string): string {
  if (existsSync(file)) return file;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, randomBytes(24).toString("base64url"), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    // Another run was first: its passphrase is the one that counts.
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return file;
}

/** The stack's state, made where there is none. Looking for its file saves asking the engine, which takes half a second. */
async function ensureStack(project: Project, { pulumi: run }: Session): Promise<void> {
  if (existsSync(join(stacksFolder(project), `${run.stack}.json`))) return;
  const made = await run.ask("stack", "init", "--stack", run.stack, "--no-select");
  if (made.status !== 0)
    throw new Failure(`the embedded backend refuses the stack ${run.stack}:\n${made.stderr.trim()}`);
}
