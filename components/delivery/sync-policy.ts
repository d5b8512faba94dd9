import type { ForeignFields } from "../core/foreign-fields.ts";
import type { Application } from "./kind.ts";

type Spec = Application["spec"];

/**
 * Synced by itself, what was changed by hand is changed back, and what is gone from the repository is pruned: but last,
 * and never everything at once. A failed sync is tried again, with pauses from 5 seconds to 3 minutes.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/
 */
export function syncPolicy(options: readonly string[] = []): NonNullable<Spec["syncPolicy"]> {
  return {
    automated: { prune: true, selfHeal: true, allowEmpty: false },
    retry: { limit: 10, backoff: { duration: "5s", factor: 2, maxDuration: "3m" } },
    syncOptions: [
      "ServerSideApply=true",
      // What is gone waits until what takes its place is healthy: pods still mount the old configuration.
      "PruneLast=true",
      // The fields that others write keep their values when something else of the object is applied.
      "RespectIgnoreDifferences=true",
      // An object that another Application owns is not taken from it.
      "FailOnSharedResource=true",
      ...options,
    ],
  };
}

/** Compared by a dry run on the API server, so that defaults and other spellings of one value are no difference. */
export const COMPARED_ON_SERVER = { "argocd.argoproj.io/compare-options": "ServerSideDiff=true" } as const;

/** The fields that others write, as an Application leaves them alone. */
export function ignored(fields: readonly ForeignFields[]): NonNullable<Spec["ignoreDifferences"]> {
  return fields.map(({ object: { apiVersion, kind, metadata }, pointers }) => ({
    ...(apiVersion.includes("/") ? { group: apiVersion.slice(0, apiVersion.indexOf("/")) } : {}),
    kind,
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    jsonPointers: [...pointers],
  }));
}
