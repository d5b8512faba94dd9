/** Keys that a reader of a Kubernetes object looks for first. Everything else is sorted. */
const FIRST: readonly string[] = ["apiVersion", "kind", "metadata", "name", "namespace", "labels"];

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
  const writer: Writer = { text: "" };
  try {
    node(writer, value, "", false);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    throw new UnwritableError(pathOf(value, error.value) ?? [], error.value);
  }
  const { text } = writer;
  return text.startsWith("\n") ? `${text.slice(1)}\n` : `${text.trimStart()}\n`;
}

/** One text that grows: to put together the texts of parts would copy each as often as it lies deep. */
interface Writer {
  text: string;
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
 * @param inline Whether a map or list begins on the line that is there.
 */
function node(writer: Writer, value: unknown, indent: string, inline: boolean): void {
  switch (typeof value) {
    case "string":
      // Half a surrogate pair is no character, and no encoding of YAML has it.
      if (!value.isWellFormed()) throw new UnwritableError([], value);
      writer.text += ` ${scalar(value, indent)}`;
      return;
    case "number":
      if (!Number.isFinite(value)) throw new UnwritableError([], value);
      writer.text += ` ${Object.is(value, -0) ? 0 : number(value)}`;
      return;
    case "boolean":
      writer.text += value ? " true" : " false";
      return;
    case "object":
      if (value === null) writer.text += " null";
      else if (Array.isArray(value)) list(writer, value, indent, inline);
      else if (isPlain(value)) map(writer, value, indent, inline);
      else throw new UnwritableError([], value);
      return;
    default:
      throw new UnwritableError([], value);
  }
}

/** JavaScript's 1e+21 and 1e-7 are text to YAML 1.1, which wants a dot in a float. */
function number(value: number): string {
  const text = String(value);
  const e = text.indexOf("e");
  return e < 0 || text.includes(".") ? text : `${text.slice(0, e)}.0${text.slice(e)}`;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !("__pulumiOutput" in value);
}

function list(writer: Writer, values: readonly unknown[], indent: string, inline: boolean): void {
  if (values.length === 0) {
    writer.text += " []";
    return;
  }
  const deeper = `${indent}  `;
  // An index and no iterator: this runs for every list of every object.
  for (let index = 0; index < values.length; index++) {
    writer.text += inline && index === 0 ? " -" : `\n${indent}-`;
    node(writer, values[index], deeper, true);
  }
}

function map(writer: Writer, value: Readonly<Record<string, unknown>>, indent: string, inline: boolean): void {
  let first = inline;
  let empty = true;
  const deeper = `${indent}  `;
  for (const key of sortedKeys(value)) {
    const inner = value[key];
    if (inner === undefined) continue;
    writer.text += first ? ` ${keyText(key)}:` : `\n${indent}${keyText(key)}:`;
    first = false;
    empty = false;
    node(writer, inner, Array.isArray(inner) ? indent : deeper, false);
  }
  if (empty) writer.text += " {}";
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
const RANKS: ReadonlyMap<string, number> = new Map(FIRST.map((key, index) => [key, index]));

function rank(key: string): number {
  return RANKS.get(key) ?? FIRST.length;
}

const KEYS = new Map<string, string>();
/** Most keys of an environment are the same few hundred; the bound keeps a hostile input from filling memory. */
const KEYS_KEPT = 4096;

function keyText(key: string): string {
  const known = KEYS.get(key);
  if (known !== undefined) return known;
  // A key of more than 1,024 characters, or of several lines, needs the explicit form, which a quoted key avoids.
  const text = isPlainText(key) && key.length <= 128 && !key.includes(":") ? key : quoted(key);
  if (KEYS.size < KEYS_KEPT) KEYS.set(key, text);
  return text;
}

// Begins with a letter, slash or underscore and goes on with what is never a sign of YAML's own; a colon only inside a word.
const PLAIN =
  /^[A-Za-z_/](?:[-A-Za-z0-9_./+=@$%^(){};<>?~,]|:(?=[-A-Za-z0-9_./]))*(?: (?:[-A-Za-z0-9_./+=@$%^();<>?~,]|:(?=[-A-Za-z0-9_./]))+)*$/;
// Amounts and spans as Kubernetes writes them: no YAML reads digits with such a letter behind them as a number.
const AMOUNT = /^\d+(?:\.\d+)?(?:m|k|M|G|T|Ki|Mi|Gi|Ti|ms|s|h|%)$/;
// Words that begin with a letter and that some YAML reads as something else; "e5" is a number to one.
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|e[-+]?[\d_]+)$/i;

function isPlainText(text: string): boolean {
  return PLAIN.test(text) ? !RESERVED.test(text) : AMOUNT.test(text);
}

function scalar(text: string, indent: string): string {
  if (isPlainText(text)) return text;
  if (text.includes("\n")) return block(text, indent) ?? quoted(text);
  return quoted(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that a block may not hold
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

/** Several lines as they are, where YAML keeps them so; undefined where it would not. */
function block(text: string, indent: string): string | undefined {
  if (UNPRINTABLE.test(text) || /^[ \t\n]/.test(text) || /[ \t](?:\n|$)/.test(text) || text.includes("\t"))
    return undefined;
  const endings = text.length - text.replace(/\n+$/, "").length;
  const header = endings === 0 ? "|-" : endings === 1 ? "|" : "|+";
  const body = endings === 0 ? text : text.slice(0, -1);
  const inner = indent === "" ? "  " : indent;
  return `${header}\n${body
    .split("\n")
    .map((line) => (line === "" ? "" : inner + line))
    .join("\n")}`;
}

/** JSON's strings are YAML's double-quoted ones, but for characters that YAML does not print as they are. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
