import { isDeepStrictEqual } from "node:util";

/** One value that differs. */
export interface FieldChange {
  /** Keys from the object down; an item of a list as [its name]. */
  readonly path: readonly string[];
  /** Absent where there was none. */
  readonly before?: unknown;
  /** Absent where there is none any more. */
  readonly after?: unknown;
}

/** What tells the items of a list apart, as Kubernetes merges them. */
const KEYS = ["name", "secretKey", "containerPort", "mountPath", "key"];

/** Every value that differs, at the deepest place where both have one. */
export function fieldChanges(before: unknown, after: unknown): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  compare(before, after, [], changes);
  return changes;
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compare(before: unknown, after: unknown, path: readonly string[], changes: FieldChange[]): void {
  if (before === after) return;
  if (isTree(before) && isTree(after)) compareTrees(before, after, path, changes);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, changes);
  else {
    changes.push({
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
  }
}

function compareTrees(before: Tree, after: Tree, path: readonly string[], changes: FieldChange[]): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [own(before, key), own(after, key)];
    compare(old, now, [...path, key], changes);
  }
}

function own(tree: Tree, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly string[],
  changes: FieldChange[],
): void {
  const key = KEYS.find((one) => isKeyed(before, one) && isKeyed(after, one));
  if (key === undefined) {
    compareUnnamed(before, after, path, changes);
    return;
  }
  const [olds, news] = [before, after].map((items) => new Map(items.map((item) => [nameOf(item, key), item]))) as [
    Map<string, unknown>,
    Map<string, unknown>,
  ];
  const count = changes.length;
  for (const name of new Set([...olds.keys(), ...news.keys()])) {
    compare(olds.get(name), news.get(name), [...path, `[${name}]`], changes);
  }
  // The same items in another order are another list: arguments and match rules go by it.
  if (changes.length === count && [...olds.keys()].join() !== [...news.keys()].join()) {
    changes.push({ path: [...path, "(order)"], before: [...olds.keys()], after: [...news.keys()] });
  }
}

function isKeyed(items: readonly unknown[], key: string): boolean {
  const names = new Set(items.map((item) => nameOf(item, key)));
  return names.size === items.length && !names.has("");
}

function nameOf(item: unknown, key: string): string {
  const name = isTree(item) ? own(item, key) : undefined;
  return typeof name === "string" || typeof name === "number" ? String(name) : "";
}

/** Items without names: those that stand in both lists are the same, and the others are compared in their order. */
function compareUnnamed(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly string[],
  changes: FieldChange[],
): void {
  if (isDeepStrictEqual(before, after)) return;
  if (![...before, ...after].every(isTree)) {
    changes.push({ path, before, after });
    return;
  }
  const texts = (items: readonly unknown[]) => items.map((item) => stable(item));
  const [olds, news] = [texts(before), texts(after)];
  const [inOld, inNew] = [new Set(olds), new Set(news)];
  const gone = before.flatMap((item, index) => (inNew.has(olds[index] ?? "") ? [] : [[item, index] as const]));
  const come = after.flatMap((item, index) => (inOld.has(news[index] ?? "") ? [] : [[item, index] as const]));
  if (gone.length + come.length === 0) {
    changes.push({ path: [...path, "(order)"], before, after });
    return;
  }
  for (let index = 0; index < Math.max(gone.length, come.length); index++) {
    const [old, from = 0] = gone[index] ?? [];
    const [now, to = from] = come[index] ?? [];
    compare(old, now, [...path, `[${to}]`], changes);
  }
}

/** JSON that does not depend on the order of keys. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isTree(inner)
      ? Object.fromEntries(
          Object.keys(inner)
            .sort()
            .map((key) => [key, inner[key]]),
        )
      : inner,
  );
}

/** A path as people write it: spec.template.spec.containers[order].image, metadata.labels."app.kubernetes.io/name". */
export function pathText(path: readonly string[]): string {
  return path
    .map((part, index) =>
      part.startsWith("[") ? part : `${index === 0 ? "" : "."}${/^[\w()-]+$/.test(part) ? part : `"${part}"`}`,
    )
    .join("");
}
