import { type Diff, stopCount } from "./report.ts";
import { overview, type Section, sections } from "./sections.ts";

/** By this a workflow finds the comment that it wrote before. */
export const MARK = "<!-- fairlead diff -->";

/** Rows of a table; a comment is read by people. */
const MOST_ROWS = 20;

/** GitHub takes no comment of more than 65,536 characters, and what the engine previews stands in the same one. */
const LONGEST = 40_000;

/** The comparison as a comment of a pull request. */
export function markdown(diff: Diff): string {
  const different = diff.environments.filter(({ objects }) => objects.length > 0);
  const lines = [MARK, `### What this changes: ${code(diff.base)} → ${code(diff.head)}`, "", ...verdict(diff)];
  if (different.length > 0) lines.push("", ...table(overview({ ...diff, environments: different })));
  for (const environment of different) {
    lines.push("", `#### ${code(environment.environment)}`);
    for (const section of sections(environment, MOST_ROWS)) lines.push("", ...written(section));
  }
  return shortened(lines);
}

function verdict(diff: Diff): readonly string[] {
  const count = stopCount(diff);
  if (count > 0) {
    const text = count === 1 ? "1 stop sign" : `${count} stop signs`;
    return [
      "> [!CAUTION]",
      `> **${text}**: objects would be replaced, or take others along. See below before merging.`,
    ];
  }
  return diff.environments.every(({ objects }) => objects.length === 0)
    ? ["Nothing: every object of every environment stays as it is."]
    : ["No stop signs: nothing is replaced."];
}

function written(section: Section): readonly string[] {
  const more = section.more > 0 ? ["", `and ${section.more} more rows; \`fairlead diff --json\` has all`] : [];
  const body = [...table(section), ...more];
  if (section.folded !== true) return [`**${section.title}**`, "", ...body];
  return ["<details>", `<summary>${section.title}</summary>`, "", ...body, "", "</details>"];
}

function table({ heading, rows }: Section): readonly string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [row(heading), row(heading.map(() => "---")), ...rows.map((cells) => row(cells.map(cell)))];
}

/** A link to the documentation as one; all else as code, where nothing is markup, nobody is mentioned and nothing is linked. */
function cell(text: string): string {
  if (text === "") return "";
  return /^https:\/\/kubernetes\.io\/[-\w./#]*$/.test(text) ? `[source](${text})` : code(text);
}

function code(text: string): string {
  const shown = text.replace(/[^\p{L}\p{N} .,:;/=+%→×…()-]/gu, (character) => `&#${character.codePointAt(0)};`);
  return `<code>${shown}</code>`;
}

/** Cut at a row's end, with a word about it. */
function shortened(lines: readonly string[]): string {
  let length = 0;
  const kept = lines.findIndex((line) => {
    length += line.length + 1;
    return length > LONGEST;
  });
  if (kept < 0) return `${lines.join("\n")}\n`;
  const open = lines.slice(0, kept);
  const isFolded = open.lastIndexOf("<details>") > open.lastIndexOf("</details>");
  return `${[...open, ...(isFolded ? ["", "</details>"] : []), "", "Cut here; `fairlead diff` prints all of it."].join("\n")}\n`;
}
