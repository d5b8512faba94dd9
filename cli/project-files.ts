import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { extname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";
import { type Fault, FaultError } from "../components/core/fault.ts";
import type { Project } from "./project.ts";
import { holdsSecret } from "./settings.ts";

/** Settings of the Kubernetes provider that would lead it to another cluster than ours. */
const CONNECTION = ["kubernetes:kubeconfig", "kubernetes:context", "kubernetes:cluster"];

/** What a stack's file says of its secrets provider. In the copy it is ours. */
const ENCRYPTION = ["encryptionsalt", "encryptedkey", "secretsprovider"];

/**
 * The project for the embedded engine: Pulumi.yaml with paths that lead back to the checkout, and a copy of the stack's
 * file that keeps the salt of the embedded passphrase.
 * @throws FaultError for what was encrypted for the user's own secrets provider.
 */
export function writeProjectFiles({ root }: Project, folder: string, environment: string): void {
  const description = mapIn(join(root, "Pulumi.yaml"));
  const main = typeof description["main"] === "string" ? description["main"] : ".";
  const runtime = withArguments(description["runtime"]);
  writeWhole(join(folder, "Pulumi.yaml"), { ...description, runtime, main: relative(folder, resolve(root, main)) });

  const file = `Pulumi.${environment}.yaml`;
  const tracked = mapIn(join(root, file));
  const { config = {}, ...rest } = tracked;
  const settings = Object.entries(Object(config) as Record<string, unknown>);
  refuseSecrets(settings, file);
  const salt = mapIn(join(folder, file))["encryptionsalt"];
  writeWhole(join(folder, file), {
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => !ENCRYPTION.includes(key))),
    config: Object.fromEntries(settings.filter(([key]) => !CONNECTION.includes(key))),
    ...(salt === undefined ? {} : { encryptionsalt: salt }),
  });
}

/** What the program's process is given: the journal ahead of it, and room for young objects, which spares a fifth of its time. */
const PRELOAD = pathToFileURL(
  join(import.meta.dirname, "recovery", `preload${extname(import.meta.filename)}`),
).href.replaceAll("'", "%27");
const ARGUMENTS = `--import=${PRELOAD} --min-semi-space-size=64 --max-semi-space-size=64`;

/** The runtime, which may be a name alone, with our arguments to Node.js before its own, which win. */
function withArguments(runtime: unknown): unknown {
  const { name = runtime, options } = Object(runtime) as { readonly name?: unknown; readonly options?: object };
  const own: unknown = Reflect.get(Object(options), "nodeargs");
  return { name, options: { ...options, nodeargs: own === undefined ? ARGUMENTS : `${ARGUMENTS} ${String(own)}` } };
}

function refuseSecrets(settings: readonly (readonly [string, unknown])[], file: string): void {
  const faults = settings.flatMap(([key, value]): readonly Fault[] => {
    if (!holdsSecret(value)) return [];
    const problem = "is encrypted for your own secrets provider, which the embedded engine has no part in";
    const remedy = "use --context with your own Pulumi login, or fetch the secret from a store";
    return [{ component: file, path: key, problem, remedy }];
  });
  if (faults.length > 0) throw new FaultError(faults);
}

function mapIn(file: string): Readonly<Record<string, unknown>> {
  if (!existsSync(file)) return {};
  const value: unknown = parse(readFileSync(file, "utf8"));
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Another run may be reading the file; and one that is the same stays untouched. */
function writeWhole(file: string, value: unknown): void {
  const text = stringify(value);
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
