import { LineCounter, parseDocument } from "yaml";
import type { Program, Settings } from "../components/core/environment.ts";
import { FaultError } from "../components/core/fault.ts";

/**
 * The settings that a stack's file gives a project: `config:` under the project's name.
 * An encrypted one is left out: only the engine can read it, and it must not reach a rendered file.
 * @throws FaultError with line and column where the file is no YAML.
 */
export function readSettings(text: string, file: string, program: Pick<Program, "project">): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new FaultError(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return {
          component: `${file}:${line}:${col}`,
          path: "",
          problem: error.message,
          remedy: "correct the YAML there",
        };
      }),
    );
  }
  const content: unknown = document.toJS();
  if (content === null) return {};
  const config = property(content, "config");
  if (config === undefined || config === null) return {};
  if (typeof config !== "object" || Array.isArray(config)) {
    throw new FaultError([
      {
        component: file,
        path: "config",
        value: config,
        problem: "but it is a map of settings",
        remedy: `write ${program.project}:<setting>: <value> under it`,
      },
    ]);
  }
  const prefix = `${program.project}:`;
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key.startsWith(prefix) && !isEncrypted(value) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function isEncrypted(value: unknown): boolean {
  return typeof property(value, "secure") === "string";
}
