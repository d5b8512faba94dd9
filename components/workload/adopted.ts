import * as z from "zod";
import type { Faults } from "../core/fault.ts";
import { selectorLabels } from "../core/name.ts";
import type { Metadata } from "../core/object.ts";
import {
  absolutePath,
  checked,
  labelValue,
  maybe,
  objectName,
  partName,
  port,
  recordOf,
  strict,
} from "../core/shape.ts";
import type { WorkloadProps } from "./workload.ts";

/** Roles whose objects can keep the name that they had. */
const ROLES = [
  "serviceAccount",
  "config",
  "configReloaded",
  "variables",
  "deployment",
  "service",
  "headless",
  "autoscaler",
  "disruptionBudget",
  "networkPolicy",
] as const;

export type AdoptedRole = (typeof ROLES)[number];

/**
 * What a component keeps of the objects that ran before it, so that none of them is replaced: `fairlead adopt` writes it.
 * A component that begins its life here has none of it.
 */
export interface Adopted {
  /**
   * Labels that select the pods: a Deployment's can never change, and the Service must go on finding the old pods while
   * the new ones start. @default app.kubernetes.io/name: <name>
   */
  readonly selector?: Readonly<Record<string, string>>;
  /** Role -> name of its object. A named ConfigMap is not immutable; its content stands as a hash on the pods. @default the component's own names */
  readonly names?: { readonly [R in AdoptedRole]?: string };
  /** Port name -> number that the Service listens on, where callers know another than the pods'. @default the pods' own */
  readonly servicePorts?: Readonly<Record<string, number>>;
  /** Folder of the configuration files. @default "/etc/<name>" */
  readonly configPath?: string;
  /** Cuts nobody off, whatever `calls` says: for as long as it is not known who calls whom. @default false */
  readonly openNetwork?: boolean;
}

/** Their names are names of DNS, so they have no dots. */
const SERVICES: readonly AdoptedRole[] = ["service", "headless"];

const labelKey = checked(z.string(), (key) =>
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(key)
    ? undefined
    : ["but it is no label of Kubernetes", 'use for example "app" or "app.kubernetes.io/name"'],
);

const selector = checked(recordOf(labelValue, labelKey), (labels) =>
  Object.keys(labels).length === 0
    ? ["but an empty selector would take every pod of the namespace", "copy matchLabels of the Deployment that runs"]
    : undefined,
);

export const adoptedShape = strict<Adopted>({
  selector: maybe(selector),
  names: maybe(
    strict<NonNullable<Adopted["names"]>>(
      Object.fromEntries(ROLES.map((role) => [role, maybe(SERVICES.includes(role) ? partName : objectName)])) as {
        readonly [R in AdoptedRole]-?: z.ZodType<string>;
      },
    ),
  ),
  servicePorts: maybe(recordOf(port)),
  configPath: maybe(absolutePath),
  openNetwork: maybe(z.boolean()),
});

/** What selects the pods of a component. */
export function selectorOf(props: {
  readonly name: string;
  readonly adopted?: Adopted;
}): Readonly<Record<string, string>> {
  return props.adopted?.selector ?? selectorLabels(props.name);
}

/** The metadata of one role's object. */
export function named<M extends Metadata>(
  metadata: M,
  role: AdoptedRole,
  adopted: Adopted | undefined,
  name = metadata.name,
): M {
  return { ...metadata, name: adopted?.names?.[role] ?? name };
}

/** Notes a volume that would stand where the configuration files do. */
export function checkAdoptedPath(
  faults: Faults,
  { adopted, volumes = {}, config = {} }: Pick<WorkloadProps, "volumes" | "config"> & { readonly adopted?: Adopted },
): void {
  if (adopted?.configPath === undefined || Object.keys(config).length === 0) return;
  for (const [name, { path }] of Object.entries(volumes)) {
    if (path !== adopted.configPath) continue;
    faults.add(`volumes.${name}.path`, path, "but the configuration is mounted there too", "use another path");
  }
}

/** Notes a port of the Service that the pods do not have. */
export function checkAdoptedPorts(
  faults: Faults,
  adopted: Adopted | undefined,
  ports: Readonly<Record<string, number>>,
): void {
  for (const [name, number] of Object.entries(adopted?.servicePorts ?? {})) {
    if (Object.hasOwn(ports, name)) continue;
    const known = Object.keys(ports).join(", ");
    faults.add(`adopted.servicePorts.${name}`, number, "but the pods have no port of that name", `use one of ${known}`);
  }
}
