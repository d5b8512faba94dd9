import * as z from "zod";
import { contentHash } from "../core/content-hash.ts";
import type { Faults } from "../core/fault.ts";
import type { ConfigMap, Volume } from "../core/kind.ts";
import { checked, maybe, recordOf, strict } from "../core/shape.ts";
import { toYamlValue } from "../core/yaml-text.ts";

/** Settings as plain data: what a YAML or JSON file may hold. */
export type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | ConfigTree;
export interface ConfigTree {
  readonly [key: string]: ConfigValue;
}

/** A configuration file of a service. Its name's ending says how data is written: .yaml, .yml or .json; text is kept as it is. */
export interface ConfigFile {
  /** The defaults, the same in every environment. */
  readonly content: string | ConfigTree;
  /** Laid over the content in their order: file, then environment. Objects are merged, everything else is replaced. */
  readonly layers?: readonly ConfigTree[];
  /** Changes reach the running pods without a roll; the program must watch the file. @default false: a change rolls the pods */
  readonly reload?: boolean;
}

/** File name -> file. */
export type ConfigFiles = Readonly<Record<string, ConfigFile>>;

const configValue: z.ZodType<ConfigValue> = z.json() as z.ZodType<ConfigValue>;
export const configTreeShape = z.record(z.string(), configValue) as z.ZodType<ConfigTree>;

const fileName = checked(z.string(), (name) =>
  /^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/.test(name)
    ? undefined
    : [
        "but a file name here has letters, digits, dots, hyphens and underscores only and begins with no two dots",
        'use for example "order.yaml"',
      ],
);

export const configShape: z.ZodType<ConfigFiles> = recordOf(
  strict<ConfigFile>({
    content: z.union([z.string(), configTreeShape]),
    layers: maybe(z.array(configTreeShape)),
    reload: maybe(z.boolean()),
  }),
  fileName,
);

const variableName = checked(z.string(), (name) =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    ? undefined
    : [
        "but a variable's name has letters, digits and underscores only",
        `use "${name
          .replace(/\W/g, "_")
          .replace(/^(?=\d|$)/, "_")
          .toUpperCase()}"`,
      ],
);

/** Variables by name, each with a value of one schema. */
export function variablesOf<T>(value: z.ZodType<T>): z.ZodType<Readonly<Record<string, T>>> {
  return recordOf(value, variableName);
}

export const variablesShape = variablesOf(z.string());

/** ConfigMaps and Secrets hold one mebibyte at most. https://kubernetes.io/docs/concepts/configuration/configmap/ */
const LARGEST = 2 ** 20;

/** What a pod needs to know of its configuration. */
export interface Configuration {
  /** Files that roll the pods: immutable, named by content. */
  readonly files?: ConfigMap;
  /** Files that are reloaded while running: one name, changing content. */
  readonly reloaded?: ConfigMap;
  /** Variables: immutable, named by content. */
  readonly variables?: ConfigMap;
}

/** Names that ConfigMaps keep from before they belonged to a component. Their content may change under that name. */
export interface KeptConfigNames {
  readonly config?: string;
  readonly configReloaded?: string;
  readonly variables?: string;
}

/** Facts that name the ConfigMaps of one component. */
export interface ConfigOwner {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The ConfigMaps for files and variables; a part that has no content is absent. */
export function configuration(
  owner: ConfigOwner,
  files: ConfigFiles = {},
  variables: Readonly<Record<string, string>> = {},
  kept: KeptConfigNames = {},
): Configuration {
  const texts = (reload: boolean) =>
    Object.fromEntries(
      Object.entries(files)
        .filter(([, file]) => (file.reload ?? false) === reload)
        .map(([name, file]) => [name, configText(name, file)]),
    );
  const rolled = texts(false);
  const reloaded = texts(true);
  return {
    ...(Object.keys(rolled).length === 0 ? {} : { files: named(owner, "config", rolled, kept.config) }),
    ...(Object.keys(reloaded).length === 0
      ? {}
      : { reloaded: configMap(owner, kept.configReloaded ?? `${owner.name}-config-reloaded`, reloaded) }),
    ...(Object.keys(variables).length === 0 ? {} : { variables: named(owner, "variables", variables, kept.variables) }),
  };
}

function named(
  owner: ConfigOwner,
  part: string,
  data: Readonly<Record<string, string>>,
  kept: string | undefined,
): ConfigMap {
  if (kept !== undefined) return configMap(owner, kept, data);
  return { ...configMap(owner, `${owner.name}-${part}-${contentHash(data)}`, data), immutable: true };
}

function configMap(owner: ConfigOwner, name: string, data: Readonly<Record<string, string>>): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: owner.namespace, labels: owner.labels },
    data,
  };
}

/** The file as text: its content with every layer laid over it. */
export function configText(name: string, file: ConfigFile): string {
  if (typeof file.content === "string") return file.content;
  const merged = (file.layers ?? []).reduce<ConfigTree>(overlaid, file.content);
  return name.endsWith(".json") ? `${JSON.stringify(sorted(merged), null, 2)}\n` : toYamlValue(merged);
}

/** With sorted keys, as YAML is written too: the order in which settings are laid over each other must not roll pods. */
function sorted(value: ConfigValue): ConfigValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}

function isTree(value: ConfigValue | undefined): value is ConfigTree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One layer over another: objects are merged key by key, everything else is replaced. */
export function overlaid(base: ConfigTree, layer: ConfigTree): ConfigTree {
  const merged: Record<string, ConfigValue> = { ...base };
  for (const [key, value] of Object.entries(layer)) {
    const below = merged[key];
    merged[key] = isTree(value) && isTree(below) ? overlaid(below, value) : value;
  }
  return merged;
}

/** What rolls the pods when a ConfigMap that kept its name changes: a hash of the content, which others bear in their name. */
export function keptConfigHash({ files, variables }: Configuration): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const map of [files, variables]) {
    if (map === undefined || map.immutable === true) continue;
    for (const [key, text] of Object.entries(map.data ?? {})) kept[`${map.metadata.name}/${key}`] = String(text);
  }
  return Object.keys(kept).length === 0 ? {} : { "fairlead.dev/config-hash": contentHash(kept) };
}

/** Where the files stand in the container: one read-only folder for both kinds. */
export function configVolume(config: Configuration): Volume | undefined {
  const sources = [config.files, config.reloaded].flatMap((map) =>
    map === undefined ? [] : [{ configMap: { name: map.metadata.name } }],
  );
  return sources.length === 0 ? undefined : { name: "config", projected: { sources } };
}

/** Notes files that cannot be written as their name says, layers over text, and content too large for a ConfigMap. */
export function checkConfig(faults: Faults, files: ConfigFiles = {}): void {
  // Files that roll and files that are reloaded stand in a ConfigMap each.
  const sizes = { rolled: 0, reloaded: 0 };
  const small = isSmall(files);
  for (const [name, file] of Object.entries(files)) {
    const path = `config.${name}`;
    if (typeof file.content === "string" && (file.layers ?? []).length > 0) {
      faults.add(
        `${path}.layers`,
        file.layers,
        "but text cannot be laid over",
        "write the content as an object, or leave out layers",
      );
    }
    if (typeof file.content !== "string" && !/\.(ya?ml|json)$/.test(name)) {
      faults.add(
        path,
        name,
        "but data can be written as YAML or JSON only",
        "end the name in .yaml or .json, or give the content as text",
      );
      continue;
    }
    if (!small) sizes[file.reload === true ? "reloaded" : "rolled"] += Buffer.byteLength(configText(name, file));
  }
  const size = Math.max(sizes.rolled, sizes.reloaded);
  if (size > LARGEST) {
    faults.add(
      "config",
      `${size} bytes`,
      `but a ConfigMap holds ${LARGEST} bytes at most`,
      "move large files into the image or a volume",
    );
  }
}

/**
 * Whether files surely fit, told without writing them: of n characters of JSON no text has more than n lines, nor a line more
 * than 2n spaces before it and six characters for each.
 */
function isSmall(files: ConfigFiles): boolean {
  return 8 * JSON.stringify(files).length ** 2 <= LARGEST;
}
