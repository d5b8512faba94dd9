import { type Objects, present } from "../../core/object.ts";
import { isPlainObject } from "../../core/plain.ts";
import { type ServiceAlertsProps, serviceAlerts } from "../service-alerts.ts";
import type { Instrumentation } from "../slo/objective-props.ts";
import type { BackingService, ObjectNames, WorkloadKind } from "./row.ts";
import type { ServiceAlertSettings } from "./settings.ts";

/** What a catalogue's entry may say about its alerts. */
export interface EntryAlerts {
  /** Alerts that do otherwise than by default: { cpuThrottling: false, errorRatio: { above: "2%" } }; false for none at all. */
  readonly alerts?: ServiceAlertSettings | false;
  /** Names of cert-manager's Certificates that it serves with. @default none */
  readonly certificates?: readonly string[];
  /** What it stores data in and takes work from: { database: { postgres: "order-db" } }. @default nothing */
  readonly backing?: Readonly<Record<string, BackingService>>;
  /** Which library's metrics it exposes. @default that of its slo, "opentelemetry" */
  readonly instrumentation?: Instrumentation;
}

/** What the catalogue and the environment know already. */
export interface EntryFacts {
  readonly name: string;
  readonly namespace: string;
  readonly owner: string;
  readonly partOf?: string;
  readonly ports?: Readonly<Record<string, number>>;
  readonly metricsPort?: number;
  readonly scale?: object;
  /** The autoscaler that somebody else makes, such as KEDA. @default none */
  readonly autoscaler?: string;
  readonly resources?: { readonly limits?: { readonly cpu?: string } };
  readonly workload: WorkloadKind;
  readonly adopted?: { readonly names?: ObjectNames };
}

/** The alerts of an entry; nothing where it wants none. */
export function entryAlerts(own: EntryAlerts, facts: EntryFacts): Objects {
  const { alerts, ...said } = own;
  if (alerts === false) return {};
  const { name, namespace, owner, partOf, metricsPort, resources, workload, adopted } = facts;
  const { deployment, autoscaler = facts.autoscaler, disruptionBudget } = adopted?.names ?? {};
  // The service itself says what is wrong with its ports.
  const ports = isPlainObject(facts.ports) ? facts.ports : {};
  const runs = workload === "deployment" || workload === "rollout";
  const props: ServiceAlertsProps = {
    ...said,
    name,
    namespace,
    owner,
    names: present({ deployment, autoscaler, disruptionBudget }),
    ...(partOf === undefined ? {} : { partOf }),
    ...(alerts === undefined ? {} : { alerts }),
    workload,
    protocols: (["http", "grpc"] as const).filter((protocol) => ports[protocol] !== undefined),
    scraped: runs && (metricsPort ?? ports["metrics"] ?? ports["http"]) !== undefined,
    autoscaled: facts.scale !== undefined || facts.autoscaler !== undefined,
    disruptionBudget: runs,
    cpuLimit: resources?.limits?.cpu !== undefined,
  };
  return serviceAlerts(props);
}
