import * as z from "zod";
import type { ForeignFields } from "../core/foreign-fields.ts";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import { checkShape, faultsOf, labelValue, maybe, namespaceName, objectName, strict } from "../core/shape.ts";
import { type Application, ARGO_CD } from "./kind.ts";
import { subscriptions } from "./notifications.ts";
import {
  type Cluster,
  checkLogin,
  clusterShape,
  destinationOf,
  type GitSource,
  MAIN,
  repositoryFolder,
  repositoryUrl,
  revisionName,
} from "./source.ts";
import { COMPARED_ON_SERVER, ignored, syncPolicy } from "./sync-policy.ts";

/** One folder of a repository in one cluster. https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#applications */
export interface ApplicationProps extends GitSource {
  readonly name: string;
  /** Argo CD's own namespace. */
  readonly namespace: string;
  readonly partOf?: string;
  /** The team that is called when it cannot be delivered. */
  readonly owner: string;
  /** The AppProject that says what it may deliver. */
  readonly project: string;
  /** Folder in the repository, such as "deploy/prod/order". */
  readonly folder: string;
  /** Where objects go that name no namespace. */
  readonly target: string;
  /** @default the cluster that Argo CD runs in */
  readonly cluster?: Cluster;
  /** Fields that others write. @default none */
  readonly foreign?: readonly ForeignFields[];
  /** Whether its owner is told when it cannot be delivered: see deliveryNotifications. @default false */
  readonly notify?: boolean;
}

export interface ApplicationObjects extends Objects {
  readonly application: Application;
}

const applicationShape = strict<ApplicationProps>({
  name: objectName,
  namespace: namespaceName,
  partOf: maybe(z.string()),
  owner: labelValue,
  project: objectName,
  repository: repositoryUrl,
  revision: maybe(revisionName),
  folder: repositoryFolder,
  target: namespaceName,
  cluster: maybe(clusterShape),
  foreign: maybe(z.custom<readonly ForeignFields[]>(Array.isArray)),
  notify: maybe(z.boolean()),
});

/**
 * An Application of its own. It is removed alone: what it has delivered stays until somebody removes that too.
 * @throws FaultError with everything that is wrong with the props.
 */
export function application(props: ApplicationProps): ApplicationObjects {
  const faults = faultsOf(props, "application");
  if (checkShape(faults, applicationShape, props)) checkLogin(faults, "repository", props.repository);
  faults.check();
  const { name, namespace, partOf, owner, project, repository, revision, folder, target, cluster, notify } = props;
  const foreign = ignored(props.foreign ?? []);
  const made: Application = {
    apiVersion: ARGO_CD,
    kind: "Application",
    metadata: {
      name,
      namespace,
      labels: labels({ name, partOf, owner, component: "delivery" }),
      annotations: { ...COMPARED_ON_SERVER, ...(notify === true ? subscriptions() : {}) },
    },
    spec: {
      project,
      source: { repoURL: repository, targetRevision: revision ?? MAIN, path: folder, directory: { recurse: true } },
      destination: { ...destinationOf(cluster ?? {}), namespace: target },
      syncPolicy: syncPolicy(),
      ...(foreign.length === 0 ? {} : { ignoreDifferences: foreign }),
    },
  };
  return { application: made };
}
