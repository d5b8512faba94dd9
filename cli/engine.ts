import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parse, stringify } from "yaml";
import { type Engine, ensureEngine, type Report } from "../toolchain/index.ts";
import { Failure } from "./failure.ts";
import { userKubeconfig } from "./kubeconfig.ts";
import { oneFault, type Project } from "./project.ts";
import { type Pulumi, type PulumiRun, pulumi } from "./pulumi.ts";

/** The engine, told where it works: which folder, which backend, which cluster. */
export interface Session {
  readonly run: PulumiRun;
  readonly kubeconfig: string;
  readonly environment: string;
  /** Whether cluster, backend and passphrase are ours. */
  readonly embedded: boolean;
}

/**
 * A session with the embedded cluster: backend, passphrase and the stack's file are in the project's state folder, so
 * that nothing which Git tracks is changed.
 */
export async function embeddedSession(
  project: Project,
  environment: string,
  kubeconfig: string,
  report: Report,
): Promise<Session> {
  const engine = await ensureEngine({ report });
  const folder = join(project.state, "pulumi");
  const backend = join(project.state, "backend");
  mkdirSync(folder, { recursive: true });
  mkdirSync(backend, { recursive: true });
  writeProjectFiles(project, folder, environment);
  const run = pulumi(engine, {
    folder,
    stack: environment,
    logs: join(project.state, "logs"),
    env: {
      ...engine.env,
      KUBECONFIG: kubeconfig,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(project),
    },
  });
  await ensureStack(run, join(backend, ".pulumi", "stacks", project.program.project, `${environment}.json`));
  return { run, kubeconfig, environment, embedded: true };
}

/** The stack's state, made where there is none. Looking for its file saves asking the engine, which takes a second. */
async function ensureStack(run: Pulumi, file: string): Promise<void> {
  if (existsSync(file)) return;
  await run.quiet(["stack", "select", "--create", "--stack", run.stack]);
}

/** The project as the engine sees it: the checkout's own files, with paths that lead back to it. */
function writeProjectFiles({ root }: Project, folder: string, environment: string): void {
  const description: unknown = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
  const main =
    typeof description === "object" && description !== null ? String(Reflect.get(description, "main") ?? ".") : ".";
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    stringify({ ...(description as object), main: relative(folder, join(root, main)) }),
  );
  const tracked = join(root, `Pulumi.${environment}.yaml`);
  const copy = join(folder, `Pulumi.${environment}.yaml`);
  const settings = existsSync(tracked) ? parse(readFileSync(tracked, "utf8")) : {};
  const before: unknown = existsSync(copy) ? parse(readFileSync(copy, "utf8")) : {};
  const salt: unknown =
    typeof before === "object" && before !== null ? Reflect.get(before, "encryptionsalt") : undefined;
  const {
    encryptionsalt: _salt,
    secretsprovider: _provider,
    encryptedkey: _key,
    ...own
  } = (settings ?? {}) as Record<string, unknown>;
  refuseEncrypted(own["config"], `Pulumi.${environment}.yaml`);
  writeFileSync(copy, stringify({ ...own, ...(salt === undefined ? {} : { encryptionsalt: salt }) }));
}

/** What was encrypted for the user's own secrets provider cannot be read with the embedded one. */
function refuseEncrypted(config: unknown, file: string): void {
  for (const [key, value] of Object.entries((config ?? {}) as Record<string, unknown>)) {
    if (typeof value === "object" && value !== null && "secure" in value) {
      throw oneFault(
        file,
        key,
        "a secret",
        "but only your own secrets provider can read it",
        "use --context with your own Pulumi login, or take the secret from a store",
      );
    }
  }
}

/** The passphrase of the embedded backend: made once, readable by its owner alone. */
function passphraseFile({ state }: Project): string {
  const file = join(state, "passphrase");
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx" });
  return file;
}

/** A session with a cluster of the user's kubeconfig and with their own login, backend and secrets provider. */
export async function userSession(
  project: Project,
  environment: string,
  context: string,
  report: Report,
): Promise<Session> {
  const kubeconfig = await userKubeconfig(context, join(project.state, "contexts"));
  const engine = await ensureEngine({ report, userHome: true });
  const run = pulumi(engine, {
    folder: project.root,
    stack: environment,
    logs: join(project.state, "logs"),
    env: { ...engine.env, KUBECONFIG: kubeconfig },
  });
  await loggedIn(engine, run);
  return { run, kubeconfig, environment, embedded: false };
}

async function loggedIn(_engine: Engine, run: Pulumi): Promise<void> {
  const outcome = await run.ask(["whoami", "--non-interactive"]);
  if (outcome.status !== 0) {
    throw new Failure(
      `you are not logged in to Pulumi, and --context uses your own login: run pulumi login (or pulumi login --local) first\n${outcome.stderr.trim()}`,
    );
  }
  const stacks = await run.ask(["stack", "ls", "--json", "--non-interactive"]);
  const known: readonly { readonly name: string }[] = stacks.status === 0 ? JSON.parse(stacks.stdout) : [];
  if (!known.some(({ name }) => name === run.stack || name.endsWith(`/${run.stack}`))) {
    throw new Failure(
      `your Pulumi backend has no stack ${run.stack} for this project: run pulumi stack init ${run.stack} first, with the secrets provider of your choice`,
    );
  }
}
