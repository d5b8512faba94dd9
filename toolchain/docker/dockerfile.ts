import { ToolchainError } from "../failure.ts";

/** What a Dockerfile says that starts FROM scratch and only copies. */
export interface ScratchDockerfile {
  readonly files: readonly { readonly source: string; readonly path: string; readonly line: number }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly user?: number;
  readonly folder?: string;
  readonly ports: readonly number[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

interface Instruction {
  readonly line: number;
  readonly word: string;
  readonly rest: string;
}

/** Instructions with the line that each begins at; a backslash at a line's end carries it on. */
function instructions(text: string): readonly Instruction[] {
  const found: Instruction[] = [];
  let open: { line: number; text: string } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const trimmed = line.trim();
    if (open === undefined && trimmed === "") continue;
    if (trimmed.startsWith("#")) continue;
    const joined: { line: number; text: string } =
      open === undefined ? { line: index + 1, text: trimmed } : { line: open.line, text: `${open.text} ${trimmed}` };
    if (joined.text.endsWith("\\")) {
      open = { ...joined, text: joined.text.slice(0, -1).trimEnd() };
      continue;
    }
    open = undefined;
    const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(joined.text) ?? [];
    found.push({ line: joined.line, word: word.toUpperCase(), rest });
  }
  return found;
}

/**
 * Reads the few instructions that need no engine.
 * @param why Why there is no engine, for the message.
 * @throws ToolchainError naming the line and what to do instead.
 */
export function scratchDockerfile(text: string, file: string, why: string): ScratchDockerfile {
  const refuse = ({ line, word }: Instruction, problem: string) =>
    new ToolchainError(
      `${file}:${line}: ${word} ${problem}, and ${why}; start a Docker engine, or build the program on the host and begin FROM scratch`,
    );
  const [from, ...rest] = instructions(text);
  if (from === undefined) throw new ToolchainError(`${file} says nothing; begin with FROM scratch`);
  if (from.word !== "FROM" || from.rest.toLowerCase() !== "scratch") throw refuse(from, `${from.rest} needs an engine`);
  const files: { source: string; path: string; line: number }[] = [];
  const labels: Record<string, string> = {};
  const env: Record<string, string> = {};
  const ports: number[] = [];
  let user: number | undefined;
  let folder: string | undefined;
  let entrypoint: readonly string[] = [];
  let command: readonly string[] = [];
  for (const instruction of rest) {
    const { word, rest: said, line } = instruction;
    if (said.includes("$")) throw refuse(instruction, "uses a variable, which needs an engine");
    if (word === "COPY") files.push({ ...copied(instruction, refuse), line });
    else if (word === "LABEL") Object.assign(labels, pairs(instruction, refuse));
    else if (word === "ENV") Object.assign(env, pairs(instruction, refuse));
    else if (word === "EXPOSE") ports.push(...said.split(/\s+/).map((port) => Number(port.replace(/\/tcp$/, ""))));
    else if (word === "WORKDIR") folder = said;
    else if (word === "USER") {
      const number = /^(\d+)(?::\1)?$/.exec(said)?.[1];
      if (number === undefined) throw refuse(instruction, `${said} is no number, and scratch has no list of users`);
      user = Number(number);
    } else if (word === "ENTRYPOINT") entrypoint = words(instruction, refuse);
    else if (word === "CMD") command = words(instruction, refuse);
    else throw refuse(instruction, "needs an engine");
  }
  if (entrypoint.length === 0) throw new ToolchainError(`${file} has no ENTRYPOINT; write ENTRYPOINT ["/order"]`);
  if (ports.some((port) => !Number.isInteger(port)))
    throw new ToolchainError(`${file}: EXPOSE takes numbers of TCP ports`);
  return {
    files,
    labels,
    env,
    ports,
    entrypoint,
    command,
    ...(user === undefined ? {} : { user }),
    ...(folder === undefined ? {} : { folder }),
  };
}

type Refuse = (instruction: Instruction, problem: string) => ToolchainError;

function copied(instruction: Instruction, refuse: Refuse): { readonly source: string; readonly path: string } {
  const parts = instruction.rest.split(/\s+/);
  const options = parts.filter((part) => part.startsWith("--"));
  const [source, target, ...more] = parts.filter((part) => !part.startsWith("--"));
  if (options.length > 0) throw refuse(instruction, `${options[0]} needs an engine`);
  if (source === undefined || target === undefined || more.length > 0 || /[*?[\]"]/.test(source)) {
    throw refuse(instruction, "of anything but one file to one place needs an engine");
  }
  if (!target.startsWith("/")) throw refuse(instruction, `to ${target} is no absolute path`);
  const clean = source.replace(/^\.?\//, "");
  return { source: clean, path: target.endsWith("/") ? `${target}${clean.split("/").at(-1)}` : target };
}

const PAIR = /("(?:[^"\\]|\\.)*"|[^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)/gy;

function pairs(instruction: Instruction, refuse: Refuse): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  let end = 0;
  for (const match of instruction.rest.matchAll(PAIR)) {
    found[unquoted(match[1] ?? "")] = unquoted(match[2] ?? "");
    end = match.index + match[0].length;
  }
  if (end !== instruction.rest.length) throw refuse(instruction, `${instruction.rest} is no list of "name"="value"`);
  return found;
}

function unquoted(text: string): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

function words(instruction: Instruction, refuse: Refuse): readonly string[] {
  try {
    const list: unknown = JSON.parse(instruction.rest);
    if (Array.isArray(list) && list.every((word) => typeof word === "string")) return list;
  } catch {
    // Not JSON: the form that a shell would have to read.
  }
  throw refuse(instruction, `${instruction.rest} needs a shell`);
}

/** Ids of the secrets that a Dockerfile mounts, and which of them it cannot do without. */
export function mountedSecrets(text: string): readonly { readonly id: string; readonly required: boolean }[] {
  return instructions(text).flatMap(({ word, rest }) =>
    word !== "RUN"
      ? []
      : [...rest.matchAll(/--mount=(\S*type=secret\S*)/g)].flatMap(([, options = ""]) => {
          const id = /(?:^|,)id=([^,]+)/.exec(options)?.[1];
          return id === undefined ? [] : [{ id, required: /(?:^|,)required(?:=true)?(?:,|$)/.test(options) }];
        }),
  );
}
