import * as z from "zod";
import { ownerIn } from "../core/delivery.ts";
import type { Environment, Member } from "../core/environment.ts";
import { Faults } from "../core/fault.ts";
import { type ForeignFields, foreignFields } from "../core/foreign-fields.ts";
import type { KubernetesObject, Objects } from "../core/object.ts";
import { checkShape, labelValue, maybe, namespaceName, recordOf, strict } from "../core/shape.ts";
import { type AddOn, addOnApplications, addOns } from "./add-ons.ts";
import { annotated } from "./annotated.ts";
import { type AppProjectProps, appProject, kindShape } from "./app-project.ts";
import { applicationSet, type DeliveredComponent } from "./application-set.ts";
import { clusterKinds, namespacedKinds } from "./kinds.ts";
import { deliveryNotifications } from "./notifications.ts";
import {
  type Cluster,
  checkLogin,
  clusterShape,
  type GitSource,
  repositoryFolder,
  repositoryUrl,
  revisionName,
} from "./source.ts";

/** How an environment is delivered by Argo CD. */
export interface GitopsProps extends GitSource {
  /** Argo CD's own namespace. */
  readonly namespace: string;
  readonly partOf: string;
  /** The team that owns what names no other owner. */
  readonly owner: string;
  /** Folder with a folder for each environment. @default "deploy" */
  readonly folder?: string;
  /** Region -> its cluster. @default one, the cluster that Argo CD runs in */
  readonly regions?: Readonly<Record<string, Cluster>>;
  /** Team -> bounds other than what its components need, or {} for a team whose last component is going. @default what they need */
  readonly projects?: Readonly<Record<string, ProjectBounds>>;
  /** Every Alertmanager with its port: failed deliveries reach whom alerts reach. @default nobody is told */
  readonly alertmanagers?: readonly string[];
  /** The namespace that failed deliveries bear as alerts: that of the environment's alert routing. @default that of the component */
  readonly routedBy?: string;
  /** Name -> Helm chart. @default none */
  readonly addOns?: Readonly<Record<string, AddOn>>;
  /** What becomes of a component's objects when it is gone from the catalogue. @default "prune" */
  readonly whenRemoved?: "prune" | "keep";
}

/** What a team may deliver, where that is not to follow from its components. */
export type ProjectBounds = Partial<Pick<AppProjectProps, "repositories" | "namespaces" | "kinds" | "clusterKinds">>;

const boundsShape = strict<ProjectBounds>({
  repositories: maybe(z.array(z.string())),
  namespaces: maybe(z.array(z.string())),
  kinds: maybe(z.array(kindShape)),
  clusterKinds: maybe(z.array(kindShape)),
});

// Add-ons, regions and Alertmanagers are looked into by the components that they become part of.
const gitopsShape = strict<GitopsProps>({
  namespace: namespaceName,
  partOf: labelValue,
  owner: labelValue,
  repository: repositoryUrl,
  revision: maybe(revisionName),
  folder: maybe(repositoryFolder),
  regions: maybe(recordOf(clusterShape)),
  projects: maybe(recordOf(boundsShape)),
  alertmanagers: maybe(z.array(z.string())),
  routedBy: maybe(z.string()),
  addOns: maybe(z.record(z.string(), z.custom<AddOn>())),
  whenRemoved: maybe(z.enum(["prune", "keep"])),
});

/**
 * The environment as Argo CD delivers it: what stands in the repository bears waves and guards, and there are a project for
 * each team, an Application for each component and region, notifications and add-ons.
 * @throws FaultError with everything that is wrong with the props, and for components that bear one of its own names.
 */
export function gitops(environment: Environment, props: GitopsProps): Environment {
  const faults = new Faults("delivery");
  if (checkShape(faults, gitopsShape, props)) checkLogin(faults, "repository", props.repository);
  faults.check();
  const { namespace, partOf, owner, repository, revision, folder = "deploy", regions, whenRemoved } = props;
  const whole: Environment = { ...environment, delivery: "gitops" };
  const repositoryObjects = inRepository(whole);
  const teams = Map.groupBy(repositoryObjects, ([, objects]) => teamOf(objects, owner));
  const foreign = Map.groupBy(
    foreignFields(repositoryObjects.flatMap(([, objects]) => objects)),
    ({ object }) => object,
  );
  const notify = props.alertmanagers !== undefined;
  const projectOf = (team: string) => `${environment.name}-${team}`;
  const clusters = regions === undefined ? [{}] : Object.values(regions);
  const common = { namespace, partOf, repository, notify, ...(revision === undefined ? {} : { revision }) };

  const members: Record<string, Member> = {};
  for (const [name, member] of Object.entries(environment.members)) members[name] = delivered(whole, member);
  const add = (name: string, type: string, objects: Objects, own: Pick<Member, "owner"> = {}) => {
    if (Object.hasOwn(members, name))
      faults.add("", name, "but a component bears that name", "call the component otherwise");
    members[name] = { type: `fairlead:delivery:${type}`, objects, ...own };
  };
  // A team that has no component any more keeps its project by its name alone, until its Applications are gone.
  for (const team of new Set([...teams.keys(), ...Object.keys(props.projects ?? {})])) {
    const components = teams.get(team) ?? [];
    const bounds = {
      ...needed(
        repository,
        components.flatMap(([, objects]) => objects),
      ),
      ...props.projects?.[team],
    };
    add(
      `project-${team}`,
      "AppProject",
      appProject({ name: projectOf(team), namespace, partOf, owner: team, clusters, ...bounds }),
    );
  }
  const components = Object.fromEntries(
    repositoryObjects.map(([name, objects]): readonly [string, DeliveredComponent] => {
      const team = teamOf(objects, owner);
      return [
        name,
        { owner: team, project: projectOf(team), namespace: homeOf(objects), foreign: foreignOf(objects, foreign) },
      ];
    }),
  );
  const environments = { [environment.name]: { components, ...(regions === undefined ? {} : { regions }) } };
  add(
    "applications",
    "ApplicationSet",
    applicationSet({
      ...common,
      name: environment.name,
      owner,
      folder,
      environments,
      ...(whenRemoved === undefined ? {} : { whenRemoved }),
    }),
  );
  if (props.alertmanagers !== undefined) {
    const notifications = deliveryNotifications({
      name: "notifications",
      namespace,
      partOf,
      owner,
      alertmanagers: props.alertmanagers,
      ...(props.routedBy === undefined ? {} : { routedBy: props.routedBy }),
    });
    // Argo CD reads it before it can deliver anything.
    add("notifications", "DeliveryNotifications", notifications, { owner: "engine" });
  }
  if (props.addOns !== undefined) {
    const rows = {
      ...common,
      name: "add-ons",
      owner,
      folder: `${folder}/${environment.name}/add-ons`,
      addOns: props.addOns,
    };
    add("add-ons-above", "AddOns", addOns(rows));
    add("add-ons", "AddOnApplications", addOnApplications(rows), { owner: "repository" });
  }
  faults.check();
  return { ...whole, members };
}

/** Component -> its objects in the repository; those without any left out. */
function inRepository(environment: Environment): readonly (readonly [string, readonly KubernetesObject[]])[] {
  return Object.entries(environment.members).flatMap(([name, member]) => {
    const ownerOf = ownerIn(environment, member);
    const objects = Object.values(member.objects).filter((object) => ownerOf(object) === "repository");
    return objects.length === 0 ? [] : [[name, objects] as const];
  });
}

function delivered(environment: Environment, member: Member): Member {
  const ownerOf = ownerIn(environment, member);
  const notes = annotated(member.objects);
  const objects = Object.entries(member.objects).map(([role, object]) => [
    role,
    ownerOf(object) === "repository" ? (notes[role] ?? object) : object,
  ]);
  return { ...member, objects: Object.fromEntries(objects) };
}

function teamOf(objects: readonly KubernetesObject[], otherwise: string): string {
  for (const { metadata } of objects) {
    const owner = metadata.labels?.["fairlead.dev/owner"];
    if (owner !== undefined) return owner;
  }
  return otherwise;
}

function homeOf(objects: readonly KubernetesObject[]): string {
  return objects.find(({ metadata }) => metadata.namespace !== undefined)?.metadata.namespace ?? "default";
}

function foreignOf(
  objects: readonly KubernetesObject[],
  foreign: ReadonlyMap<KubernetesObject, readonly ForeignFields[]>,
): readonly ForeignFields[] {
  return objects.flatMap((object) => foreign.get(object) ?? []);
}

/** What a team's objects need of its project, and no more. */
function needed(repository: string, objects: readonly KubernetesObject[]): Required<ProjectBounds> {
  const inside = objects.filter(({ metadata }) => metadata.namespace !== undefined);
  const outside = objects.filter(({ metadata }) => metadata.namespace === undefined);
  return {
    repositories: [repository],
    namespaces: [...new Set(inside.flatMap(({ metadata }) => metadata.namespace ?? []))].sort(),
    kinds: namespacedKinds(inside),
    clusterKinds: clusterKinds(outside),
  };
}
