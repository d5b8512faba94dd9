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
  const text = node(value, "", []);
  return text.startsWith("\n") ? `${text.slice(1)}\n` : `${text.trimStart()}\n`;
}

type Path = (string | number)[];

/** What stands behind a "key:" or "-": a scalar with a space before it, or lines of their own. */
function node(value: unknown, indent: string, path: Path): string {
  switch (typeof value) {
    case "string":
      // Half a surrogate pair is no character, and no encoding of YAML has it.
      if (!value.isWellFormed()) throw new UnwritableError([...path], value);
      return ` ${scalar(value, indent)}`;
    case "number":
      if (!Number.isFinite(value)) throw new UnwritableError([...path], value);
      return ` ${Object.is(value, -0) ? 0 : number(value)}`;
    case "boolean":
      return value ? " true" : " false";
    case "object":
      if (value === null) return " null";
      if (Array.isArray(value)) return list(value, indent, path);
      if (!isPlain(value)) throw new UnwritableError([...path], value);
      return map(value, indent, path);
    default:
      throw new UnwritableError([...path], value);
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

function list(values: readonly unknown[], indent: string, path: Path): string {
  if (values.length === 0) return " []";
  let text = "";
  const deeper = `${indent}  `;
  // An index and no iterator: this runs for every list of every object.
  for (let index = 0; index < values.length; index++) {
    path.push(index);
    const inner = node(values[index], deeper, path);
    path.pop();
    // A map or list begins on the dash's own line.
    text += `\n${indent}-${inner.startsWith("\n") ? inner.slice(indent.length + 2) : inner}`;
  }
  return text;
}

function map(value: Readonly<Record<string, unknown>>, indent: string, path: Path): string {
  let text = "";
  const deeper = `${indent}  `;
  for (const key of sortedKeys(value)) {
    const inner = value[key];
    if (inner === undefined) continue;
    path.push(key);
    const written = node(inner, Array.isArray(inner) ? indent : deeper, path);
    path.pop();
    text += `\n${indent}${keyText(key)}:${written}`;
  }
  return text === "" ? " {}" : text;
}

function sortedKeys(value: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(value);
  if (keys.length < 2) return keys;
  return keys.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

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
