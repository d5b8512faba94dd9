import { setTimeout as sleep } from "node:timers/promises";
import { nearest } from "../components/core/fault.ts";
import { type ClusterApi, clusterApi, readKubeconfig } from "./cluster-api.ts";
import { CRD_FILES, type CrdEntry, type CrdFile } from "./crd-files.ts";
import { CRD_SOURCES, type CrdSource } from "./crd-sources.ts";
import { contentsOf } from "./crd-store.ts";
import { type ToolchainOptions, workshop } from "./ensure.ts";
import { reasonOf, ToolchainError } from "./failure.ts";

/** A kind as an object names it. */
export interface KindReference {
  /** Such as "monitoring.coreos.com/v1". */
  readonly apiVersion: string;
  /** Such as "ServiceMonitor". */
  readonly kind: string;
}

/** A CustomResourceDefinition and where it comes from. */
export interface CrdDocument {
  /** Such as "servicemonitors.monitoring.coreos.com". */
  readonly name: string;
  readonly addOn: string;
  /** SHA-256 of the file that it is from, and its place in it. */
  readonly sum: string;
  readonly entry: CrdEntry;
  /** The definition as its publisher wrote it. */
  readonly definition: CustomResourceDefinition;
}

/** What is looked at in a definition; the rest goes through untouched. */
interface CustomResourceDefinition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What an installation did. */
export interface InstalledCrds {
  /** Names that were made or changed. */
  readonly applied: readonly string[];
  /** Names that were there already. */
  readonly present: readonly string[];
}

/** Groups of the API server itself; their kinds need no CRD. */
const BUILT_IN = new Set([
  "",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
]);

interface Known {
  readonly source: CrdSource;
  readonly file: CrdFile;
  readonly entry: CrdEntry;
}

/** The known definitions of the given kinds, without those of the API server itself. Throws one ToolchainError for all unknown kinds. */
export function findCrds(kinds: Iterable<KindReference>): readonly Known[] {
  const all = CRD_SOURCES.flatMap((source) =>
    (CRD_FILES[`${source.module}@${source.version}`] ?? []).flatMap((file) =>
      file.crds.map((entry): Known => ({ source, file, entry })),
    ),
  );
  const found = new Map<string, Known>();
  const unknown = new Set<string>();
  for (const { apiVersion, kind } of kinds) {
    const [group, version] = groupAndVersion(apiVersion);
    if (BUILT_IN.has(group)) continue;
    const known = all.find(({ entry }) => entry.group === group && entry.kind === kind);
    if (known?.entry.versions.includes(version) === true) found.set(nameOf(known.entry), known);
    else
      unknown.add(
        unknownKind(
          { apiVersion, kind },
          known?.entry,
          all.map((one) => one.entry),
        ),
      );
  }
  if (unknown.size > 0) throw new ToolchainError([...unknown].join("\n"));
  return [...found.values()];
}

function groupAndVersion(apiVersion: string): readonly [group: string, version: string] {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

function nameOf(entry: CrdEntry): string {
  return `${entry.plural}.${entry.group}`;
}

function unknownKind(
  { apiVersion, kind }: KindReference,
  known: CrdEntry | undefined,
  all: readonly CrdEntry[],
): string {
  const found = `no CustomResourceDefinition is known for ${apiVersion} ${kind}`;
  if (known !== undefined)
    return `${found}; it is served as ${known.versions.map((one) => `${known.group}/${one}`).join(", ")}`;
  const near = nearest(
    `${apiVersion} ${kind}`,
    all.flatMap((entry) => entry.versions.map((version) => `${entry.group}/${version} ${entry.kind}`)),
  );
  return near === undefined ? `${found}; toolchain/crd-sources.ts has the add-ons` : `${found}; did you mean ${near}?`;
}

/** The definitions of the given kinds, from the cache, the add-on's repository or its Go module. Throws a ToolchainError. */
export async function crdDocuments(
  kinds: Iterable<KindReference>,
  options: ToolchainOptions = {},
): Promise<readonly CrdDocument[]> {
  const wanted = findCrds(kinds);
  if (wanted.length === 0) return [];
  const shop = workshop(options);
  const contents = new Map<CrdFile, readonly unknown[]>();
  for (const source of new Set(wanted.map((one) => one.source))) {
    const files = new Set(wanted.filter((one) => one.source === source).map((one) => one.file));
    for (const [file, content] of await contentsOf(source, [...files], shop)) contents.set(file, content);
  }
  return wanted.map(({ source, file, entry }) => ({
    name: nameOf(entry),
    addOn: source.addOn,
    sum: `${file.sha256}-${entry.document}`,
    entry,
    definition: contents.get(file)?.[entry.document] as CustomResourceDefinition,
  }));
}

/**
 * Sees to it that the API server knows the given kinds. Definitions that are there in the same version are left alone.
 * Throws a ToolchainError for unknown kinds and for definitions that cannot be had.
 */
export async function installCrds(
  kubeconfig: string,
  kinds: Iterable<KindReference>,
  options: ToolchainOptions = {},
): Promise<InstalledCrds> {
  const documents = await crdDocuments(kinds, options);
  if (documents.length === 0) return { applied: [], present: [] };
  const api = clusterApi(readKubeconfig(kubeconfig));
  const there = await installedSums(api);
  const missing = documents.filter((one) => there.get(one.name) !== one.sum);
  if (missing.length > 0) {
    const activity = options.report?.begin(`installing ${missing.length} CRDs`);
    try {
      await eachOf(missing, AT_ONCE, (one) => apply(api, one));
      await eachOf(missing, AT_ONCE, (one) => served(api, one));
    } catch (error) {
      activity?.end("failed");
      throw new ToolchainError(`the CRDs could not be installed: ${reasonOf(error)}`);
    }
    activity?.end("done");
  }
  const applied = missing.map((one) => one.name);
  return { applied, present: documents.map((one) => one.name).filter((name) => !applied.includes(name)) };
}

/** Requests under way at the same time. */
const AT_ONCE = 4;

/** Longest that the API server may take to serve a definition that it has accepted, in milliseconds. */
const SERVED_WITHIN = 60_000;

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const SUM = "fairlead.dev/crd-sum";

async function installedSums(api: ClusterApi): Promise<ReadonlyMap<string, string | undefined>> {
  // Names and annotations only: the definitions themselves are megabytes.
  const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  const list = (await api(DEFINITIONS, { accept })) as {
    readonly items: readonly Pick<CustomResourceDefinition, "metadata">[] | null;
  };
  return new Map((list.items ?? []).map(({ metadata }) => [metadata.name, metadata.annotations?.[SUM]]));
}

async function apply(api: ClusterApi, { name, sum, definition }: CrdDocument): Promise<void> {
  // Add-ons convert between versions by webhook, and none of them runs in the embedded cluster to answer it.
  const { conversion: _, ...spec } = definition.spec;
  const { annotations } = definition.metadata;
  const { apiVersion, kind } = definition;
  const body = { apiVersion, kind, metadata: { name, annotations: { ...annotations, [SUM]: sum } }, spec };
  const path = `${DEFINITIONS}/${name}?fieldManager=fairlead&force=true`;
  await api(path, { method: "PATCH", body, contentType: "application/apply-patch+yaml", timeout: 30_000 });
}

/** Waits until discovery lists the kind in each of its versions: only then an object of it can be made. */
async function served(api: ClusterApi, { name, entry }: CrdDocument): Promise<void> {
  const deadline = Date.now() + SERVED_WITHIN;
  const waiting = new Set(entry.versions);
  for (;;) {
    for (const version of waiting) {
      const list = (await api(`/apis/${entry.group}/${version}`).catch(() => ({}))) as {
        readonly resources?: readonly { readonly name: string }[];
      };
      if (list.resources?.some((one) => one.name === entry.plural) === true) waiting.delete(version);
    }
    if (waiting.size === 0) return;
    if (Date.now() > deadline) throw new ToolchainError(`${name} was accepted, but is not served`);
    await sleep(50);
  }
}

async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
