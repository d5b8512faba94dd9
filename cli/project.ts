import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Environment, Program, Settings } from "../components/core/environment.ts";
import { didYouMean, FaultError } from "../components/core/fault.ts";
import { configIn, readSettings, type SettingsFile } from "./settings.ts";

/** Where a project is. */
export interface Place {
  readonly root: string;
  /** Where this command line keeps what must not be in Git: FAIRLEAD_STATE. @default .fairlead in the project */
  readonly state: string;
}

/** A Fairlead project: a Pulumi project whose infra/program.ts exports a program. */
export interface Project extends Place {
  readonly program: Program;
}

/** The program of a project: TypeScript, or JavaScript where it was compiled. */
const PROGRAMS = ["infra/program.ts", "infra/program.js"];

/** Finds the project that the current folder belongs to, and does not look at its program. */
export function findProject(from: string = process.cwd()): Place {
  const root = projectRoot(resolve(from));
  return { root, state: resolve(process.env["FAIRLEAD_STATE"] ?? join(root, ".fairlead")) };
}

/** Finds the project that the current folder belongs to, and loads its program. */
export async function openProject(from: string = process.cwd()): Promise<Project> {
  const { root, state } = findProject(from);
  const file = PROGRAMS.find((one) => existsSync(join(root, one)));
  if (file === undefined) {
    const problem = "but it is what describes the environments";
    const remedy = "write it: export const program: Program = { project, environments, build }";
    throw oneFault(root, PROGRAMS[0] ?? "", undefined, problem, remedy);
  }
  const module: unknown = await import(pathToFileURL(join(root, file)).href);
  const program: unknown = Reflect.get(Object(module), "program");
  if (!isProgram(program)) {
    const problem = "but the command line looks for a program: its project, environments and build";
    throw oneFault(
      file,
      "program",
      program,
      problem,
      "export const program: Program = { project, environments, build }",
    );
  }
  return { root, program, state };
}

function isProgram(value: unknown): value is Program {
  if (typeof value !== "object" || value === null) return false;
  const parts = value as Partial<Record<keyof Program, unknown>>;
  return typeof parts.project === "string" && Array.isArray(parts.environments) && typeof parts.build === "function";
}

function projectRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (dirname(folder) === folder) {
      const problem = `but neither ${from} nor a folder above it has one`;
      throw oneFault("project", "Pulumi.yaml", undefined, problem, "change into the checkout");
    }
  }
}

/**
 * The environment by its name, built from the settings in its file.
 * @throws FaultError with everything that is wrong, before anything is started or changed.
 */
export function buildEnvironment(project: Project, name: string): Environment {
  return project.program.build(name, environmentSettings(project, name));
}

/** The same, as if its file had another text. */
export function buildWith(project: Project, name: string, text: string): Environment {
  return project.program.build(name, settingsFrom(project, { name: `Pulumi.${name}.yaml`, text }));
}

/**
 * What an environment's file says of it.
 * @throws FaultError for an unknown environment, and for a file that cannot be read.
 */
export function environmentSettings(project: Project, name: string): Settings {
  knownEnvironment(project, name);
  return settingsFrom(project, fileIn(project, `Pulumi.${name}.yaml`));
}

function settingsFrom(project: Project, stack: SettingsFile | undefined): Settings {
  const description = fileIn(project, "Pulumi.yaml");
  return readSettings(project.program, {
    ...(description === undefined ? {} : { project: description }),
    ...(stack === undefined ? {} : { stack }),
  });
}

/** What the stack's file says under a key of any namespace, such as "kubernetes:context". */
export function stackSetting(project: Project, name: string, key: string): unknown {
  const file = fileIn(project, `Pulumi.${name}.yaml`);
  return file === undefined ? undefined : configIn(file).find(([one]) => one === key)?.[1];
}

function fileIn({ root }: Project, name: string): SettingsFile | undefined {
  const file = join(root, name);
  return existsSync(file) ? { name, text: readFileSync(file, "utf8") } : undefined;
}

/** @throws FaultError with the nearest name. */
export function knownEnvironment({ program }: Project, name: string): void {
  if (program.environments.includes(name)) return;
  const problem = `but ${program.project} declares no such environment`;
  throw oneFault("environment", "", name, problem, didYouMean(name, program.environments));
}

/** A FaultError of one fault. An absent value reads "is missing"; a problem that is a sentence's own verb takes none. */
export function oneFault(component: string, path: string, value: unknown, problem: string, remedy: string): FaultError {
  const says = value !== undefined || problem.startsWith("but");
  return new FaultError([{ component, path, problem, remedy, ...(says ? { value } : {}) }]);
}
