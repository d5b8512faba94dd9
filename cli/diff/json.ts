import { isSecretPath } from "../secret-values.ts";
import type { FieldChange } from "./fields.ts";
import { pathText } from "./fields.ts";
import type { Diff } from "./report.ts";

/** The comparison for programs: everything, nothing left out but the values of secrets. */
export function json(diff: Diff): string {
  const environments = diff.environments.map(({ objects, ...rest }) => ({
    ...rest,
    objects: objects.map(({ what, component, before, after, fields, renamed }) => {
      const { kind = "", apiVersion = "", metadata } = after ?? before ?? {};
      return {
        what,
        component,
        apiVersion,
        kind,
        namespace: metadata?.namespace ?? null,
        name: metadata?.name ?? "",
        ...(renamed ? { nameBefore: before?.metadata.name } : {}),
        fields: fields.map((field) => shown(kind, field)),
      };
    }),
  }));
  return JSON.stringify({ ...diff, environments }, null, 2);
}

function shown(kind: string, field: FieldChange): object {
  const path = pathText(field.path);
  return isSecretPath(kind, field.path) ? { path, secret: true } : { ...field, path };
}
