import * as z from "zod";
import type { Faults } from "../core/fault.ts";
import { checked, filled, maybe, strict } from "../core/shape.ts";

/** What is read from Git. */
export interface GitSource {
  /** Such as "https://git.example.com/shop/shop.git". Never with a login: that is a Secret of Argo CD's. */
  readonly repository: string;
  /** Branch, tag or commit. @default "main" */
  readonly revision?: string;
}

/** A cluster, by its address or by the name that Argo CD knows it by. One of the two. */
export interface Cluster {
  /** @default the cluster that Argo CD runs in */
  readonly server?: string;
  readonly name?: string;
}

/** The cluster that Argo CD runs in. https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#clusters */
export const IN_CLUSTER = "https://kubernetes.default.svc";

export const MAIN = "main";

const ADDRESS = /^(?:(?:https?|ssh|git|file|oci):\/\/\S+|[\w.-]+@[\w.-]+:[^\s/]\S*)$/;

/** Where a repository of manifests or charts is. */
export const repositoryUrl: z.ZodType<string> = checked(z.string(), (text) =>
  ADDRESS.test(text)
    ? undefined
    : ["but it is no address of a repository", 'use for example "https://git.example.com/shop/shop.git"'],
);

/** Notes a login in a repository's address, without showing it: whoever may read an Application would have it. */
export function checkLogin(faults: Faults, path: string, repository: string): void {
  if (!/^[a-z]+:\/\/[^/@]*:[^/@]*@/.test(repository) && !/^https?:\/\/[^/]*@/.test(repository)) return;
  const problem = "holds a login, which everybody who may read the Application would have";
  const remedy = "leave it out of the address, and give it to Argo CD in a repository Secret";
  faults.found.push({ component: faults.component, path, problem, remedy });
}

export const revisionName: z.ZodType<string> = checked(filled, (text) =>
  /^[^\s~^:?*[\\]+$/.test(text)
    ? undefined
    : ["but it is no name of a branch, tag or commit", 'use for example "main"'],
);

export const clusterShape: z.ZodType<Cluster> = checked(
  strict<Cluster>({ server: maybe(z.url()), name: maybe(filled) }),
  ({ server, name }) =>
    server === undefined || name === undefined
      ? undefined
      : ["but a cluster is known by its address or by its name", "give server or name"],
);

/** A folder in the repository, without a slash at either end. */
export const repositoryFolder: z.ZodType<string> = checked(filled, (text) =>
  /^[^/\s]+(?:\/[^/\s]+)*$/.test(text) && !text.split("/").includes("..")
    ? undefined
    : ["but it is no folder of the repository", 'use for example "deploy"'],
);

/** How Argo CD's objects name a cluster. */
export function destinationOf({ server, name }: Cluster): { readonly server: string } | { readonly name: string } {
  return name === undefined ? { server: server ?? IN_CLUSTER } : { name };
}
