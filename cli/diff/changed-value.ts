import { isSecretPath } from "../secret-values.ts";
import type { FieldChange } from "./fields.ts";

/** Characters of a value that are shown. */
const SHOWN = 60;

/** What becomes of a value, such as "3 → 5", "added: 3", "removed"; never a secret one. */
export function shownValue(kind: string, change: FieldChange): string {
  const { path } = change;
  const [hasBefore, hasAfter] = ["before" in change, "after" in change];
  if (isSecretPath(kind, path)) return hasBefore ? (hasAfter ? "another value" : "removed") : "added";
  const [before, after] = [valueText(change.before), valueText(change.after)];
  if (!hasBefore) return `added: ${cut(after)}`;
  if (!hasAfter) return `removed: ${cut(before)}`;
  return between(before, after);
}

/** A value on one line. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** Both where they are short, else the part in which they differ: of several lines, the lines. */
function between(before: string, after: string): string {
  const isLong = before.length > SHOWN || after.length > SHOWN;
  if (!isLong && !`${before}${after}`.includes("\n")) return `${before} → ${after}`;
  const [olds, news] = differing(before.split("\n"), after.split("\n"));
  if (olds.length + news.length < before.split("\n").length + after.split("\n").length) {
    return `${cut(olds.join("; ")) || "nothing"} → ${cut(news.join("; ")) || "nothing"}`;
  }
  const [from, to] = differing([...before], [...after], 12).map((part) => cut(part.join("")));
  return `…${from}… → …${to}…`;
}

/** Both without what they begin and end with alike; but for so many items before, by which the place is known. */
function differing<T>(before: readonly T[], after: readonly T[], lead = 0): readonly [readonly T[], readonly T[]] {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const from = Math.max(0, start - lead);
  return [before.slice(from, before.length - end), after.slice(from, after.length - end)];
}

function cut(text: string): string {
  const line = text.replace(/\s*\n\s*/g, "; ").trim();
  // By characters, so that none is cut in half.
  const characters = [...line];
  return characters.length <= SHOWN ? line : `${characters.slice(0, SHOWN - 1).join("")}…`;
}
