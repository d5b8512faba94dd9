import * as z from "zod";
import { type Duration, seconds } from "../../core/duration.ts";
import type { Faults } from "../../core/fault.ts";
import type { Leaf, Objects } from "../../core/object.ts";
import type { Quantity } from "../../core/quantity.ts";
import {
  checked,
  duration,
  filled,
  leafText,
  maybe,
  namespaceName,
  quantity,
  recordOf,
  strict,
  whereSound,
  whole,
} from "../../core/shape.ts";
import { type SecretFromCluster, type SecretFromStore, secretsShape } from "../../workload/secret.ts";
import type { LogBucket } from "../telemetry/loki.ts";
import { type TelemetryPart, telemetryPartShape } from "../telemetry/shared.ts";
import type { Target } from "./target.ts";

/** What answers alerts with more than a message. Every step is off unless it is given. */
export interface AlertResponderProps extends Omit<TelemetryPart, "image"> {
  /** The program in services/responder, built and pushed by you. */
  readonly image: Leaf<string>;
  /** The services that it may touch: the name that alerts call them -> their objects. In its own namespace. */
  readonly services: Readonly<Record<string, Objects>>;
  readonly steps: ResponderSteps;
  /** The token that Alertmanager shows; the routing names the same. */
  readonly token: Omit<SecretFromStore, "file"> | Omit<SecretFromCluster, "file">;
  /** Where profiles and reports are kept. Needed by diagnose and archive, and by nothing else. */
  readonly storage?: ReportDisk | LogBucket;
  /** How long one step is not taken again for the same service. @default "15m" */
  readonly cooldown?: Duration;
  /** Asks the API server whether it would allow each change, and changes nothing. @default false */
  readonly dryRun?: boolean;
  /** Where the API server is, behind its Service: NetworkPolicy sees that address. @default every address at 443 and 6443 */
  readonly apiServer?: ApiServerAddress;
}

/** What may be done; a step that is absent is off, and its rights are not asked for. */
export interface ResponderSteps {
  /** Heap and goroutine profiles of the pods, at port 6060 where the environment serves them. */
  readonly diagnose?: DiagnoseStep;
  /** More pods for a while. */
  readonly scale?: ScaleStep;
  /** One pod taken out of its service, to be looked at; never where fewer than 2 others are ready. */
  readonly isolate?: IsolateStep;
  /** A report of each alert, as JSON and Markdown. @default false */
  readonly archive?: boolean;
}

export interface DiagnoseStep {
  /** Pods that are looked at, where the alert names none. @default 3 */
  readonly pods?: number;
  /** Longest that one profile may take. @default "10s" */
  readonly timeout?: Duration;
  /** Largest profile. In bytes. @default "32Mi" */
  readonly size?: Quantity;
}

export interface ScaleStep {
  /** Most pods, also where an autoscaler would allow more. */
  readonly max: number;
  /** Pods that are added. @default 2 */
  readonly by?: number;
  /** How long they stay though the alert still fires. @default "1h" */
  readonly hold?: Duration;
}

export interface IsolateStep {
  /** How long the pod lives on. @default "4h" */
  readonly keep?: Duration;
}

/** A disk of its own. */
export interface ReportDisk {
  readonly disk: Quantity;
  /** How long profiles and reports are kept; whole days are removed. @default "720h" */
  readonly retention?: Duration;
}

export interface ApiServerAddress {
  readonly cidrs: readonly string[];
  /** @default 6443 */
  readonly port?: number;
}

const span = checked(duration, (text) =>
  (seconds(text) ?? 0) >= 1 ? undefined : ["but that is less than a second", 'use for example "15m"'],
);

export const alertResponderShape = strict<AlertResponderProps>({
  ...telemetryPartShape,
  image: leafText,
  services: recordOf(z.custom<Objects>((value) => typeof value === "object" && value !== null)),
  steps: strict<ResponderSteps>({
    diagnose: maybe(strict<DiagnoseStep>({ pods: maybe(whole(1)), timeout: maybe(span), size: maybe(quantity) })),
    scale: maybe(strict<ScaleStep>({ max: whole(1), by: maybe(whole(1)), hold: maybe(span) })),
    isolate: maybe(strict<IsolateStep>({ keep: maybe(span) })),
    archive: maybe(z.boolean()),
  }),
  token: z.union([
    strict<Omit<SecretFromStore, "file">>({
      store: filled,
      storeKind: maybe(z.enum(["SecretStore", "ClusterSecretStore"])),
      key: filled,
      property: maybe(filled),
    }),
    strict<Omit<SecretFromCluster, "file">>({ secret: filled, key: filled }),
  ]),
  storage: maybe(
    z.union([
      strict<ReportDisk>({ disk: quantity, retention: maybe(span) }),
      strict<LogBucket>({ bucket: filled, host: filled, region: filled, secrets: secretsShape }),
    ]),
  ),
  cooldown: maybe(span),
  dryRun: maybe(z.boolean()),
  apiServer: maybe(strict<ApiServerAddress>({ cidrs: z.array(z.string()).min(1), port: maybe(whole(1)) })),
  monitoring: maybe(namespaceName),
});

/** Notes steps that could do nothing, or more than anybody meant. */
export function checkSteps(
  faults: Faults,
  props: AlertResponderProps,
  targets: Readonly<Record<string, Target | undefined>>,
  pprofPort: number,
): void {
  whereSound(faults, props, ["steps", "storage"], ({ steps, storage }) => {
    const { diagnose, scale, isolate, archive = false } = steps;
    if (diagnose === undefined && scale === undefined && isolate === undefined && !archive) {
      faults.add("steps", steps, "but then it would never do anything", "switch a step on, or leave the responder out");
    }
    for (const [step, on] of Object.entries({ diagnose: diagnose !== undefined, archive })) {
      if (on && storage === undefined) {
        faults.add(
          "storage",
          storage,
          `but ${step} needs a place to keep things`,
          'give a disk: { disk: "10Gi" }, or a bucket',
        );
      }
    }
    if (storage !== undefined && diagnose === undefined && !archive) {
      faults.add("storage", storage, "but no step keeps anything there", "leave it out, or switch archive on");
    }
  });
  whereSound(faults, props, ["services", "steps"], ({ services, steps }) => {
    if (Object.keys(services).length === 0) {
      faults.add(
        "services",
        services,
        "but then no alert is about anything in its care",
        "name the services it may touch",
      );
    }
    for (const [name, target] of Object.entries(targets)) {
      if (target === undefined) {
        faults.add(`services.${name}`, name, "but it has no Deployment or Rollout", "leave it out");
      } else if (steps.diagnose !== undefined && !Object.values(target.ports).includes(pprofPort)) {
        faults.add(
          `services.${name}`,
          name,
          `but its pods serve no profiles at port ${pprofPort}, so diagnose could fetch none`,
          "set debug: { pprof: true } in this environment, or leave diagnose out",
        );
      }
    }
  });
}
