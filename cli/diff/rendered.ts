import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Member } from "../../components/core/environment.ts";
import { gather } from "../../components/core/fault.ts";
import { fromYaml } from "../../components/yaml/index.ts";
import { findProject, oneFault, openProject } from "../project.ts";
import { type Snapshot, snapshot } from "./snapshot.ts";

/**
 * The environments of a rendered folder: deploy with a folder for each, or the folder of one.
 * @throws FaultError where there is no YAML, and with the place of everything that is none.
 */
export async function renderedSnapshots(folder: string, only: string | undefined): Promise<readonly Snapshot[]> {
  const folders = (await isEnvironment(folder))
    ? [folder]
    : subfolders(folder).filter((one) => yamlFiles(one).length > 0);
  if (folders.length === 0) {
    const remedy = "name a checkout (with a Pulumi.yaml), or the folder that `fairlead render` wrote";
    throw oneFault("diff", "", folder, "but no YAML stands in it", remedy);
  }
  return folders
    .filter((one) => only === undefined || basename(one) === only)
    .map((one) => snapshot({ name: basename(one), members: members(one) }, false));
}

/** Whether a folder is one environment's: it holds YAML itself, or bears the name of an environment of this project. */
async function isEnvironment(folder: string): Promise<boolean> {
  if (readdirSync(folder).some(isYaml)) return true;
  try {
    return (await openProject(findProject().root)).program.environments.includes(basename(folder));
  } catch {
    // Rendered folders can be compared where there is no project at all.
    return false;
  }
}

function subfolders(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((one) => one.isDirectory() && !one.name.startsWith("."))
    .map(({ name }) => join(folder, name))
    .sort();
}

function isYaml(file: string): boolean {
  return /\.ya?ml$/.test(file) && !/^kustomization\.ya?ml$/.test(file);
}

/** Files below a folder, as paths from it. */
function yamlFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => isYaml(basename(file)))
    .sort();
}

/** A component for each file, or for each folder of files. */
function members(folder: string): Readonly<Record<string, Member>> {
  const byComponent = new Map<string, string[]>();
  for (const file of yamlFiles(folder)) {
    const component = file.split(/[/\\]/)[0]?.replace(/\.ya?ml$/, "") ?? file;
    byComponent.set(component, [...(byComponent.get(component) ?? []), file]);
  }
  return gather(
    [...byComponent].map(([component, files]) => [
      component,
      () => ({
        type: "",
        objects: Object.assign({}, ...files.map((file) => objectsIn(folder, file))) as Member["objects"],
      }),
    ]),
  );
}

/** Most files of two folders are the same, and reading YAML is what takes the time: each text is read once. */
const READ = new Map<string, Member["objects"]>();

function objectsIn(folder: string, file: string): Member["objects"] {
  const text = readFileSync(join(folder, file), "utf8");
  const objects = READ.get(text) ?? fromYaml(text, { file });
  READ.set(text, objects);
  return Object.fromEntries(Object.entries(objects).map(([role, object]) => [`${file} ${role}`, object]));
}
