import { isMap } from "./read.ts";

const WIDTH = 120;

/** A value as TypeScript, as the formatter would lay it out. */
export function sourceText(value: unknown, indent = ""): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = `[${value.map((one) => sourceText(one)).join(", ")}]`;
    if (fits(flat, indent)) return flat;
    return `[\n${value.map((one) => `${inner}${sourceText(one, inner)},\n`).join("")}${indent}]`;
  }
  if (isMap(value)) {
    const pairs = Object.entries(value);
    if (pairs.length === 0) return "{}";
    const flat = `{ ${pairs.map(([key, one]) => `${keyText(key)}: ${sourceText(one)}`).join(", ")} }`;
    if (indent !== "" && pairs.length < 4 && fits(flat, indent)) return flat;
    return `{\n${pairs.map(([key, one]) => `${inner}${keyText(key)}: ${sourceText(one, inner)},\n`).join("")}${indent}}`;
  }
  return typeof value === "string" ? quoted(value) : String(value);
}

function fits(text: string, indent: string): boolean {
  return !text.includes("\n") && indent.length + text.length < WIDTH - 24;
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** Lines stay lines. */
function quoted(text: string): string {
  if (!/\n./.test(text)) return JSON.stringify(text);
  return `\`${text.replace(/[\\`]|\$(?=\{)/g, "\\$&").replace(/\r/g, "\\r")}\``;
}
