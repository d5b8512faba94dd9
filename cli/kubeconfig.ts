import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { didYouMean } from "../components/core/fault.ts";
import { oneFault } from "./project.ts";

/**
 * A kubeconfig of one context alone, readable by its owner alone: the engine then talks to that cluster whatever the
 * user's current context is, and theirs is not changed.
 * @throws FaultError with the nearest name for a context that the user does not have.
 */
export async function userKubeconfig(context: string, folder: string): Promise<string> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const all = new KubeConfig();
  all.loadFromDefault();
  const chosen = all.getContextObject(context);
  if (chosen === null) {
    const known = all.getContexts().map(({ name }) => name);
    throw oneFault("--context", "", context, "but your kubeconfig has no such context", didYouMean(context, known));
  }
  const one = new KubeConfig();
  one.loadFromOptions({
    contexts: [chosen],
    clusters: all.getClusters().filter(({ name }) => name === chosen.cluster),
    users: all.getUsers().filter(({ name }) => name === chosen.user),
    currentContext: context,
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${context.replace(/[^-._a-zA-Z0-9]/g, "_")}.json`);
  writeFileSync(file, one.exportConfig(), { mode: 0o600 });
  return file;
}
