import type * as pulumi from "@pulumi/pulumi";
import type { ForeignFields } from "../core/foreign-fields.ts";
import type { KubernetesObject } from "../core/object.ts";
import { inside } from "../core/plain.ts";
import { annotated, PATCH_FORCE, SKIP_AWAIT } from "./annotations.ts";

/** What the engine must be told of an object that others write to as well. */
export interface Shared {
  /** The object with annotations for the provider. */
  readonly object: KubernetesObject;
  /** Fields that the engine leaves as they are. */
  readonly ignoreChanges: readonly string[];
}

/** Pointers of the fields that others write, by object. */
export type Foreign = ReadonlyMap<KubernetesObject, readonly string[]>;

export function foreignByObject(fields: readonly ForeignFields[]): Foreign {
  const byObject = new Map<KubernetesObject, readonly string[]>();
  for (const { object, pointers } of fields) byObject.set(object, [...(byObject.get(object) ?? []), ...pointers]);
  return byObject;
}

/**
 * A field of its own is left out of what the provider applies. A list is one field to the API server: were the routes
 * left out, no change to one would ever arrive. So it is applied by force when the user changes it, and whoever writes the
 * weights writes them again.
 * https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
 */
export function shared(object: KubernetesObject, pointers: readonly string[]): Shared {
  const inList = pointers.filter((pointer) => endsInList(object, pointer));
  const alone = pointers.filter((pointer) => !inList.includes(pointer));
  const annotations = {
    ...(inList.length > 0 || saysReplicas(object, alone) ? PATCH_FORCE : {}),
    // Its pods are made by a controller that may come later; the engine would wait for them before it goes on.
    ...(object.kind === "Service" && alone.includes("/spec/selector") ? SKIP_AWAIT : {}),
  };
  return {
    object: Object.keys(annotations).length === 0 ? object : annotated(object, annotations),
    ignoreChanges: alone.map((pointer) => keysOf(pointer).join(".")),
  };
}

/** A number that is said here may last have been written by an autoscaler that is gone, or by hand; it is ours again. */
function saysReplicas(object: KubernetesObject, foreign: readonly string[]): boolean {
  return inside(object, "spec", "replicas") !== undefined && !foreign.includes("/spec/replicas");
}

/** What is said of a child, with what the engine must leave alone. */
export function leaving(
  options: pulumi.CustomResourceOptions,
  ignoreChanges: readonly string[],
): pulumi.CustomResourceOptions {
  if (ignoreChanges.length === 0) return options;
  return { ...options, ignoreChanges: [...(options.ignoreChanges ?? []), ...ignoreChanges] };
}

function endsInList(object: KubernetesObject, pointer: string): boolean {
  const keys = keysOf(pointer);
  return keys.some((_, index) => Array.isArray(inside(object, ...keys.slice(0, index + 1))));
}

/** The words of a JSON pointer. https://www.rfc-editor.org/rfc/rfc6901 */
function keysOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((word) => word.replaceAll("~1", "/").replaceAll("~0", "~"));
}
