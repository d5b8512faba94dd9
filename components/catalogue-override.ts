import * as z from "zod";
import type { ServiceEntry, Setting, WorkerEntry } from "./catalogue.ts";
import { didYouMean, FaultError } from "./core/fault.ts";
import { type Leaf, present } from "./core/object.ts";
import { checked, maybe, recordOf, strict, whole } from "./core/shape.ts";
import { type Move, moveShape } from "./delivery/rollout-props.ts";
import { scaleShape } from "./workload/autoscaler.ts";
import { type ConfigTree, configTreeShape, variablesShape } from "./workload/config.ts";
import { imageShape } from "./workload/container.ts";
import type { MicroserviceProps } from "./workload/microservice.ts";
import { resourcesShape } from "./workload/resources.ts";
import type { WorkloadProps } from "./workload/workload.ts";

/** What one environment changes about one entry. */
export interface Override {
  /** The image's tag; wins over the environment's version. */
  readonly version?: string;
  /** A digest instead of the tag: exactly these bytes. */
  readonly digest?: string;
  /** The whole image instead, such as the Output of a build; wins over version and digest. */
  readonly image?: Leaf<string>;
  readonly replicas?: number;
  readonly scale?: MicroserviceProps["scale"];
  readonly resources?: WorkloadProps["resources"];
  readonly variables?: Readonly<Record<string, string>>;
  /** File name -> what is laid over its content. */
  readonly config?: Readonly<Record<string, ConfigTree>>;
  /** A job that keeps its schedule and starts nothing. */
  readonly suspended?: boolean;
  /** Whether its versions take over as the entry says; or, while a Deployment and a Rollout run beside each other, which way. @default true */
  readonly rollout?: boolean | { readonly move: Move };
}

/** An override as settings give it. */
export const overrideShape = strict<Override>({
  version: maybe(z.string().min(1)),
  digest: maybe(
    checked(z.string(), (text) =>
      /^sha256:[0-9a-f]{64}$/.test(text)
        ? undefined
        : ["but it is no digest", "copy it from the registry: sha256 and 64 hexadecimal digits"],
    ),
  ),
  image: maybe(imageShape),
  replicas: maybe(whole(1)),
  scale: maybe(scaleShape),
  resources: maybe(resourcesShape),
  variables: maybe(variablesShape),
  config: maybe(recordOf(configTreeShape)),
  suspended: maybe(z.boolean()),
  rollout: maybe(z.union([z.boolean(), strict<{ readonly move: Move }>({ move: moveShape })])) as z.ZodType<
    boolean | { readonly move: Move }
  >,
});

export function nonEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

/** Fixed or scaled: the override decides, then the entry where the environment scales, then the environment. Exactly one is given. */
export function amount(
  entry: WorkerEntry | ServiceEntry,
  setting: Setting,
  override: Override,
): { readonly scale: MicroserviceProps["scale"] | undefined; readonly replicas: number | undefined } {
  const scale = override.replicas === undefined && setting.autoscaling ? entry.scale : undefined;
  if (override.scale !== undefined) return { scale: override.scale, replicas: override.replicas };
  if (scale !== undefined) return { scale, replicas: undefined };
  return { scale: undefined, replicas: override.replicas ?? entry.replicas ?? setting.replicas };
}

export function merged(
  own: WorkloadProps["resources"],
  override: WorkloadProps["resources"],
): WorkloadProps["resources"] {
  if (override === undefined) return own;
  return present({
    requests: nonEmpty({ ...own?.requests, ...override.requests }),
    limits: nonEmpty({ ...own?.limits, ...override.limits }),
  });
}

export function layered(name: string, own: Pick<WorkloadProps, "config">, override: Override): WorkloadProps["config"] {
  if (override.config === undefined) return own.config;
  const files = { ...own.config };
  for (const [file, layer] of Object.entries(override.config)) {
    const base = Object.hasOwn(files, file) ? files[file] : undefined;
    if (base === undefined) {
      throw new FaultError([
        {
          component: "settings",
          path: `services.${name}.config.${file}`,
          value: file,
          problem: `but ${name} has no such file to lay it over`,
          remedy: didYouMean(file, Object.keys(own.config ?? {})),
        },
      ]);
    }
    files[file] = { ...base, layers: [...(base.layers ?? []), layer] };
  }
  return files;
}
