import type { KubernetesObject } from "../core/object.ts";

// What the Kubernetes provider reads of an object; nobody else does.
// https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/

/** The engine does not wait until the object is ready. */
export const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" } as const;
/** Fields that another applied are taken over. */
export const PATCH_FORCE = { "pulumi.com/patchForce": "true" } as const;

/** An object with annotations that it does not have yet. */
export function annotated(object: KubernetesObject, more: Readonly<Record<string, string>>): KubernetesObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...more, ...metadata.annotations } } };
}
