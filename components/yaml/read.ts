import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type ScalarTag,
  type Tags,
  visit,
  type YAMLError,
} from "yaml";
import { type Fault, FaultError } from "../core/fault.ts";
import { groupOf, identity, type KubernetesObject, type Objects } from "../core/object.ts";
import { roleWord } from "../core/role.ts";
import { type At, isRecord, objectFaults } from "./place.ts";

/** Where YAML comes from, for messages. */
export interface YamlSource {
  /** @default "YAML" */
  readonly file?: string;
}

/** An object with the place that it begins at. */
interface Read {
  readonly object: KubernetesObject;
  readonly place: string;
}

/**
 * YAML as objects, read as the API server's own tools read it: 0644 is octal, yes is true, a date is text. Lists are
 * taken apart, empty documents passed over. A role is kind and name (`configMap-settings`), with the namespace between
 * them only where two objects share both; so a role does not change when another object is added.
 * @throws FaultError with file, line and column of everything that is no YAML, no Kubernetes object, or there twice.
 */
export function fromYaml(text: string, source: YamlSource = {}): Objects {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${source.file ?? "YAML"}:${line}:${col}`;
  };
  const faults: Fault[] = [];
  const read: Read[] = [];
  const documents = parseAllDocuments(text, {
    version: "1.1",
    customTags: kubernetesTags,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
  });
  for (const document of documents) {
    const before = faults.length;
    for (const error of [...document.errors, ...document.warnings]) faults.push(syntaxFault(text, error, at));
    if (faults.length === before) faults.push(...valueFaults(document, at));
    if (faults.length === before) read.push(...documentObjects(document, at, faults));
  }
  faults.push(...doubled(read));
  if (faults.length > 0) throw new FaultError(faults);
  return byRole(read);
}

/** What Kubernetes' reader has beyond YAML 1.1: octal numbers as YAML 1.2 writes them. */
const octal: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => Number.parseInt(text.replace("0o", ""), 8),
};

/** YAML 1.1 without what Kubernetes' reader leaves out: times are text, and binary values have no place in JSON. */
function kubernetesTags(tags: Tags): Tags {
  const kept = tags.filter(
    (tag) =>
      typeof tag === "string" ||
      !(/:(?:timestamp|binary)$/.test(tag.tag) || ("format" in tag && tag.format === "TIME")),
  );
  return [octal, ...kept];
}

function syntaxFault(text: string, error: YAMLError, at: At): Fault {
  const component = at(error.pos[0]);
  switch (error.code) {
    case "DUPLICATE_KEY": {
      const [value = ""] = /^[^:\n]*/.exec(text.slice(error.pos[0])) ?? [];
      return {
        component,
        path: value.trim(),
        problem: "stands in this map a second time",
        remedy: "remove one of the two",
      };
    }
    case "TAG_RESOLVE_FAILED":
      return {
        component,
        path: "",
        problem: `has a tag without a meaning here: ${error.message}`,
        remedy: "remove the tag",
      };
    default:
      return { component, path: "", problem: `is no YAML: ${error.message}`, remedy: "correct what stands there" };
  }
}

/** Values that would be lost between the file and the API server. */
function valueFaults(document: Document.Parsed, at: At): readonly Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Node: (_, node) => {
      const component = at(node.range?.[0] ?? 0);
      if (isAlias(node) && node.resolve(document) === undefined) {
        const problem = "names an anchor that stands nowhere before it";
        faults.push({
          component,
          path: `*${node.source}`,
          problem,
          remedy: `write &${node.source} before what is meant`,
        });
      } else if (isScalar(node) && typeof node.value === "number" && !isExact(node.value, node.source)) {
        const problem = "but no number of JSON holds it exactly";
        faults.push({
          component,
          path: "",
          value: node.source ?? "",
          problem,
          remedy: "put it in quotes to make it text",
        });
      }
    },
  });
  return faults;
}

/** Digits must not change; a number with a point or an exponent is near enough by its nature, when it is one at all. */
function isExact(value: number, source = ""): boolean {
  return Number.isFinite(value) && (/[.eE]/.test(source) || Number.isSafeInteger(value));
}

function documentObjects(document: Document.Parsed, at: At, faults: Fault[]): readonly Read[] {
  const contents: ParsedNode | null = document.contents;
  if (contents === null) return [];
  try {
    const value: unknown = document.toJS();
    return value === null || value === undefined ? [] : objectsIn(value, contents, "", at, faults);
  } catch (error) {
    // Aliases of aliases of aliases: the reader stops before they fill the memory.
    const problem = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    faults.push({ component: at(contents.range[0]), path: "", problem, remedy: "write the values out" });
    return [];
  }
}

/** The object that a value is, or those of a list. Node and value are the same thing with and without its place. */
function objectsIn(value: unknown, node: Node | null, path: string, at: At, faults: Fault[]): readonly Read[] {
  const place = at(node?.range?.[0] ?? 0);
  if (!isRecord(value)) {
    const problem = "but a Kubernetes object is a map";
    faults.push({ component: place, path, value, problem, remedy: "begin with apiVersion: and kind:" });
    return [];
  }
  const { kind, items } = value;
  if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)) {
    const nodes = isMap(node) ? node.get("items", true) : undefined;
    return items.flatMap((item, index) => {
      const itemNode = isSeq(nodes) ? nodes.items[index] : undefined;
      // In a list of one kind the items do not repeat it.
      const whole =
        kind === "List" || !isRecord(item)
          ? item
          : { apiVersion: value["apiVersion"], kind: kind.slice(0, -4), ...item };
      return objectsIn(
        whole,
        isNode(itemNode) ? itemNode : node,
        `${path === "" ? "" : `${path}.`}items.${index}`,
        at,
        faults,
      );
    });
  }
  const found = objectFaults(value, node, path, at);
  faults.push(...found);
  // Everything that the type promises has just been looked at.
  return found.length > 0 ? [] : [{ object: value as object as KubernetesObject, place }];
}

function doubled(read: readonly Read[]): readonly Fault[] {
  const seen = new Map<string, string>();
  return read.flatMap(({ object, place }) => {
    const key = identity(object);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, place);
      return [];
    }
    const problem = `declares ${key} a second time, after ${first}`;
    return [{ component: place, path: "", problem, remedy: "remove one of the two, or give it another name" }];
  });
}

function byRole(read: readonly Read[]): Objects {
  const short = ({ kind, metadata }: KubernetesObject) => `${roleWord(kind)}-${metadata.name}`;
  const sharing = new Map<string, number>();
  for (const { object } of read) sharing.set(short(object), (sharing.get(short(object)) ?? 0) + 1);
  const objects: Record<string, KubernetesObject> = {};
  const places: Record<string, string> = {};
  for (const { object, place } of read) {
    const role = sharing.get(short(object)) === 1 ? short(object) : longRole(object);
    const other = places[role];
    if (other !== undefined) {
      const problem = `gets the role ${role}, which the object at ${other} has already`;
      throw new FaultError([{ component: place, path: "", problem, remedy: "read the two from files of their own" }]);
    }
    objects[role] = object;
    places[role] = place;
  }
  return objects;
}

/** Tells apart what kind and name do not: the namespace, and the group of a kind that two groups have. */
function longRole({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = groupOf(apiVersion);
  return [roleWord(kind) + (group === "" ? "" : `.${group}`), metadata.namespace, metadata.name]
    .filter((part) => part !== undefined)
    .join("-");
}
