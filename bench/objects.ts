import { readFileSync, writeFileSync } from "node:fs";
import type { Environment, KubernetesObject, Objects } from "../components/index.ts";

/** Service -> its objects by role. */
export type Services = Readonly<Record<string, Objects>>;

/** Writes the objects of an environment for programs that only write YAML: deriving and checking them costs those nothing. */
export function writeObjects(environment: Environment, file: string): void {
  writeFileSync(file, JSON.stringify(servicesOf(environment)));
}

/** The same under `services`, as the values of a Helm chart. */
export function writeValues(environment: Environment, file: string): void {
  writeFileSync(file, JSON.stringify({ services: servicesOf(environment) }));
}

function servicesOf(environment: Environment): Services {
  return Object.fromEntries(Object.entries(environment.members).map(([name, { objects }]) => [name, objects]));
}

/** Reads them back. The file was written by {@link writeObjects} a moment ago. */
export function readObjects(file: string): Services {
  return JSON.parse(readFileSync(file, "utf8")) as Services;
}

/** The objects of one service in their order. */
export function inOrder(objects: Objects): readonly KubernetesObject[] {
  return Object.values(objects);
}
