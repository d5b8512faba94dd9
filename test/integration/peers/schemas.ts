import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "../../../components/index.ts";
import { clusterApi, readKubeconfig } from "../../../toolchain/cluster-api.ts";

/** A schema as the API server publishes it: OpenAPI's dialect of JSON Schema. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-group-version-kind"?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
  readonly [key: string]: unknown;
}

/**
 * Writes a strict JSON schema for each kind, from the API server's own OpenAPI, which includes its CRDs.
 * @returns what kubeconform takes as -schema-location
 */
export async function writeSchemas(
  kubeconfig: string,
  kinds: Iterable<KubernetesObject>,
  folder: string,
): Promise<string> {
  const { definitions } = (await clusterApi(readKubeconfig(kubeconfig))("/openapi/v2", { timeout: 60_000 })) as {
    readonly definitions: Readonly<Record<string, Schema>>;
  };
  const byKind = new Map<string, Schema>();
  for (const schema of Object.values(definitions)) {
    for (const { group, version, kind } of schema["x-kubernetes-group-version-kind"] ?? [])
      byKind.set(`${group}/${version}/${kind}`, schema);
  }
  mkdirSync(folder, { recursive: true });
  for (const { apiVersion, kind } of kinds) {
    const slash = apiVersion.indexOf("/");
    const group = slash < 0 ? "" : apiVersion.slice(0, slash);
    const version = apiVersion.slice(slash + 1);
    const schema = byKind.get(`${group}/${version}/${kind}`);
    if (schema === undefined) throw new Error(`the API server has no schema of ${apiVersion} ${kind}`);
    // As kubeconform spells it: the first word of the group.
    const file = [kind.toLowerCase(), ...(group === "" ? [] : [group.split(".")[0]]), version].join("-");
    writeFileSync(join(folder, `${file}.json`), JSON.stringify(strict(schema, definitions)));
  }
  return `${folder}/{{ .ResourceKind }}{{ .KindSuffix }}.json`;
}

/** References written out, and no property allowed that the schema does not name. */
function strict(schema: Schema, definitions: Readonly<Record<string, Schema>>): unknown {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace("#/definitions/", "");
    return strict(definitions[name] ?? {}, definitions);
  }
  if (schema["x-kubernetes-int-or-string"] === true || schema.format === "int-or-string")
    return { type: ["string", "integer"] };
  const { properties, items, additionalProperties } = schema;
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true || properties === undefined;
  return {
    ...(schema.type === undefined ? {} : { type: schema.type }),
    ...("enum" in schema ? { enum: schema["enum"] } : {}),
    ...("required" in schema ? { required: schema["required"] } : {}),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, inner]) => [name, strict(inner, definitions)]),
          ),
        }),
    ...(items === undefined ? {} : { items: strict(items, definitions) }),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: strict(additionalProperties, definitions) }
      : open
        ? {}
        : { additionalProperties: false }),
  };
}
