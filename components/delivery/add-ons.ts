import * as z from "zod";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import {
  checked,
  checkShape,
  faultsOf,
  filled,
  labelValue,
  maybe,
  namespaceName,
  objectName,
  partName,
  recordOf,
  strict,
} from "../core/shape.ts";
import { projectObject } from "./app-project.ts";
import { application } from "./application.ts";
import { type Application, type AppProject, ARGO_CD } from "./kind.ts";
import { subscriptions } from "./notifications.ts";
import {
  type Cluster,
  checkLogin,
  clusterShape,
  destinationOf,
  type GitSource,
  repositoryFolder,
  repositoryUrl,
  revisionName,
} from "./source.ts";
import { COMPARED_ON_SERVER, syncPolicy } from "./sync-policy.ts";

/** One row of the table of add-ons. */
export interface AddOn {
  /** The Helm chart's name. */
  readonly chart: string;
  /** The Helm repository, or for an OCI registry its address without oci://. */
  readonly repository: string;
  /** The chart's version: exactly one, so that what runs changes by a commit alone. */
  readonly version: string;
  readonly namespace: string;
  /** What is different from the chart's defaults. @default nothing */
  readonly values?: Readonly<Record<string, unknown>>;
  /** An add-on waits until those of smaller waves are healthy. @default 0 */
  readonly wave?: number;
}

/** The platform's add-ons: one Application that makes an Application of each row, Argo CD's own among them. */
export interface AddOnsProps extends GitSource {
  readonly name: string;
  /** Argo CD's own namespace. */
  readonly namespace: string;
  readonly partOf?: string;
  readonly owner: string;
  /** Folder in the repository that holds the rows' Applications, such as "deploy/prod/add-ons". */
  readonly folder: string;
  readonly addOns: Readonly<Record<string, AddOn>>;
  /** @default the cluster that Argo CD runs in */
  readonly cluster?: Cluster;
  /** Whether the owner is told of what cannot be delivered: see deliveryNotifications. @default false */
  readonly notify?: boolean;
}

/** What the engine applies. */
export interface AddOnsObjects extends Objects {
  readonly project: AppProject;
  readonly application: Application;
}

/** What stands in the repository: name of the add-on -> its Application. */
export type AddOnApplications = Readonly<Record<string, Application>>;

const exactVersion = checked(filled, (text) =>
  /^v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(text)
    ? undefined
    : ["but it is no exact version, so what runs would change without a commit", 'use for example "1.2.3"'],
);

const addOnShape = strict<AddOn>({
  chart: filled,
  repository: checked(z.string(), (text) =>
    /^(?:https?:\/\/\S+|[\w.-]+(?::\d+)?\/\S+)$/.test(text)
      ? undefined
      : ["but it is no address of a Helm repository", 'use for example "https://charts.example.com"'],
  ),
  version: exactVersion,
  namespace: namespaceName,
  values: maybe(z.record(z.string(), z.unknown())),
  wave: maybe(z.int()),
});

const addOnsShape = strict<AddOnsProps>({
  name: objectName,
  namespace: namespaceName,
  partOf: maybe(z.string()),
  owner: labelValue,
  repository: repositoryUrl,
  revision: maybe(revisionName),
  folder: repositoryFolder,
  addOns: recordOf(addOnShape, partName),
  cluster: maybe(clusterShape),
  notify: maybe(z.boolean()),
});

function check(props: AddOnsProps): void {
  const faults = faultsOf(props, "add-ons");
  if (checkShape(faults, addOnsShape, props)) {
    checkLogin(faults, "repository", props.repository);
    for (const [name, { repository }] of Object.entries(props.addOns)) {
      checkLogin(faults, `addOns.${name}.repository`, repository);
    }
  }
  faults.check();
}

/**
 * The Application above, and the project of all: it may make whatever the charts hold, and nobody else is in it.
 * @throws FaultError for a version that is none, and for addresses that are none.
 */
export function addOns(props: AddOnsProps): AddOnsObjects {
  check(props);
  const { name, namespace, partOf, owner, repository, revision, folder, cluster, notify } = props;
  const rows = Object.values(props.addOns);
  const optional = {
    ...(partOf === undefined ? {} : { partOf }),
    ...(revision === undefined ? {} : { revision }),
    ...(notify === undefined ? {} : { notify }),
  };
  const project = projectObject({
    name,
    namespace,
    ...(partOf === undefined ? {} : { partOf }),
    owner,
    repositories: [repository, ...rows.map((row) => row.repository)],
    // Charts put a few of their objects into kube-system: the readers of an API server's extensions, leases.
    namespaces: [namespace, "kube-system", ...rows.map((row) => row.namespace)],
    clusters: [cluster ?? {}, ...(cluster === undefined ? [] : [{}])],
    kinds: [{ group: "*", kind: "*" }],
    clusterKinds: [{ group: "*", kind: "*" }],
  });
  return {
    project,
    ...application({ ...optional, name, namespace, owner, project: name, repository, folder, target: namespace }),
  };
}

/**
 * The Applications of the rows. One that leaves the table is kept until somebody confirms, and what it installed stays then
 * too: with an add-on's definitions every object of its kinds would go.
 * @throws FaultError as addOns does.
 */
export function addOnApplications(props: AddOnsProps): AddOnApplications {
  check(props);
  return Object.fromEntries(
    Object.entries(props.addOns).map(([name, row]) => [name, rowApplication(name, row, props)]),
  );
}

function rowApplication(name: string, row: AddOn, props: AddOnsProps): Application {
  const { chart, repository, version, namespace, values = {}, wave = 0 } = row;
  const { partOf, owner, cluster, notify } = props;
  return {
    apiVersion: ARGO_CD,
    kind: "Application",
    metadata: {
      name: `${props.name}-${name}`,
      namespace: props.namespace,
      labels: labels({ name, partOf, owner, component: "add-on" }),
      annotations: {
        ...COMPARED_ON_SERVER,
        ...(notify === true ? subscriptions() : {}),
        ...(wave === 0 ? {} : { "argocd.argoproj.io/sync-wave": String(wave) }),
        "argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm",
      },
    },
    spec: {
      project: props.name,
      source: {
        repoURL: repository,
        chart,
        targetRevision: version,
        helm: { releaseName: name, valuesObject: values },
      },
      destination: { ...destinationOf(cluster ?? {}), namespace },
      // The engine has made Argo CD's own namespace.
      syncPolicy: syncPolicy(namespace === props.namespace ? [] : ["CreateNamespace=true"]),
    },
  };
}
