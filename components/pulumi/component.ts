import * as pulumi from "@pulumi/pulumi";
import { type ForeignFields, foreignFields } from "../core/foreign-fields.ts";
import type { KubernetesObject, Objects } from "../core/object.ts";
import { annotated, SKIP_AWAIT } from "./annotations.ts";
import { foreignByObject, leaving, shared } from "./foreign.ts";
import { inOrder, rolesBefore } from "./order.ts";
import { type ResourceOf, resourceOf } from "./resource.ts";
import { readyWithPods } from "./wait.ts";

/** The roles that a component names; its index signature, which every record of objects has, says nothing of them. */
type Named<O extends Objects> = {
  readonly [R in keyof O as string extends R ? never : R]: Exclude<O[R], undefined> extends KubernetesObject
    ? ResourceOf<Exclude<O[R], undefined>>
    : never;
};

/** What a component made: role -> the engine's resource. Optional roles stay optional; unnamed ones are of any class. */
export type ResourcesOf<O extends Objects> = keyof Named<O> extends never
  ? Readonly<Record<string, pulumi.CustomResource>>
  : Named<O>;

/** Options of one child, laid over its own; or a function that is given its own and returns what they shall be. */
export type RoleOptions =
  | pulumi.CustomResourceOptions
  | ((defaults: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions);

/**
 * Pulumi's options, with Pulumi's meaning: providers, protect, transforms and aliases reach the children through the
 * component; dependsOn and retainOnDelete, which Pulumi does not hand down, are given to each child.
 */
export interface ComponentOptions<O extends Objects = Objects> extends pulumi.ComponentResourceOptions {
  /** Options for single children: ignoreChanges, customTimeouts, import, … @default none */
  readonly roles?: { readonly [R in keyof O]?: RoleOptions };
  /** Roles that had another name before, new -> old: the child keeps its identity and is not replaced. @default none */
  readonly renamedRoles?: Readonly<Record<string, string>>;
  /** Fields of the objects that others write, such as replicas under an autoscaler. @default what the objects themselves tell */
  readonly foreign?: readonly ForeignFields[];
}

/** A component of the engine: its objects as children named `<name>-<role>`. */
export class Component<O extends Objects = Objects> extends pulumi.ComponentResource {
  /** Role -> resource. */
  readonly objects: ResourcesOf<O>;

  /**
   * @param type The engine's name for this kind of component, `<package>:<module>:<Type>`. Part of every child's identity.
   * @param name Unique among components of the type. Part of every child's identity.
   */
  constructor(type: string, name: string, objects: O, options: ComponentOptions<O> = {}) {
    const { roles, renamedRoles, foreign = foreignFields(Object.values(objects)), ...own } = options;
    super(type, name, {}, own);
    const others = foreignByObject(foreign);
    const ready = readyWithPods(objects);
    const made: Record<string, pulumi.CustomResource> = {};
    const before = rolesBefore(objects);
    for (const role of inOrder(before)) {
      const object: KubernetesObject | undefined = objects[role];
      if (object === undefined) continue;
      const first = (before.get(role) ?? []).flatMap((other) => made[other] ?? []);
      const oldRole = renamedRoles?.[role];
      const told = shared(object, others.get(object) ?? []);
      const defaults: pulumi.CustomResourceOptions = {
        parent: this,
        dependsOn: dependencies(own.dependsOn, first),
        ...(own.retainOnDelete === undefined ? {} : { retainOnDelete: own.retainOnDelete }),
        ...(oldRole === undefined ? {} : { aliases: [{ name: `${name}-${oldRole}` }] }),
      };
      made[role] = resourceOf(
        `${name}-${role}`,
        ready.has(object) ? annotated(told.object, SKIP_AWAIT) : told.object,
        withRole(leaving(defaults, told.ignoreChanges), roles?.[role]),
      );
    }
    // The one place where the record that was made meets the type that the objects promise.
    this.objects = made as ResourcesOf<O>;
    this.registerOutputs({ objects: Object.fromEntries(Object.entries(made).map(([role, { urn }]) => [role, urn])) });
  }
}

function withRole(defaults: pulumi.CustomResourceOptions, own: RoleOptions | undefined): pulumi.CustomResourceOptions {
  if (own === undefined) return defaults;
  return typeof own === "function" ? own(defaults) : pulumi.mergeOptions(defaults, own);
}

export type DependsOn = NonNullable<pulumi.ResourceOptions["dependsOn"]>;

/** What was asked to come first, and what must. */
export function dependencies(given: DependsOn | undefined, first: readonly pulumi.Resource[]): DependsOn {
  if (given === undefined) return [...first];
  if (first.length === 0) return given;
  return pulumi.output(given).apply((one) => [...(Array.isArray(one) ? one : [one]), ...first]);
}
