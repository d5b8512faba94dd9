import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { type Environment, userPulumiHome } from "./places.ts";
import { run } from "./process.ts";
import type { PartName, Source } from "./source.ts";
import { findVersion, fits } from "./version.ts";

/** What the user's own installation offers for a source. */
export type Installed =
  | { readonly found: true; readonly files: ReadonlyMap<PartName, string>; readonly version: string }
  | { readonly found: false; readonly why: string; readonly misfit: boolean };

/** A program that does not say its version in this time is not taken, in milliseconds. */
const PATIENCE = 10_000;

/** Looks for all programs of a source on PATH, or among the user's Pulumi plugins, in a fitting version. */
export async function findInstalled(source: Source, env: Environment): Promise<Installed> {
  const files = new Map<PartName, string>();
  let version: string | undefined;
  for (const program of source.programs) {
    if (program.plugin !== undefined) {
      const file = join(userPulumiHome(env), "plugins", program.plugin, program.name);
      if (!isExecutable(file)) return missing(`no ${file}`);
      files.set(program.name, file);
      version ??= source.version;
    } else if (program.ask === undefined) {
      const file = beside(program.name, [...files.values()][0]);
      if (file === undefined) return missing(`${program.name} is not beside ${source.programs[0]?.name ?? "it"}`);
      files.set(program.name, file);
    } else {
      const file = onPath(program.name, env);
      if (file === undefined) return missing(`no ${program.name}`);
      const answer = await run(file, program.ask, {
        env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
        timeout: PATIENCE,
      });
      const said = answer.status === 0 ? findVersion(answer.stdout + answer.stderr) : undefined;
      if (said === undefined) return misfit(`${file} does not say its version`);
      if (!fits(said, source.accepts)) {
        return misfit(
          `${file} is version ${said}, wanted is ${source.accepts.from} or newer, below ${source.accepts.below}`,
        );
      }
      files.set(program.name, file);
      version ??= said;
    }
  }
  return version === undefined ? missing("nothing") : { found: true, files, version };
}

/** The first executable file of that name on PATH. */
export function onPath(name: string, env: Environment): string | undefined {
  return (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function beside(name: string, first: string | undefined): string | undefined {
  if (first === undefined) return undefined;
  return [first, realpathSync(first)].map((file) => join(dirname(file), name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return existsSync(file) && statSync(file).isFile();
  } catch {
    return false;
  }
}

function missing(why: string): Installed {
  return { found: false, why, misfit: false };
}

function misfit(why: string): Installed {
  return { found: false, why, misfit: true };
}
