import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toYamlValue } from "../../../components/core/yaml-text.ts";
import { ensureParts } from "../../../toolchain/index.ts";

/** promtool in a folder of its own. */
export interface Promtool {
  /** Writes a value as YAML and returns the file's name. */
  readonly write: (name: string, value: unknown) => string;
  /** Runs it on files of the folder; what it says, and whether it was content. */
  readonly run: (...args: readonly string[]) => Promise<{ readonly passed: boolean; readonly said: string }>;
  readonly close: () => void;
}

/** Longest run, in milliseconds. */
const PATIENCE = 300_000;

export async function openPromtool(): Promise<Promtool> {
  const parts = await ensureParts(["promtool"]);
  const file = parts.get("promtool")?.file ?? "promtool";
  const folder = mkdtempSync(join(tmpdir(), "fairlead-promtool-"));
  return {
    write: (name, value) => {
      writeFileSync(join(folder, name), toYamlValue(value));
      return name;
    },
    run: (...args) =>
      new Promise((fulfil, reject) => {
        const child = spawn(file, args, { cwd: folder, timeout: PATIENCE, killSignal: "SIGKILL" });
        let said = "";
        child.stdout.on("data", (text) => {
          said += text;
        });
        child.stderr.on("data", (text) => {
          said += text;
        });
        child.on("error", reject).on("close", (status) => fulfil({ passed: status === 0, said }));
      }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
