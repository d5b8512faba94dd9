import * as z from "zod";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import { checkShape, faultsOf, filled, labelValue, maybe, namespaceName, objectName, strict } from "../core/shape.ts";
import { type AppProject, ARGO_CD } from "./kind.ts";
import { type Cluster, checkLogin, clusterShape, destinationOf, repositoryUrl } from "./source.ts";

/** A kind of objects: "Deployment" of "apps"; the core group is "". */
export interface KindOfGroup {
  readonly group: string;
  readonly kind: string;
}

/** What a team may deliver: from which repositories, where, and what kinds. https://argo-cd.readthedocs.io/en/stable/user-guide/projects/ */
export interface AppProjectProps {
  readonly name: string;
  /** Argo CD's own namespace. */
  readonly namespace: string;
  readonly partOf?: string;
  /** The team. */
  readonly owner: string;
  readonly repositories: readonly string[];
  /** Where it may deliver. Never Argo CD's own namespace: who writes there may deliver anything. */
  readonly namespaces: readonly string[];
  /** @default the cluster that Argo CD runs in */
  readonly clusters?: readonly Cluster[];
  /** Kinds of objects in namespaces. */
  readonly kinds: readonly KindOfGroup[];
  /** Kinds of objects outside of namespaces. @default none */
  readonly clusterKinds?: readonly KindOfGroup[];
}

export interface AppProjectObjects extends Objects {
  readonly project: AppProject;
}

export const kindShape = strict<KindOfGroup>({ group: z.string(), kind: filled });

export const appProjectShape = strict<AppProjectProps>({
  name: objectName,
  namespace: namespaceName,
  partOf: maybe(z.string()),
  owner: labelValue,
  repositories: z.array(repositoryUrl),
  namespaces: z.array(filled),
  clusters: maybe(z.array(clusterShape)),
  kinds: z.array(kindShape),
  clusterKinds: maybe(z.array(kindShape)),
});

/**
 * A team's project.
 * @throws FaultError for repositories that are none, and for Argo CD's own namespace.
 */
export function appProject(props: AppProjectProps): AppProjectObjects {
  const faults = faultsOf(props, "project");
  if (checkShape(faults, appProjectShape, props)) {
    for (const [index, repository] of props.repositories.entries()) {
      checkLogin(faults, `repositories.${index}`, repository);
    }
    for (const [index, namespace] of props.namespaces.entries()) {
      if (namespace !== props.namespace) continue;
      const problem = "but that is Argo CD's own namespace, and who writes there may deliver anything";
      faults.add(`namespaces.${index}`, namespace, problem, "deliver elsewhere");
    }
  }
  faults.check();
  return { project: projectObject(props) };
}

/** The object, unchecked: the project of the add-ons delivers Argo CD itself. */
export function projectObject(props: AppProjectProps): AppProject {
  const { name, namespace, partOf, owner, clusters = [{}], clusterKinds = [] } = props;
  return {
    apiVersion: ARGO_CD,
    kind: "AppProject",
    metadata: { name, namespace, labels: labels({ name, partOf, owner, component: "delivery" }) },
    spec: {
      description: `What ${owner} may deliver`,
      sourceRepos: [...new Set(props.repositories)],
      destinations: clusters.flatMap((cluster) =>
        [...new Set(props.namespaces)].map((one) => ({ ...destinationOf(cluster), namespace: one })),
      ),
      namespaceResourceWhitelist: props.kinds,
      clusterResourceWhitelist: clusterKinds,
    },
  };
}
