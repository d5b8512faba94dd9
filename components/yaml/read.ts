import { type Document, isMap, LineCounter, parseAllDocuments } from "yaml";
import { type Fault, FaultError } from "../core/fault.ts";
import { identity, type KubernetesObject, type Objects } from "../core/object.ts";

/** Where YAML comes from, for messages. */
export interface YamlSource {
  /** @default "YAML" */
  readonly file?: string;
}

interface Read {
  readonly object: KubernetesObject;
  readonly place: string;
}

/**
 * YAML as objects. A role is the kind (`deployment`), with the name where there is more than one (`configMap-settings`).
 * Lists are taken apart, empty documents passed over.
 * @throws FaultError with line and column of everything that is no Kubernetes object.
 */
export function fromYaml(text: string, source: YamlSource = {}): Objects {
  const file = source.file ?? "YAML";
  const lines = new LineCounter();
  const faults: Fault[] = [];
  const read: Read[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })) {
    const at = (offset: number) => {
      const { line, col } = lines.linePos(offset);
      return `${file}:${line}:${col}`;
    };
    for (const error of document.errors) {
      faults.push({ component: at(error.pos[0]), path: "", problem: error.message, remedy: "correct the YAML there" });
    }
    if (document.errors.length === 0 && document.contents !== null) read.push(...objectsOf(document, at, faults));
  }
  faults.push(...doubled(read));
  if (faults.length > 0) throw new FaultError(faults);
  return roles(read);
}

function objectsOf(document: Document.Parsed, at: (offset: number) => string, faults: Fault[]): readonly Read[] {
  const contents = document.contents;
  const place = at(contents?.range[0] ?? 0);
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // Aliases that grow without bound, or that point nowhere.
    faults.push({
      component: place,
      path: "",
      problem: String(error instanceof Error ? error.message : error),
      remedy: "write the value out",
    });
    return [];
  }
  if (value === null || value === undefined) return [];
  const list =
    isMap(contents) && typeof value === "object" && Reflect.get(value, "kind") === "List"
      ? Reflect.get(value, "items")
      : undefined;
  if (!Array.isArray(list)) return checkedObject(value, place, "", faults);
  const items = document.getIn(["items"], true);
  const places =
    typeof items === "object" && items !== null && "items" in items && Array.isArray(items.items) ? items.items : [];
  return list.flatMap((item, index) =>
    checkedObject(item, at(places[index]?.range?.[0] ?? 0), `items.${index}`, faults),
  );
}

function checkedObject(value: unknown, place: string, path: string, faults: Fault[]): readonly Read[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    faults.push({
      component: place,
      path,
      value,
      problem: "but a Kubernetes object is a map",
      remedy: "begin with apiVersion: and kind:",
    });
    return [];
  }
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  const metadata: unknown = Reflect.get(value, "metadata");
  const name: unknown = typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "name") : undefined;
  const wanted = {
    apiVersion: Reflect.get(value, "apiVersion"),
    kind: Reflect.get(value, "kind"),
    "metadata.name": name,
  };
  const before = faults.length;
  for (const [key, found] of Object.entries(wanted)) {
    if (typeof found === "string" && found !== "") continue;
    faults.push({
      component: place,
      path: at(key),
      value: found,
      problem: "but every Kubernetes object has one",
      remedy: `give ${key} a text`,
    });
  }
  return faults.length > before ? [] : [{ object: value as KubernetesObject, place }];
}

function doubled(read: readonly Read[]): readonly Fault[] {
  const seen = new Map<string, string>();
  return read.flatMap(({ object, place }) => {
    const key = identity(object);
    const first = seen.get(key);
    seen.set(key, first ?? place);
    return first === undefined
      ? []
      : [
          {
            component: place,
            path: "",
            problem: `declares ${key} again, first declared at ${first}`,
            remedy: "remove one of the two",
          },
        ];
  });
}

function roles(read: readonly Read[]): Objects {
  const count = new Map<string, number>();
  for (const { object } of read) count.set(object.kind, (count.get(object.kind) ?? 0) + 1);
  return Object.fromEntries(read.map(({ object }) => [roleOf(object, (count.get(object.kind) ?? 0) > 1), object]));
}

function roleOf(object: KubernetesObject, named: boolean): string {
  const kind = object.kind.slice(0, 1).toLowerCase() + object.kind.slice(1);
  if (!named) return kind;
  const { namespace, name } = object.metadata;
  return namespace === undefined ? `${kind}-${name}` : `${kind}-${namespace}-${name}`;
}
