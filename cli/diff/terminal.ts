import { table } from "../table.ts";
import { type Diff, stopCount } from "./report.ts";
import { overview, type Section, sections } from "./sections.ts";

/** Rows of a table on a screen. */
const MOST_ROWS = 60;

/** The comparison as text. */
export function terminal(diff: Diff): string {
  const different = diff.environments.filter(({ objects }) => objects.length > 0);
  if (different.length === 0) return `${diff.base} → ${diff.head}: nothing changes`;
  const count = stopCount(diff);
  const parts = [`${diff.base} → ${diff.head}`, shown(overview({ ...diff, environments: different }))];
  for (const environment of different) {
    for (const section of sections(environment, MOST_ROWS)) {
      parts.push(`${environment.environment}: ${section.title}\n${indented(shown(section))}`);
    }
  }
  parts.push(
    count === 0 ? "no stop signs" : `${count} stop sign${count === 1 ? "" : "s"}: look at them before merging`,
  );
  return parts.join("\n\n");
}

function shown({ heading, rows, more }: Section): string {
  const text = table([heading.map((cell) => cell.toUpperCase()), ...rows.map((row) => row.map(printable))]);
  return more === 0 ? text : `${text}\nand ${more} more rows; --json has all`;
}

/** Without what would move a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, " ");
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
