import { isConstant } from "./constant.ts";
import { GrowingText } from "./growing-text.ts";
import { isWord, keyText, STEP, scalar, WORD } from "./yaml-scalar.ts";

const [LINE_END, SPACE, DASH, COLON] = [10, 32, 45, 58];

/** Thrown for a value that YAML text cannot hold; says where it stands. */
export class UnwritableError extends Error {
  readonly path: readonly (string | number)[];
  readonly value: unknown;

  constructor(path: readonly (string | number)[], value: unknown) {
    super(`${path.join(".")} cannot be written as YAML`);
    this.name = "UnwritableError";
    this.path = path;
    this.value = value;
  }
}

/**
 * A value as YAML text in block style: sorted keys, so that the same value gives the same bytes; plain scalars only where
 * YAML 1.1 and 1.2 agree that they are text; undefined properties left out.
 * @throws UnwritableError for functions, symbols, NaN, infinite numbers, big integers, broken text and instances of classes.
 */
export function toYamlValue(value: unknown): string {
  return written((to) => document(to, value));
}

/**
 * Maps as documents of one text, in their order.
 * @throws UnwritableError as {@link toYamlValue} does.
 */
export function toYamlDocuments(maps: readonly object[]): string {
  if (maps.length === 0) return "";
  return written((to) => {
    for (const [index, map] of maps.entries()) {
      if (index > 0) to.add("\n---");
      document(to, map);
    }
  });
}

let spare: GrowingText | undefined;

function written(write: (to: GrowingText) => void): string {
  // Taken while it is in use: a property that is a function of its own might ask for another text.
  const to = spare ?? new GrowingText();
  spare = undefined;
  to.clear();
  try {
    write(to);
    to.code(LINE_END);
    // The end of a line that is not there, or the space behind a key that is not.
    return to.withoutFirst();
  } finally {
    if (!to.isLarge) spare = to;
  }
}

function document(to: GrowingText, value: unknown): void {
  try {
    node(to, value, 0, false);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    throw new UnwritableError(pathOf(value, error.value) ?? [], error.value);
  }
}

/** Where a value stands that cannot be written: looked for when there is one, so that nobody else keeps a path. */
function pathOf(value: unknown, wanted: unknown): (string | number)[] | undefined {
  if (Object.is(value, wanted)) return [];
  if (typeof value !== "object" || value === null) return undefined;
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, one] of inner) {
    const path = pathOf(one, wanted);
    if (path !== undefined) return [key, ...path];
  }
  return undefined;
}

/**
 * Writes what stands behind a "key:" or "-": a scalar with a space before it, or lines of their own.
 * @param indent Spaces before such a line.
 * @param inline Whether a map or list begins on the line that is there.
 */
function node(to: GrowingText, value: unknown, indent: number, inline: boolean): void {
  switch (typeof value) {
    case "string":
      to.code(SPACE);
      if (isWord(value) && to.addIf(value, WORD)) return;
      // Half a surrogate pair is no character, and no encoding of YAML has it.
      if (!value.isWellFormed()) throw new UnwritableError([], value);
      to.add(scalar(value, indent));
      return;
    case "number":
      if (!Number.isFinite(value)) throw new UnwritableError([], value);
      to.code(SPACE);
      to.add(number(value));
      return;
    case "boolean":
      to.add(value ? " true" : " false");
      return;
    case "object":
      if (value === null) to.add(" null");
      else if (isConstant(value)) known(to, value, indent, inline);
      else if (Array.isArray(value)) list(to, value, indent, inline);
      else if (isPlain(value)) map(to, value, indent, inline);
      else throw new UnwritableError([], value);
      return;
    default:
      throw new UnwritableError([], value);
  }
}

/** What was written of a constant before, by how far in it stood. */
const CONSTANT_TEXTS = new WeakMap<object, Map<number, string>>();

function known(to: GrowingText, value: object, indent: number, inline: boolean): void {
  const texts = CONSTANT_TEXTS.get(value) ?? new Map<number, string>();
  const place = indent * 2 + (inline ? 1 : 0);
  const text = texts.get(place);
  if (text !== undefined) {
    to.add(text);
    return;
  }
  const { size } = to;
  if (Array.isArray(value)) list(to, value, indent, inline);
  else map(to, value as Readonly<Record<string, unknown>>, indent, inline);
  texts.set(place, to.since(size));
  CONSTANT_TEXTS.set(value, texts);
}

/** JavaScript's 1e+21 and 1e-7 are text to YAML 1.1, which wants a dot in a float. */
function number(value: number): string {
  // -0 too is "0".
  const text = String(value);
  const e = text.indexOf("e");
  return e < 0 || text.includes(".") ? text : `${text.slice(0, e)}.0${text.slice(e)}`;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function list(to: GrowingText, values: readonly unknown[], indent: number, inline: boolean): void {
  if (values.length === 0) {
    to.add(" []");
    return;
  }
  // An index and no iterator: this runs for every list of every object.
  for (let index = 0; index < values.length; index++) {
    begin(to, indent, inline && index === 0);
    to.code(DASH);
    node(to, values[index], indent + STEP, true);
  }
}

function map(to: GrowingText, value: Readonly<Record<string, unknown>>, indent: number, inline: boolean): void {
  let first = inline;
  let empty = true;
  for (const key of sortedKeys(value)) {
    const inner = value[key];
    if (inner === undefined) continue;
    // An Output, whatever else it is.
    if (key === "__pulumiOutput") throw new UnwritableError([], value);
    begin(to, indent, first);
    if (!isWord(key) || !to.addIf(key, WORD)) to.add(keyText(key));
    to.code(COLON);
    first = false;
    empty = false;
    node(to, inner, Array.isArray(inner) ? indent : indent + STEP, false);
  }
  if (empty) to.add(" {}");
}

/** Goes on behind a dash, or on a line of its own. */
function begin(to: GrowingText, indent: number, inline: boolean): void {
  if (inline) to.code(SPACE);
  else to.line(indent);
}

/** Most maps have few keys, often in order already: those are sorted by insertion. */
function sortedKeys(value: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(value);
  if (keys.length > FEW) return keys.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  for (let index = 1; index < keys.length; index++) {
    const key = keys[index] as string;
    const own = rank(key);
    let place = index;
    for (; place > 0; place--) {
      const other = keys[place - 1] as string;
      const theirs = rank(other);
      if (theirs < own || (theirs === own && other < key)) break;
      keys[place] = other;
    }
    keys[place] = key;
  }
  return keys;
}

const FEW = 16;

/** What a reader of a Kubernetes object looks for first; everything else is sorted. Comparisons and no table: this is asked several times for every key. */
function rank(key: string): number {
  switch (key) {
    case "apiVersion":
      return 0;
    case "kind":
      return 1;
    case "metadata":
      return 2;
    case "name":
      return 3;
    case "namespace":
      return 4;
    case "labels":
      return 5;
    default:
      return 6;
  }
}
