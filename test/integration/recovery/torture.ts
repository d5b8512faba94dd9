import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type Environment, type KubernetesObject, type Program, placed } from "../../../components/index.ts";
import { processesUnder } from "../../../toolchain/process.ts";
import { ROOT } from "../cli.ts";
import { type ClusterObjects, clusterObjects } from "../objects.ts";
import { MARKER, SHAPES, type Shape, writeProject, writeShape } from "./project.ts";

/**
 * Who is killed: the command line alone, as by a careless `kill -9`, the engine alone, as by a kernel that is short of memory,
 * or both with everything that they started, as by a machine that goes down.
 */
export const VICTIMS = ["command", "engine", "everything"] as const;
export type Victim = (typeof VICTIMS)[number];

/** An environment that is killed again and again while it is applied. */
export interface Torture {
  /** Applies a shape undisturbed; how long it took, in milliseconds. */
  readonly apply: (shape: Shape) => Promise<{ readonly milliseconds: number; readonly said: string }>;
  /** Begins to apply a shape and kills it after so many milliseconds. */
  readonly kill: (shape: Shape, after: number, victim: Victim) => Promise<void>;
  /** Begins to apply a shape and kills everything once the cluster has a component's Service; whether the state knows of that. */
  readonly killAt: (shape: Shape, component: string) => Promise<boolean>;
  /** Begins to remove what there is and kills it after so many milliseconds. */
  readonly killRemoval: (after: number, victim: Victim) => Promise<void>;
  /** Removes everything, undisturbed. */
  readonly remove: () => Promise<void>;
  /** Leaves what a removal does that was killed when it had taken away the first object: a Service, for one. */
  readonly breakRemoval: (shape: Shape, component: string) => Promise<void>;
  /** Everything that is wrong with cluster and state, compared with an undisturbed run; empty when nothing is. */
  readonly differences: (shape: Shape) => Promise<readonly string[]>;
  /** Makes the state of a run that was killed when the API server had just made these objects of a component: begun, not made. */
  readonly forget: (component: string) => void;
  /** Leaves the file beside the state as an engine does that is killed when it has just opened it. */
  readonly breakAttributes: () => void;
  /** Files beside files of the state. */
  readonly attributes: () => readonly string[];
  /** Object -> uid, for those of a component that are in the cluster. */
  readonly identities: (shape: Shape, component: string) => Promise<Readonly<Record<string, string>>>;
  /** Names of the user's own Secret and ConfigMap: one that was made twice has two. */
  readonly own: () => Promise<readonly string[]>;
  /** Files of the backend in which the user's secret stands as text. */
  readonly telling: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** @param installed A folder with the package in its node_modules. @default the checkout's sources are tortured */
export async function openTorture(installed?: string): Promise<Torture> {
  const root = mkdtempSync(join(installed ?? tmpdir(), "fairlead-torture-"));
  const state = join(root, "state");
  writeProject(root, installed === undefined ? "checkout" : "package");
  const commandLine =
    installed === undefined ? join(ROOT, "cli/main.ts") : join(installed, "node_modules/fairlead/dist/cli/main.js");
  const start = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, ["--disable-warning=ExperimentalWarning", commandLine, ...args], {
      cwd: root,
      // A group of its own, so that everything can be killed at once.
      detached: true,
      env: { ...process.env, FAIRLEAD_STATE: state },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const run = async (...args: readonly string[]) => {
    const child = start(...args);
    let said = "";
    child.stdout?.on("data", (chunk) => {
      said += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      said += chunk;
    });
    const status = await new Promise<number | null>((fulfil) => child.on("close", fulfil));
    if (status !== 0) throw new Error(`fairlead ${args.join(" ")} ended with ${status}:\n${said}`);
    return said;
  };
  await run("cluster", "start");
  const cluster = clusterObjects(join(state, "cluster/kubeconfig"));
  const program = ((await import(pathToFileURL(join(root, "infra/program.ts")).href)) as { readonly program: Program })
    .program;
  const expected = new Map<Shape, readonly string[]>();
  const file = join(state, "backend/.pulumi/stacks/torture/dev.json");
  const urns = (): readonly string[] => {
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as Checkpoint;
    const pending = (checkpoint.latest.pending_operations ?? []).map(
      ({ type, resource }) => `pending ${type} of ${resource.urn}`,
    );
    return [
      ...(checkpoint.latest.resources ?? []).map(({ urn, delete: gone }) => (gone === true ? `to delete ${urn}` : urn)),
      ...pending,
    ].sort();
  };
  const serviceOf = (shape: Shape, component: string): KubernetesObject => {
    const service = program.build("dev", { shape }).members[component]?.objects["service"];
    if (service === undefined) throw new Error(`${component} has no Service`);
    return service;
  };

  return {
    apply: async (shape) => {
      writeShape(root, shape);
      const started = Date.now();
      const said = await run("up");
      if (!expected.has(shape)) expected.set(shape, urns());
      return { milliseconds: Date.now() - started, said };
    },
    kill: async (shape, after, victim) => {
      writeShape(root, shape);
      await killed(start("up"), { root, victim, moment: () => sleep(after) });
    },
    killAt: async (shape, component) => {
      const service = serviceOf(shape, component);
      writeShape(root, shape);
      const isMade = async () => {
        while ((await cluster.read(service).catch(() => undefined)) === undefined) await sleep(20);
      };
      await killed(start("up"), { root, victim: "everything", moment: isMade });
      return urns().some((urn) => urn.endsWith(`::${component}-service`));
    },
    killRemoval: (after, victim) => killed(start("down", "dev"), { root, victim, moment: () => sleep(after) }),
    remove: async () => void (await run("down", "dev")),
    breakRemoval: async (shape, component) => {
      await cluster.remove(serviceOf(shape, component));
      writeFileSync(join(state, "backend/dev.removing"), "");
    },
    differences: async (shape) => [
      ...(await clusterDifferences(
        cluster,
        program.build("dev", { shape }),
        SHAPES.map((one) => program.build("dev", { shape: one })),
      )),
      ...listDifferences("state", expected.get(shape) ?? [], urns()),
    ],
    forget: (component) => {
      const saved = JSON.parse(readFileSync(file, "utf8")) as Checkpoint;
      const { latest } = saved.checkpoint;
      const begun = (latest.resources ?? []).filter(
        ({ urn, id }) => urn.includes(`::${component}-`) && id !== undefined,
      );
      latest.resources = (latest.resources ?? []).filter((one) => !begun.includes(one));
      latest.pending_operations = begun.map(({ id: _id, outputs: _outputs, ...resource }) => ({
        type: "creating",
        resource,
      }));
      writeFileSync(file, JSON.stringify(saved));
    },
    breakAttributes: () => writeFileSync(`${file}.attrs`, ""),
    attributes: () =>
      readdirSync(join(state, "backend"), { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".attrs"),
      ),
    identities: async (shape, component) => {
      const objects = program.build("dev", { shape }).members[component]?.objects ?? {};
      const found = Object.entries(objects).map(async ([role, object]) => {
        const live = await cluster.read(object).catch(() => undefined);
        return live === undefined ? [] : [[role, String(Reflect.get(live.metadata, "uid"))] as const];
      });
      return Object.fromEntries((await Promise.all(found)).flat());
    },
    own: async () => {
      const kinds = ["Secret", "ConfigMap"].map((kind) => cluster.listKind({ apiVersion: "v1", kind }, "default"));
      const objects = (await Promise.all(kinds)).flat();
      return objects.flatMap(({ metadata }) => (metadata.name.startsWith("own-") ? [metadata.name] : []));
    },
    telling: () => {
      const backend = join(state, "backend");
      const files = readdirSync(backend, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const paths = files.map(({ parentPath, name }) => join(parentPath, name));
      return paths.filter((path) => readFileSync(path, "latin1").includes(MARKER));
    },
    close: async () => {
      await run("cluster", "delete");
      // Whatever a killed run left is ours by its folder.
      for (const { pid } of await processesUnder(root)) process.kill(pid, "SIGKILL");
      rmSync(root, { recursive: true, force: true });
    },
  };
}

interface Killing {
  readonly root: string;
  readonly victim: Victim;
  readonly moment: () => Promise<unknown>;
}

/** Waits for the moment, or for the end if that is sooner. */
async function killed(child: ChildProcess, { root, victim, moment }: Killing): Promise<void> {
  const ended = new Promise((fulfil) => child.on("exit", fulfil));
  await Promise.race([moment(), ended]);
  if (child.pid === undefined || child.exitCode !== null) return;
  if (victim !== "engine") process.kill(-child.pid, "SIGKILL");
  if (victim !== "command") killRun(root, victim === "engine");
  await ended;
}

/** Kills what works in the folder, or the engine alone, but not the cluster; who is started meanwhile as well. */
function killRun(root: string, engineAlone: boolean): void {
  for (let victims = working(root, engineAlone); victims.length > 0; victims = working(root, engineAlone)) {
    for (const pid of victims) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself in between.
      }
    }
    if (engineAlone) return;
  }
}

function working(root: string, engineAlone: boolean): readonly number[] {
  return readdirSync("/proc").flatMap((entry) => {
    try {
      const [program = ""] = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
      const isRun = program !== "" && readlinkSync(`/proc/${entry}/cwd`).startsWith(root) && !program.startsWith(root);
      return isRun && (!engineAlone || basename(program) === "pulumi") ? [Number(entry)] : [];
    } catch {
      // No process, or none any more.
      return [];
    }
  });
}

interface Saved {
  readonly urn: string;
  readonly delete?: boolean;
  readonly id?: string;
  readonly outputs?: unknown;
}

interface Checkpoint {
  readonly checkpoint: {
    readonly latest: {
      resources?: readonly Saved[];
      pending_operations?: readonly { readonly type: string; readonly resource: Saved }[];
    };
  };
}

function listDifferences(where: string, wanted: readonly string[], found: readonly string[]): readonly string[] {
  return [
    ...wanted.filter((one) => !found.includes(one)).map((one) => `${where} lost ${one}`),
    ...found
      .filter((one, index) => !wanted.includes(one) || found.indexOf(one) !== index)
      .map((one) => `${where} has too many: ${one}`),
  ];
}

/** Compares a namespace with its description, in every kind that any description has: controllers' own objects come and go. */
async function clusterDifferences(
  cluster: ClusterObjects,
  environment: Environment,
  all: readonly Environment[],
): Promise<readonly string[]> {
  const key = (kind: string, { metadata }: KubernetesObject) => `${kind}/${metadata.name}`;
  const kinds = new Map(
    all
      .flatMap((one) => [...placed(one)])
      .flatMap(({ object }) =>
        object.metadata.namespace === undefined ? [] : [[`${object.apiVersion} ${object.kind}`, object] as const],
      ),
  );
  const found: string[] = [];
  for (const { apiVersion, kind } of kinds.values()) {
    for (const object of await cluster.listKind({ apiVersion, kind }, "torture")) {
      if (object.metadata.labels?.["app.kubernetes.io/managed-by"] === "fairlead") found.push(key(kind, object));
    }
  }
  const objects = [...placed(environment)].map(({ object }) => object);
  const wanted = objects.flatMap((one) => (one.metadata.namespace === undefined ? [] : [key(one.kind, one)]));
  const changed: string[] = [];
  for (const object of objects) {
    const live = await cluster.read(object).catch(() => undefined);
    if (live !== undefined && JSON.stringify(await cluster.dryRun(object)) !== JSON.stringify(live))
      changed.push(`cluster has another ${key(object.kind, object)}`);
  }
  return [...listDifferences("cluster", wanted, found), ...changed];
}
