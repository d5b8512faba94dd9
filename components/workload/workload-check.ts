import type { Faults } from "../core/fault.ts";
import { bytes, quantityValue } from "../core/quantity.ts";
import { whereSound } from "../core/shape.ts";
import { checkConfig } from "./config.ts";
import { type CompanionProps, checkPorts } from "./container.ts";
import { checkResources } from "./resources.ts";
import { checkSecrets } from "./secret.ts";
import { debugPorts, mainResources, volumeBytes, type WorkloadProps, type WritableVolume } from "./workload.ts";

/** Volume names that the pod itself uses. */
const OWN_VOLUMES: readonly string[] = ["config", "secrets"];

/** Notes what no single property shows: clashes and references into nothing. */
export function checkWorkload(faults: Faults, props: WorkloadProps): void {
  whereSound(faults, props, ["resources", "sidecars", "initContainers"], (part) => {
    checkResources(faults, "resources", part.resources);
    for (const [path, companion] of companions(part)) checkResources(faults, `${path}.resources`, companion.resources);
  });
  whereSound(faults, props, ["resources", "volumes"], (part) => checkVolumeSizes(faults, part));
  whereSound(faults, props, ["config"], ({ config }) => checkConfig(faults, config));
  whereSound(faults, props, ["secrets"], ({ secrets }) => checkSecrets(faults, secrets));
  whereSound(faults, props, ["variables", "outputs", "secrets"], (part) => checkVariables(faults, part));
  whereSound(faults, props, ["name", "config", "secrets", "volumes"], (part) => checkVolumes(faults, part));
  whereSound(faults, props, ["name", "config", "volumes", "sidecars", "initContainers"], (part) =>
    checkCompanions(faults, part),
  );
  whereSound(faults, props, ["debug", "command"], ({ debug, command }) => {
    if (debug?.delve !== true || (command ?? []).length > 0) return;
    faults.add("command", command, "but Delve must be told what to run", 'give it, such as command: ["/order"]');
  });
}

/** Notes ports of one pod that two containers, or the program and a debugger, would fight over. */
export function checkPodPorts(
  faults: Faults,
  props: Pick<WorkloadProps, "debug" | "sidecars">,
  path: string,
  ports: Readonly<Record<string, number>>,
): void {
  checkPorts(faults, {
    [path]: ports,
    debug: debugPorts(props.debug),
    ...Object.fromEntries(
      Object.entries(props.sidecars ?? {}).map(([name, sidecar]) => [`sidecars.${name}.ports`, sidecar.ports]),
    ),
  });
}

/** Containers beside the main one, by the path at which they are declared. */
function companions(
  props: Pick<WorkloadProps, "sidecars" | "initContainers">,
): readonly (readonly [path: string, container: CompanionProps, name: string])[] {
  return (["sidecars", "initContainers"] as const).flatMap((group) =>
    Object.entries(props[group] ?? {}).map(([name, container]) => [`${group}.${name}`, container, name] as const),
  );
}

function checkVariables(faults: Faults, props: Pick<WorkloadProps, "variables" | "outputs" | "secrets">): void {
  const seen = new Map<string, string>();
  for (const source of ["variables", "outputs", "secrets"] as const) {
    for (const [name, value] of Object.entries(props[source] ?? {})) {
      if (source === "secrets" && typeof value === "object" && "file" in value && value.file === true) continue;
      const other = seen.get(name);
      if (other !== undefined)
        faults.add(`${source}.${name}`, name, `but ${other} sets that variable too`, "keep one of the two");
      seen.set(name, source);
    }
  }
}

function checkVolumes(faults: Faults, props: Pick<WorkloadProps, "name" | "config" | "secrets" | "volumes">): void {
  const paths = new Map<string, string>([
    ...(Object.keys(props.config ?? {}).length === 0 ? [] : [[`/etc/${props.name}`, "config"] as const]),
    ...(Object.values(props.secrets ?? {}).some(({ file }) => file === true)
      ? [["/run/secrets", "secrets"] as const]
      : []),
  ]);
  for (const [name, volume] of Object.entries(props.volumes ?? {})) {
    if (OWN_VOLUMES.includes(name)) {
      faults.add(`volumes.${name}`, name, "but the pod uses that name itself", `use another, such as "${name}-data"`);
    }
    const other = paths.get(volume.path);
    if (other !== undefined)
      faults.add(`volumes.${name}.path`, volume.path, `but ${other} is mounted there too`, "use another path");
    paths.set(volume.path, name);
    for (const property of ["size", "memory"] as const) {
      if (volume.claim === undefined || volume[property] === undefined) continue;
      faults.add(
        `volumes.${name}.${property}`,
        volume[property],
        `but the claim ${volume.claim} decides that`,
        `leave out ${property} or claim`,
      );
    }
  }
}

/** Notes folders that could never be filled: the pod would be evicted, or killed for its memory, before. */
function checkVolumeSizes(faults: Faults, props: Pick<WorkloadProps, "resources" | "volumes">): void {
  const { limits } = mainResources(props);
  const kinds = [
    ["memory", (volume: WritableVolume) => volume.memory === true, limits.memory],
    ["ephemeralStorage", (volume: WritableVolume) => volume.memory !== true, limits["ephemeral-storage"]],
  ] as const;
  for (const [kind, counts, limit] of kinds) {
    const size = volumeBytes(props.volumes, counts);
    if (size === 0 || size < (quantityValue(limit) ?? 0)) continue;
    faults.add(
      `resources.limits.${kind}`,
      limit,
      `but the volumes that count against it may hold ${bytes(size)}`,
      "raise the limit, or give the volumes a smaller size",
    );
  }
}

function checkCompanions(
  faults: Faults,
  props: Pick<WorkloadProps, "name" | "config" | "volumes" | "sidecars" | "initContainers">,
): void {
  const known = Object.keys(props.volumes ?? {});
  const names = new Map([[props.name, "the main container"]]);
  for (const [path, container, name] of companions(props)) {
    const namesake = names.get(name);
    if (namesake !== undefined) faults.add(path, name, `but ${namesake} has that name too`, "use another name");
    names.set(name, path);
    if (container.config === true && Object.keys(props.config ?? {}).length === 0) {
      faults.add(`${path}.config`, true, "but the component has no configuration files", "leave it out");
    }
    for (const volume of container.volumes ?? []) {
      if (known.includes(volume)) continue;
      const remedy =
        known.length === 0 ? `declare it: volumes: { ${volume}: { path: … } }` : `use one of ${known.join(", ")}`;
      faults.add(`${path}.volumes`, volume, "but the pod has no such volume", remedy);
    }
  }
}
