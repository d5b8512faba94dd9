import { remembered } from "./remembered.ts";

/** Spaces that each level stands further in. */
export const STEP = 2;

/** A key as text. */
export const keyText = remembered((key) =>
  // A key of more than 1,024 characters, or of several lines, needs the explicit form, which a quoted key avoids.
  isPlainText(key) && key.length <= 128 && !key.includes(":") ? key : quoted(key),
);

// Begins with a letter, slash or underscore and goes on with what is never a sign of YAML's own; a colon only inside a word.
const PLAIN =
  /^[A-Za-z_/](?:[-A-Za-z0-9_./+=@$%^(){};<>?~,]|:(?=[-A-Za-z0-9_./]))*(?: (?:[-A-Za-z0-9_./+=@$%^();<>?~,]|:(?=[-A-Za-z0-9_./]))+)*$/;
// Amounts and spans as Kubernetes writes them: no YAML reads digits with such a letter behind them as a number.
const AMOUNT = /^\d+(?:\.\d+)?(?:m|k|M|G|T|Ki|Mi|Gi|Ti|ms|s|h|%)$/;
// Words that begin with a letter and that some YAML reads as something else; "e5" is a number to one.
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|e[-+]?[\d_]+)$/i;

/** Characters that are plain in whatever order they come, but for the first. */
export const WORD = codes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/+=@$%^();<>?~,");
const LETTERS = codes("ABCDFGHIJKLMNOPQRSTUVWXYZabcdfghijklmnopqrstuvwxyz_/");
/** Those that no reserved word begins with. */
const SAFE_LETTERS = codes("ABCDGHJKLMPQRSUVWXZabcdghjklmpqrsuvwxz_/");
/** The longest of the reserved words that does not begin with an e has five letters. */
const RESERVED_MOST = 5;

/** Whether a text is plain when it has characters of a word only: most are, and the rules above need not be asked. */
export function isWord(text: string): boolean {
  const letters = text.length > RESERVED_MOST ? LETTERS : SAFE_LETTERS;
  return letters[text.charCodeAt(0)] === 1;
}

function isPlainText(text: string): boolean {
  return PLAIN.test(text) ? !RESERVED.test(text) : AMOUNT.test(text);
}

export function scalar(text: string, indent: number): string {
  if (isPlainText(text)) return text;
  if (text.includes("\n")) return block(text, indent) ?? quoted(text);
  return quoted(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that a block may not hold
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

/** Several lines as they are, where YAML keeps them so; undefined where it would not. */
function block(text: string, indent: number): string | undefined {
  if (UNPRINTABLE.test(text) || /^[ \t\n]/.test(text) || /[ \t](?:\n|$)/.test(text) || text.includes("\t"))
    return undefined;
  const endings = text.length - text.replace(/\n+$/, "").length;
  const header = endings === 0 ? "|-" : endings === 1 ? "|" : "|+";
  const body = endings === 0 ? text : text.slice(0, -1);
  const inner = " ".repeat(indent === 0 ? STEP : indent);
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

/** A table with a 1 for each of these ASCII characters. */
function codes(characters: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
