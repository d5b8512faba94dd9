import type { JsonPatch } from "../cluster-reader.ts";

/** Who owns which fields of an object. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly fieldsV1?: FieldSet;
}
interface FieldSet {
  readonly [field: string]: FieldSet;
}

/** Controllers write what nobody declares: their fields stay theirs. */
const CONTROLLERS = /^kube-/;

/**
 * Hands the fields that kubectl, Helm and the like own to the engine, under the name that its state has for the object.
 * Otherwise an update would stop at the first conflict, and what the component no longer has would stay for ever.
 * Undefined where there is nothing to hand over.
 */
export function handOver(object: unknown, manager: string): JsonPatch | undefined {
  const metadata: unknown = Reflect.get(Object(object), "metadata");
  const version: unknown = Reflect.get(Object(object), "apiVersion");
  const found: unknown = Reflect.get(Object(metadata), "managedFields");
  const entries: readonly ManagedFields[] = Array.isArray(found) ? found : [];
  const taken = entries.filter((one) => one.subresource === undefined && !CONTROLLERS.test(one.manager));
  if (taken.every((one) => one.manager === manager)) return undefined;
  const fields = taken
    .filter(({ apiVersion }) => apiVersion === version)
    .reduce<FieldSet>((all, { fieldsV1 = {} }) => union(all, fieldsV1), {});
  const own = {
    manager,
    operation: "Apply",
    apiVersion: version,
    fieldsType: "FieldsV1",
    fieldsV1: withoutReplicas(fields),
  };
  const value = [...entries.filter((one) => !taken.includes(one)), own];
  return [
    { op: "replace", path: "/metadata/managedFields", value },
    // Refused when somebody has changed the object since it was read.
    { op: "replace", path: "/metadata/resourceVersion", value: Reflect.get(Object(metadata), "resourceVersion") },
  ];
}

function union(one: FieldSet, other: FieldSet): FieldSet {
  const all: Record<string, FieldSet> = { ...one };
  for (const [field, inner] of Object.entries(other)) all[field] = union(all[field] ?? {}, inner);
  return all;
}

/** Were they owned, an apply that leaves them to an autoscaler would take them away: one pod until it has looked again. */
function withoutReplicas(fields: FieldSet): FieldSet {
  const { "f:spec": spec, ...rest } = fields;
  if (spec === undefined) return fields;
  const { "f:replicas": _, ...others } = spec;
  return { ...rest, "f:spec": others };
}
