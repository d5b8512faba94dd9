import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Environment, Program, Settings } from "../components/core/environment.ts";
import { didYouMean, FaultError } from "../components/core/fault.ts";
import { readSettings } from "./settings.ts";

/** A Fairlead project: a Pulumi project whose infra/program.ts exports a program. */
export interface Project {
  readonly root: string;
  readonly program: Program;
  /** Where this command line keeps what must not be in Git. @default .fairlead in the checkout, or FAIRLEAD_STATE */
  readonly state: string;
}

/** Finds the project that the current folder belongs to. */
export async function openProject(from: string = process.cwd()): Promise<Project> {
  const root = projectRoot(resolve(from));
  const file = join(root, "infra", "program.ts");
  if (!existsSync(file)) {
    throw oneFault(
      root,
      "infra/program.ts",
      undefined,
      "but it is what describes the environments",
      "write it: export const program: Program = { project, environments, build }",
    );
  }
  const module: { readonly program?: Program } = await import(pathToFileURL(file).href);
  if (module.program === undefined) {
    throw oneFault(
      "infra/program.ts",
      "program",
      undefined,
      "but the command line looks for it",
      "export const program: Program = …",
    );
  }
  return { root, program: module.program, state: resolve(process.env["FAIRLEAD_STATE"] ?? join(root, ".fairlead")) };
}

function projectRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (dirname(folder) === folder) {
      throw oneFault(
        "project",
        "Pulumi.yaml",
        undefined,
        `but neither ${from} nor a folder above it has one`,
        "change into the checkout",
      );
    }
  }
}

/**
 * The environment by its name, built from the settings in its file.
 * @throws FaultError with everything that is wrong, before anything is started or changed.
 */
export async function buildEnvironment(project: Project, name: string): Promise<Environment> {
  return project.program.build(knownEnvironment(project, name), await environmentSettings(project, name));
}

/** @throws FaultError with the nearest name. */
export function knownEnvironment({ program }: Project, name: string): string {
  if (program.environments.includes(name)) return name;
  throw oneFault(
    "environment",
    "",
    name,
    `but ${program.project} declares no such environment`,
    didYouMean(name, program.environments),
  );
}

async function environmentSettings({ root, program }: Project, name: string): Promise<Settings> {
  const file = `Pulumi.${name}.yaml`;
  const path = join(root, file);
  return existsSync(path) ? readSettings(readFileSync(path, "utf8"), file, program) : {};
}

/** A FaultError of one fault. */
export function oneFault(component: string, path: string, value: unknown, problem: string, remedy: string): FaultError {
  return new FaultError([{ component, path, value, problem, remedy }]);
}
