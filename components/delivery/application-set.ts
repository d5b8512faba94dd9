import * as z from "zod";
import type { ForeignFields } from "../core/foreign-fields.ts";
import { labels } from "../core/name.ts";
import type { Objects } from "../core/object.ts";
import {
  checked,
  checkShape,
  faultsOf,
  labelValue,
  maybe,
  namespaceName,
  objectName,
  partName,
  recordOf,
  strict,
} from "../core/shape.ts";
import { type ApplicationSet, ARGO_CD } from "./kind.ts";
import { subscriptions } from "./notifications.ts";
import {
  type Cluster,
  checkLogin,
  clusterShape,
  type GitSource,
  IN_CLUSTER,
  MAIN,
  repositoryFolder,
  repositoryUrl,
  revisionName,
} from "./source.ts";
import { COMPARED_ON_SERVER, ignored, syncPolicy } from "./sync-policy.ts";

/** An Application for each component, in each region of each environment. https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/ */
export interface ApplicationSetProps extends GitSource {
  readonly name: string;
  /** Argo CD's own namespace. */
  readonly namespace: string;
  readonly partOf?: string;
  /** The team that owns the set; each Application belongs to the owner of its component. */
  readonly owner: string;
  /** Folder with a folder for each environment. @default "deploy" */
  readonly folder?: string;
  readonly environments: Readonly<Record<string, DeliveredEnvironment>>;
  /**
   * What becomes of a component's objects when it is gone from here: pruned, but for what is guarded; or kept.
   * @default "prune"
   */
  readonly whenRemoved?: "prune" | "keep";
  /** Whether owners are told of what cannot be delivered: see deliveryNotifications. @default false */
  readonly notify?: boolean;
}

/** One environment: its clusters by region, and its components. */
export interface DeliveredEnvironment {
  /** @default one, the cluster that Argo CD runs in */
  readonly regions?: Readonly<Record<string, Cluster>>;
  readonly components: Readonly<Record<string, DeliveredComponent>>;
}

export interface DeliveredComponent {
  readonly owner: string;
  /** The AppProject that says what it may deliver. */
  readonly project: string;
  /** Where objects go that name no namespace. */
  readonly namespace: string;
  /** Fields of its objects that others write. @default none */
  readonly foreign?: readonly ForeignFields[];
}

export interface ApplicationSetObjects extends Objects {
  readonly applicationSet: ApplicationSet;
}

const regionsShape = checked(recordOf(clusterShape, partName), (regions) =>
  Object.keys(regions).length > 0
    ? undefined
    : ["but then nothing is delivered anywhere", "name a region, or leave it out"],
);

const componentShape = strict<DeliveredComponent>({
  owner: labelValue,
  project: objectName,
  namespace: namespaceName,
  foreign: maybe(z.custom<readonly ForeignFields[]>(Array.isArray)),
});

const applicationSetShape = strict<ApplicationSetProps>({
  name: objectName,
  namespace: namespaceName,
  partOf: maybe(z.string()),
  owner: labelValue,
  repository: repositoryUrl,
  revision: maybe(revisionName),
  folder: maybe(repositoryFolder),
  environments: recordOf(
    strict<DeliveredEnvironment>({ regions: maybe(regionsShape), components: recordOf(componentShape, partName) }),
    partName,
  ),
  whenRemoved: maybe(z.enum(["prune", "keep"])),
  notify: maybe(z.boolean()),
});

/**
 * Environments × regions × components, one Application each. A component whose owner changes keeps its Application, and so
 * its objects; one that is gone is pruned with it.
 * @throws FaultError with everything that is wrong with the props.
 */
export function applicationSet(props: ApplicationSetProps): ApplicationSetObjects {
  const faults = faultsOf(props, "applications");
  if (checkShape(faults, applicationSetShape, props)) checkLogin(faults, "repository", props.repository);
  faults.check();
  const { name, namespace, partOf, owner, repository, revision, whenRemoved, notify } = props;
  const elements = elementsOf(props);
  const set: ApplicationSet = {
    apiVersion: ARGO_CD,
    kind: "ApplicationSet",
    metadata: { name, namespace, labels: labels({ name, partOf, owner, component: "delivery" }) },
    spec: {
      goTemplate: true,
      goTemplateOptions: ["missingkey=error"],
      generators: [{ list: { elements } }],
      syncPolicy: { applicationsSync: "sync", preserveResourcesOnDeletion: whenRemoved === "keep" },
      template: {
        metadata: {
          name: "{{.name}}",
          labels: {
            ...labels({ name: "{{.component}}", partOf, owner: "{{.owner}}", component: "delivery" }),
            "fairlead.dev/environment": "{{.environment}}",
            "fairlead.dev/region": "{{.region}}",
          },
          annotations: { ...COMPARED_ON_SERVER, ...(notify === true ? subscriptions() : {}) },
        },
        spec: {
          project: "{{.project}}",
          source: {
            repoURL: repository,
            targetRevision: revision ?? MAIN,
            path: "{{.path}}",
            directory: { recurse: true },
          },
          // One of the two is empty, which counts as absent.
          destination: { server: "{{.server}}", name: "{{.cluster}}", namespace: "{{.namespace}}" },
          syncPolicy: syncPolicy(),
        },
      },
      // A list cannot be templated in place: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Template/#template-patch
      ...(elements.some((one) => one.ignoreDifferences.length > 0)
        ? { templatePatch: "spec:\n  ignoreDifferences: {{ toJson .ignoreDifferences }}\n" }
        : {}),
    },
  };
  return { applicationSet: set };
}

function elementsOf({ folder = "deploy", environments }: ApplicationSetProps) {
  return Object.entries(environments).flatMap(([environment, { regions = { [HOME]: {} }, components }]) => {
    const several = Object.keys(regions).length > 1;
    return Object.entries(regions).flatMap(([region, { server, name: cluster }]) =>
      Object.entries(components).map(([component, { owner, project, namespace, foreign = [] }]) => ({
        name: [environment, component, ...(several ? [region] : [])].join("-"),
        environment,
        region,
        component,
        owner,
        project,
        path: `${folder}/${environment}/${component}`,
        server: cluster === undefined ? (server ?? IN_CLUSTER) : "",
        cluster: cluster ?? "",
        namespace,
        ignoreDifferences: ignored(foreign),
      })),
    );
  });
}

/** What the only region is called. */
const HOME = "home";
