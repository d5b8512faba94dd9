import { LineCounter, parseDocument } from "yaml";
import type { Program, Settings } from "../components/core/environment.ts";
import { type Fault, FaultError } from "../components/core/fault.ts";
import { settingValue } from "../components/core/setting.ts";

/**
 * Stands for a setting that is encrypted: only the engine can read it. To a program it is what the engine gives in its
 * place, an Output, so that the same objects come of it and no rendered file can hold it.
 */
const UNREADABLE = Object.freeze({ __pulumiOutput: true });

/** A file of settings. */
export interface SettingsFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Settings as the engine would hand them to the program: those of the project's file, and the stack's over them.
 * @throws FaultError with line and column where a file is no YAML, and for keys that the engine would refuse.
 */
export function readSettings(
  program: Pick<Program, "project" | "texts">,
  files: { readonly project?: SettingsFile; readonly stack?: SettingsFile },
): Settings {
  const faults: Fault[] = [];
  const project = files.project === undefined ? [] : entries(files.project, faults);
  const stack = files.stack === undefined ? [] : entries(files.stack, faults);
  const settings: Record<string, unknown> = {};
  const take = (name: string, value: unknown) => {
    const isText = program.texts?.includes(name) === true;
    settings[name] = holdsSecret(value) ? UNREADABLE : settingValue(value ?? "", isText);
  };
  const prefix = `${program.project}:`;
  for (const [key, value] of project) {
    // In the project's file a setting may stand without the project's name, and with a type beside its default.
    const name = key.includes(":") ? (key.startsWith(prefix) ? key.slice(prefix.length) : undefined) : key;
    const given = defaultOf(value);
    if (name !== undefined && given !== undefined) take(name, given);
  }
  for (const [key, value] of stack) {
    if (key.startsWith(prefix)) take(key.slice(prefix.length), value);
    else if (!key.includes(":")) {
      const problem = "does not say whom it is for";
      faults.push({ component: files.stack?.name ?? "", path: key, problem, remedy: `write ${prefix}${key}` });
    }
  }
  if (faults.length > 0) throw new FaultError(faults);
  return settings;
}

/** Whether a setting, or any part of it, is encrypted. */
export function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (typeof Reflect.get(value, "secure") === "string" && Object.keys(value).length === 1) return true;
  return Object.values(value).some(holdsSecret);
}

function defaultOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Reflect.get(value, "value") ?? Reflect.get(value, "default") ?? undefined;
}

/**
 * What a file says under `config:`.
 * @throws FaultError where it is no YAML.
 */
export function configIn(file: SettingsFile): readonly (readonly [string, unknown])[] {
  const faults: Fault[] = [];
  const config = entries(file, faults);
  if (faults.length > 0) throw new FaultError(faults);
  return config;
}

function entries({ name, text }: SettingsFile, faults: Fault[]): readonly (readonly [string, unknown])[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    const problem = `is no YAML: ${error.message.replace(/\.$/, "")}`;
    faults.push({ component: `${name}:${line}:${col}`, path: "", problem, remedy: "correct the YAML there" });
  }
  if (document.errors.length > 0) return [];
  const content: unknown = document.toJS();
  const config: unknown = typeof content === "object" && content !== null ? Reflect.get(content, "config") : undefined;
  if (config === undefined || config === null) return [];
  if (typeof config === "object" && !Array.isArray(config)) return Object.entries(config);
  const remedy = "write <project>:<setting>: <value> under it";
  faults.push({ component: name, path: "config", value: config, problem: "but it is a map of settings", remedy });
  return [];
}
