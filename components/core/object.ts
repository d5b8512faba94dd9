import type { Output } from "@pulumi/pulumi";

/** A value that may not be known until the engine runs. Components pass a leaf on; they never look inside one. */
export type Leaf<T> = T | Output<T>;

type Primitive = string | number | boolean | bigint | null | undefined;

/** A Kubernetes type whose every primitive may also be an Output, and which nobody may write to. */
export type Manifest<T> = [T] extends [Primitive]
  ? Leaf<T>
  : T extends readonly (infer E)[]
    ? readonly Manifest<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Manifest<T[K]> }
      : T;

/** What identifies an object and what is selected by: plain data, never a leaf. */
export interface Metadata {
  readonly name: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Any Kubernetes object, as an adapter sees it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

/** A Kubernetes object of a known type: `Resource<IDeployment>`. */
export type Resource<T extends { readonly apiVersion: string; readonly kind: string }> = {
  readonly apiVersion: T["apiVersion"];
  readonly kind: T["kind"];
  readonly metadata: Metadata;
} & Manifest<Omit<T, "apiVersion" | "kind" | "metadata" | "status">>;

/** What a component yields: role -> object. Roles are stable; an optional part that is not wanted is an absent role. */
export type Objects = Readonly<Record<string, KubernetesObject>>;

type Present<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out every property whose value is undefined, so that optional parts are absent and never empty. */
export function present<T extends object>(parts: T): Present<T> {
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(parts) as (keyof T & string)[]) {
    const value = parts[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept as Present<T>;
}

/** Whether a value is an Output of the engine. Told by its mark, so that no engine needs to be loaded. */
export function isOutput(value: unknown): value is Output<unknown> {
  return typeof value === "object" && value !== null && "__pulumiOutput" in value && value.__pulumiOutput === true;
}

/** The API group; empty for the core's. */
export function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, Math.max(0, apiVersion.indexOf("/")));
}

/** What is one in a cluster: two objects with the same identity are the same object. */
export function identity(object: KubernetesObject): string {
  const group = groupOf(object.apiVersion);
  return `${object.kind}${group === "" ? "" : `.${group}`} ${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
