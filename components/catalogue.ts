import { calledName, checkEntries, isJob, isService, keptSelector, portsOf } from "./catalogue-check.ts";
import {
  canaryOf,
  type Delivered,
  delivered,
  type EventScaled,
  eventAutoscaler,
  eventScaled,
  eventScaleOf,
  type Rollouts,
  runsAs,
} from "./catalogue-delivery.ts";
import {
  callersOf,
  callVariables,
  type EntryCall,
  type Limited,
  limitFile,
  type MeshCallers,
  meshFaults,
  meshObjects,
} from "./catalogue-mesh.ts";
import { amount, layered, merged, nonEmpty, type Override } from "./catalogue-override.ts";
import { diagnosing, type Telemetry, telling, type Watched, watching } from "./catalogue-telemetry.ts";
import {
  type EnvironmentGateway,
  type GatewayPorts,
  gatewayCaller,
  gatewayPorts,
  type Routed,
  type Routes,
  routesOf,
  routing,
  type Unrouted,
  unknownMirrors,
} from "./catalogue-traffic.ts";
import type { Call, Caller } from "./core/call.ts";
import type { Environment, Member } from "./core/environment.ts";
import { FaultError, gather } from "./core/fault.ts";
import { type Objects, present } from "./core/object.ts";
import { once } from "./core/once.ts";
import {
  type Address,
  type EntryAlerts,
  entryAlerts,
  entryServiceLevel,
  type ServiceSlo,
} from "./observability/index.ts";
import { inMesh } from "./traffic/mesh/in-mesh.ts";
import type { Mesh } from "./traffic/mesh/mesh.ts";
import type { ConfigFiles } from "./workload/config.ts";
import { type CronJobProps, cronJob } from "./workload/cron-job.ts";
import { type MicroserviceProps, microservice } from "./workload/microservice.ts";
import { type WorkerProps, worker } from "./workload/worker.ts";
import type { Debug, WorkloadProps } from "./workload/workload.ts";

/** What the environment decides, so that a catalogue's entry does not. */
type Decided = "name" | "namespace" | "image" | "calls" | "partOf" | "debug" | "version";

/** What every entry of a catalogue says of itself. */
interface EntryFacts<Name extends string> extends EntryAlerts {
  /** The image without a tag; the environment says which version runs. */
  readonly image: string;
  /** The team that is called when it breaks. */
  readonly owner: string;
  /** Whom it calls: services of this catalogue by name or with what is different about the call, or hosts outside. [] for nobody. */
  readonly calls: readonly EntryCall<Name>[];
}

export type ServiceEntry<Name extends string = string> = EntryFacts<Name> &
  Omit<MicroserviceProps, Decided | "owner" | "calledBy"> &
  Routed<Name> &
  Limited &
  Watched &
  Delivered &
  EventScaled & {
    /** What it promises; recording rules and burn-rate alerts follow. @default nothing */
    readonly slo?: ServiceSlo;
  };
export type WorkerEntry<Name extends string = string> = EntryFacts<Name> &
  Omit<WorkerProps, Decided | "owner" | "calledBy"> &
  Watched &
  EventScaled &
  Unrouted;
export type JobEntry<Name extends string = string> = EntryFacts<Name> &
  Omit<CronJobProps, Decided | "owner"> &
  Unrouted;

/** A service has ports, a job has a schedule, a worker has neither. */
export type Entry<Name extends string = string> = ServiceEntry<Name> | WorkerEntry<Name> | JobEntry<Name>;

/** Component name -> what a team says of it. */
export type Catalogue = Readonly<Record<string, Entry>>;

/** Types a catalogue by its own keys: a call to a service that is not in it does not compile. */
export function catalogue<const T extends { readonly [K in keyof T]: Entry<Extract<keyof T, string>> }>(entries: T): T {
  return entries;
}

/** What an environment decides for every entry. */
export interface Setting {
  readonly namespace: string;
  readonly partOf: string;
  /** The tag of every image that has no version of its own. */
  readonly version: string;
  /** Pods of each service and worker that says nothing else. */
  readonly replicas: number;
  /** Whether load decides how many pods there are, where an entry says scale. */
  readonly autoscaling: boolean;
  readonly debug?: Debug;
  readonly spread?: MicroserviceProps["spread"];
  /** Variables that every component gets. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, Override>>;
  /** Whether entries get alerts beside those of their objectives. @default true */
  readonly alerts?: boolean;
  /** What fetches profiles of the components' pods, where they serve any. @default nothing */
  readonly diagnosedBy?: Address;
  /** Where every component sends its telemetry. @default nowhere */
  readonly telemetry?: Telemetry;
  /** What serves the routes: a Gateway, or an Ingress of a chosen class. @default nothing, so an entry with a route is a fault */
  readonly gateway?: EnvironmentGateway;
  /** What new versions need to take over step by step. @default nothing: they replace the old one's pods one by one */
  readonly rollouts?: Rollouts;
  /** Whether KEDA counts the work that waits, for entries that say scaleOn. @default false */
  readonly keda?: boolean;
  /** The mesh that every component is part of. @default none */
  readonly mesh?: Mesh;
}

/**
 * Every component of a catalogue in one environment.
 * @throws FaultError with the faults of all of them.
 */
export function components(entries: Catalogue, setting: Setting): Environment["members"] {
  const { faults, sound } = checkEntries(entries, setting);
  const routes = routesOf(sound);
  faults.push(...unknownMirrors(entries, sound, routes));
  const unmeshed = meshFaults(sound, setting);
  faults.push(...unmeshed);
  const { mesh, ...rest } = setting;
  // What is wrong with the mesh is told once, and not again by everything that is part of it.
  const here: Setting = mesh === undefined || unmeshed.length > 0 ? rest : setting;
  const callers = { services: callersOf(sound), gateway: gatewayPorts(sound, routes), routes };
  let members: Environment["members"] = {};
  try {
    members = gather(
      Object.entries(sound).map(([name, entry]) => [name, () => member(name, entry, sound, here, callers)] as const),
    );
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    faults.push(...error.faults);
  }
  if (faults.length > 0) throw new FaultError(faults);
  return members;
}

/** Who reaches a service: other entries, and the gateway by its routes. */
interface Callers {
  readonly services: MeshCallers;
  readonly gateway: GatewayPorts;
  readonly routes: Routes;
}

function member(name: string, entry: Entry, entries: Catalogue, setting: Setting, callers: Callers): Member {
  const override = setting.overrides?.[name] ?? {};
  const {
    calls,
    image,
    slo,
    alerts,
    certificates,
    backing,
    scrape: _scrape,
    route: _route,
    rollout: _rollout,
    scaleOn: _scaleOn,
    rateLimit: _limit,
    ...said
  }: Entry & Watched & Routed & Delivered & EventScaled & Limited & { readonly slo?: ServiceSlo } = entry;
  const { instrumentation = slo?.instrumentation, ...own } = said;
  const version = override.version ?? setting.version;
  const told = telling(name, entry.owner, version, setting);
  const called = callVariables(entry, entries, setting);
  const canary = isService(entry) ? canaryOf(name, entry, setting, override) : undefined;
  const meshed = once(() => meshObjects(name, entry, entries, setting, callers, told.calls, canary?.name));
  const made = (type: string, parts: Parts, after?: (objects: Objects) => Objects): Member =>
    memberOf(type, { ...parts, mesh: meshed }, (objects) => inMesh({ ...objects, ...after?.(objects) }, setting.mesh));
  const shared = {
    ...own,
    ...present({ resources: merged(own.resources, override.resources), debug: setting.debug }),
    name,
    namespace: setting.namespace,
    partOf: setting.partOf,
    version,
    image: override.image ?? (override.digest === undefined ? `${image}:${version}` : `${image}@${override.digest}`),
    calls: [...(calls ?? []).map((call) => resolved(call, entries)), ...told.calls],
    ...present({
      config: layered(name, withLimit(own, limitFile(entry, setting.mesh)), override),
      variables: nonEmpty({
        ...told.variables,
        ...called,
        ...setting.variables,
        ...own.variables,
        ...override.variables,
      }),
    }),
  };
  const wanted = present({ alerts: setting.alerts === false ? false : alerts, certificates, backing, instrumentation });
  if (isJob(entry)) {
    const suspended = override.suspended ?? entry.suspended;
    const { debug: _debug, ...job } = { ...shared, ...present({ suspended }) };
    return made("fairlead:workload:CronJob", {
      job: () => cronJob(job as CronJobProps),
      alerts: () => entryAlerts(wanted, { ...shared, workload: "cronJob" }),
    });
  }
  const { scale, replicas, ...rest } = { ...shared, ...amount(entry, setting, override) };
  const events = eventScaleOf(entry, setting, override);
  const sized = { ...rest, ...present(events === undefined ? { scale, replicas } : {}) };
  const workload = isService(entry) ? runsAs(entry, setting, override) : "deployment";
  const watched = { alerts: () => entryAlerts(wanted, { ...sized, ...eventAutoscaler(name, events), workload }) };
  if (!isService(entry)) {
    const parts = {
      worker: () =>
        eventScaled(name, entry, events, () => worker({ ...sized, calledBy: diagnosing(setting) } as WorkerProps)),
      ...watched,
    };
    return made("fairlead:workload:Worker", parts, (objects) => watching(name, entry, objects));
  }
  const { namespace, partOf } = setting;
  const { owner } = entry;
  const route = once(() =>
    routing(name, entry, entries, setting, {
      checked: callers.routes.has(name),
      ...present({ canary: canary?.router === "gateway" ? canary.name : undefined }),
    }),
  );
  const parts = {
    service: () =>
      eventScaled(name, entry, events, () =>
        delivered(
          name,
          entry,
          setting,
          override,
          (admitted) =>
            microservice({
              ...sized,
              calledBy: [
                ...(callers.services.get(name) ?? []).map((caller) => callerOf(caller.name, entries)),
                ...gatewayCaller(name, callers.gateway, setting),
                ...diagnosing(setting),
                ...admitted,
              ],
              ...present({ spread: entry.spread ?? setting.spread }),
              // Where no mesh balances the client must, whatever the service is used to elsewhere.
              ...(setting.mesh === undefined ? { grpcBalancing: "client" } : {}),
            } as MicroserviceProps),
          { routes: route, mesh: meshed },
        ),
      ),
    level: () =>
      slo === undefined ? {} : entryServiceLevel(slo, { name, namespace, partOf, owner, ports: entry.ports ?? {} }),
    route,
    ...watched,
  };
  return made("fairlead:workload:Microservice", parts, (objects) => watching(name, entry, objects));
}

/** The entry's files with the one of its limit, which its own of that name wins over. */
function withLimit(own: Pick<WorkloadProps, "config">, limit: ConfigFiles): Pick<WorkloadProps, "config"> {
  const config = nonEmpty({ ...limit, ...own.config });
  return config === undefined ? {} : { config };
}

type Parts = Readonly<Record<string, () => Objects>>;

/** A member of parts that are made one by one, so that the faults of one do not hide those of another, and what is made of them. */
function memberOf(type: string, parts: Parts, finished: (objects: Objects) => Objects): Member {
  const objects: Objects = Object.assign({}, ...Object.values(gather(Object.entries(parts))));
  return { type, objects: finished(objects) };
}

/** A call by name, with the ports that the called service listens on. */
function resolved(call: EntryCall, entries: Catalogue): Call {
  const service = calledName(call);
  if (service === undefined) return call;
  const ports = portsOf(entries[service]);
  const selector = keptSelector(entries[service]);
  // A called entry that is at fault has no ports yet, and says so itself.
  return { service, ...(ports.length === 0 ? {} : { ports }), ...present({ selector }) };
}

function callerOf(name: string, entries: Catalogue): Caller {
  const selector = keptSelector(entries[name]);
  return selector === undefined ? name : { service: name, selector };
}
