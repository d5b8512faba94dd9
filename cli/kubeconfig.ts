import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "yaml";
import { didYouMean } from "../components/core/fault.ts";
import { oneFault } from "./project.ts";

type Map = Readonly<Record<string, unknown>>;

/** A named entry of a kubeconfig, such as one of its users, and the folder that its paths start from. */
interface Entry {
  readonly name: string;
  readonly content: Map;
  readonly folder: string;
}

/** Properties that hold a path, which is relative to the file that they stand in. */
const PATHS = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/**
 * Writes a kubeconfig of one context alone, readable by its owner alone, and returns its path: the engine then talks to
 * that cluster whatever the user's current context is, and nothing of theirs is changed. Entries are kept as they are,
 * so that every way to log in goes on working.
 * @throws FaultError with the nearest name for a context that the user does not have.
 */
export function userKubeconfig(context: string, folder: string, env: NodeJS.ProcessEnv = process.env): string {
  const files = kubeconfigFiles(env);
  const contents = files.filter((file) => existsSync(file)).map((file) => readKubeconfig(file));
  // As kubectl does it: of two entries with one name, the first counts.
  const find = (list: keyof Lists, name: unknown) =>
    contents.flatMap((one) => one[list]).find((entry) => entry.name === name);
  const chosen = find("contexts", context);
  if (chosen === undefined) {
    const known = contents.flatMap((one) => one.contexts.map(({ name }) => name));
    throw oneFault(
      "--context",
      "",
      context,
      `but ${files.join(", ")} ${files.length > 1 ? "have" : "has"} no such context`,
      didYouMean(context, known),
    );
  }
  const cluster = find("clusters", chosen.content["cluster"]);
  if (cluster === undefined) {
    const remedy = `kubectl config set-cluster ${chosen.content["cluster"]} --server=…`;
    throw oneFault(`context ${context}`, "cluster", chosen.content["cluster"], "but no such cluster is there", remedy);
  }
  const user = find("users", chosen.content["user"]);
  const one = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    contexts: [{ name: context, context: chosen.content }],
    clusters: [{ name: cluster.name, cluster: withWholePaths(cluster) }],
    users: user === undefined ? [] : [{ name: user.name, user: withWholePaths(user) }],
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${encodeURIComponent(context)}.json`);
  writeFileSync(file, `${JSON.stringify(one, undefined, 2)}\n`, { mode: 0o600 });
  return file;
}

function kubeconfigFiles(env: NodeJS.ProcessEnv): readonly string[] {
  const named = (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  return named.length > 0 ? named : [join(env["HOME"] ?? homedir(), ".kube", "config")];
}

interface Lists {
  readonly contexts: readonly Entry[];
  readonly clusters: readonly Entry[];
  readonly users: readonly Entry[];
}

function readKubeconfig(file: string): Lists {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw oneFault(file, "", undefined, `cannot be read as a kubeconfig: ${reason}`, "mend it, or name another one");
  }
  const folder = dirname(resolve(file));
  const list = (key: string, inner: string): readonly Entry[] => {
    const found: unknown = Reflect.get(Object(content), key);
    if (!Array.isArray(found)) return [];
    return found.map((entry: unknown) => ({
      name: String(Reflect.get(Object(entry), "name")),
      content: Object(Reflect.get(Object(entry), inner)) as Map,
      folder,
    }));
  };
  return { contexts: list("contexts", "context"), clusters: list("clusters", "cluster"), users: list("users", "user") };
}

function withWholePaths({ content, folder }: Entry): Map {
  const whole = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => {
      if (PATHS.includes(key) && typeof value === "string") return [key, whole(value)];
      if (key !== "exec") return [key, value];
      const command: unknown = Reflect.get(Object(value), "command");
      // A command without a slash is looked for on PATH.
      const isPath = typeof command === "string" && command.includes("/");
      return [key, isPath ? { ...Object(value), command: whole(command) } : value];
    }),
  );
}
