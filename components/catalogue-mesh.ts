import type { Catalogue, Entry, Setting } from "./catalogue.ts";
import { calledBy, isJob, isService, keptSelector } from "./catalogue-check.ts";
import type { GatewayPorts } from "./catalogue-traffic.ts";
import type { Call, HostCall, ServiceCall } from "./core/call.ts";
import type { CallPolicy } from "./core/call-policy.ts";
import { seconds } from "./core/duration.ts";
import type { Member } from "./core/environment.ts";
import { type Fault, Faults } from "./core/fault.ts";
import { type Objects, present } from "./core/object.ts";
import { checkShape, isPort } from "./core/shape.ts";
import { externalHosts } from "./traffic/mesh/external-hosts.ts";
import { checkMesh, type Mesh, RATE_LIMIT, type RateLimit, rateLimitShape, TRAFFIC_TAG } from "./traffic/mesh/mesh.ts";
import { meshClient } from "./traffic/mesh/mesh-client.ts";
import { meshNamespace } from "./traffic/mesh/mesh-namespace.ts";
import { type MeshCaller, meshService } from "./traffic/mesh/mesh-service.ts";
import { checkBudget, resolvePolicy } from "./traffic/mesh/policy.ts";
import { proxiesOf } from "./traffic/target.ts";
import type { ConfigFiles } from "./workload/config.ts";
import { type GrpcTarget, grpcClientVariables } from "./workload/grpc.ts";

/** What an entry says of the requests that reach it. */
export interface Limited {
  /**
   * What one instance takes in; false: anything. Its proxy keeps to it in mode sidecar; elsewhere the program does, by the
   * file rate-limit.yaml, which it reads anew when it changes. @default the mesh's; without a mesh anything
   */
  readonly rateLimit?: RateLimit | false;
}

/** A call that differs from what the environment says of calls. */
export interface PolicyCall<Name extends string = string> extends CallPolicy {
  readonly service: Name;
}

export type EntryCall<Name extends string = string> = Name | PolicyCall<Name> | HostCall;

const isHostCall = (call: EntryCall): call is HostCall => typeof call !== "string" && "host" in call;

/** A call by name as a call with a policy of nothing. */
function policyCall(call: Exclude<EntryCall, HostCall>): PolicyCall {
  return typeof call === "string" ? { service: call } : call;
}

/** Called service -> how each of its callers calls it. */
export type MeshCallers = ReadonlyMap<string, readonly (CallPolicy & { readonly name: string })[]>;

/** Called service -> its callers, in the catalogue's order. */
export function callersOf(entries: Catalogue): MeshCallers {
  const callers = new Map<string, (CallPolicy & { readonly name: string })[]>();
  for (const [name, entry] of Object.entries(entries)) {
    for (const call of entry.calls) {
      if (isHostCall(call)) continue;
      const { service, ...policy } = policyCall(call);
      const known = callers.get(service);
      if (known === undefined) callers.set(service, [{ ...policy, name }]);
      else known.push({ ...policy, name });
    }
  }
  return callers;
}

/** What is wrong with how an environment's entries call each other. */
export function meshFaults(entries: Catalogue, setting: Pick<Setting, "mesh">): readonly Fault[] {
  const faults = new Faults("settings");
  const { mesh } = setting;
  if (mesh !== undefined && !checkMesh(faults, mesh, "mesh")) return faults.found;
  const central = mesh?.policy;
  const deadlines = deadlinesOf(entries, mesh);
  return [
    ...faults.found,
    ...Object.entries(entries).flatMap(([name, entry]) => {
      const own = new Faults(name);
      checkLimit(own, entry);
      const deadline = deadlines.get(name);
      for (const [index, call] of entry.calls.entries()) {
        if (typeof call === "string" || isHostCall(call)) continue;
        checkBudget(own, `calls.${index}`, call, central);
        if (deadline === undefined || call.timeout === undefined || (seconds(call.timeout) ?? 0) <= deadline.seconds)
          continue;
        const problem = `but ${deadline.says} after ${deadline.seconds} s, and nobody would be there for the answer`;
        own.add(
          `calls.${index}.timeout`,
          call.timeout,
          problem,
          `use "${deadline.seconds}s" or less, or give ${name} longer`,
        );
      }
      return own.found;
    }),
  ];
}

function checkLimit(faults: Faults, entry: Entry & Limited): void {
  const { rateLimit } = entry;
  if (rateLimit === undefined || rateLimit === false) return;
  if (checkShape(faults, rateLimitShape, rateLimit, "rateLimit") && !isService(entry)) {
    faults.add("rateLimit", rateLimit, "but it has no ports, so nothing reaches it", "leave out rateLimit");
  }
}

/** When the last one who waits for a component gives up; none where somebody may wait for ever. */
function deadlinesOf(
  entries: Catalogue,
  mesh: Mesh | undefined,
): ReadonlyMap<string, { readonly seconds: number; readonly says: string }> {
  const deadlines = new Map<string, { readonly seconds: number; readonly says: string }>();
  for (const [name, callers] of callersOf(entries)) {
    let longest = { seconds: 0, says: "" };
    for (const caller of callers) {
      const known = caller.timeout !== undefined || mesh !== undefined;
      const waits = known ? resolvePolicy(caller, mesh?.policy).timeout / 1000 : Number.POSITIVE_INFINITY;
      if (waits > longest.seconds)
        longest = { seconds: waits, says: `${caller.name}, its most patient caller, gives up` };
    }
    const entry = entries[name];
    // A route brings requests whose patience is not known here.
    if (entry === undefined || routed(entry) || !Number.isFinite(longest.seconds)) continue;
    deadlines.set(name, longest);
  }
  for (const [name, entry] of Object.entries(entries)) {
    // What is no text is told by the job's own shape.
    if (!isJob(entry) || typeof entry.deadline !== "string") continue;
    deadlines.set(name, { seconds: seconds(entry.deadline) ?? 0, says: "the job is stopped" });
  }
  return deadlines;
}

const routed = (entry: Entry): boolean => "route" in entry && entry.route !== undefined;

/** The Service's name, which an adopted entry may have kept. */
function serviceName(name: string, entry: Entry | undefined, role: "service" | "headless"): string {
  const own = role === "service" ? name : `${name}-headless`;
  return entry !== undefined && "adopted" in entry ? (entry.adopted?.names?.[role] ?? own) : own;
}

function accountName(name: string, entry: Entry | undefined): string {
  return entry !== undefined && "adopted" in entry ? (entry.adopted?.names?.serviceAccount ?? name) : name;
}

/** Variables of a component: whom its gRPC clients dial, and the header that carries the colour. */
export function callVariables(entry: Entry, entries: Catalogue, setting: Setting): Readonly<Record<string, string>> {
  const { mesh, namespace } = setting;
  const targets = entry.calls.flatMap((call): readonly GrpcTarget[] => {
    if (isHostCall(call)) return [];
    const { service, ...policy } = policyCall(call);
    const called = entries[service];
    // A called entry that is at fault says so itself.
    if (called === undefined || !isService(called) || !isPort(called.ports?.grpc)) return [];
    const balancing = mesh === undefined ? { headless: serviceName(service, called, "headless") } : {};
    const port = called.adopted?.servicePorts?.["grpc"];
    return [
      {
        service: serviceName(service, called, "service"),
        namespace,
        port: mesh === undefined ? called.ports.grpc : (port ?? called.ports.grpc),
        ...balancing,
        grpc: called.grpc,
        policy,
      },
    ];
  });
  const variables = grpcClientVariables(targets);
  return mesh === undefined ? variables : { ...variables, TRAFFIC_TAG_HEADER: TRAFFIC_TAG };
}

/** The file by which a program keeps to its limit where no proxy does. */
export function limitFile(entry: Entry, mesh: Mesh | undefined): ConfigFiles {
  const own = isService(entry) ? entry.rateLimit : false;
  const limit = own ?? (mesh === undefined ? false : (mesh.rateLimit ?? RATE_LIMIT));
  if (limit === false || mesh?.mode === "sidecar") return {};
  return { "rate-limit.yaml": { reload: true, content: { ...limit } } };
}

/** The mesh, with the proxies of the environment's gateway among those that it admits. */
function withGateway({ mesh, gateway }: Pick<Setting, "mesh" | "gateway">): Mesh | undefined {
  if (mesh === undefined || gateway === undefined) return mesh;
  const namespace = proxiesOf(gateway);
  const known = mesh.gateways ?? [];
  return known.some((one) => one.namespace === namespace) ? mesh : { ...mesh, gateways: [...known, { namespace }] };
}

/**
 * What a component has in a mesh beside its own objects.
 * @param canary The Service of its new version, if it has one.
 */
export function meshObjects(
  name: string,
  entry: Entry,
  entries: Catalogue,
  setting: Setting,
  callers: { readonly services: MeshCallers; readonly gateway: GatewayPorts },
  telling: readonly ServiceCall[],
  canary: string | undefined,
): Objects {
  const { namespace, partOf } = setting;
  const mesh = withGateway(setting);
  if (mesh === undefined) return {};
  const { owner } = entry;
  const facts = { name, namespace, partOf, owner, mesh, ...present({ selector: keptSelector(entry) }) };
  const calls = entry.calls.map((call): Call => {
    if (isHostCall(call)) return call;
    const said = policyCall(call);
    return { ...said, service: serviceName(said.service, entries[said.service], "service") };
  });
  const client = meshClient({ ...facts, calls: [...calls, ...telling] });
  if (!isService(entry)) return client;
  const scrapedPort = entry.ports?.metrics ?? entry.ports?.http;
  return {
    ...client,
    ...meshService({
      ...facts,
      ports: entry.ports,
      callers: (callers.services.get(name) ?? []).map(
        (caller): MeshCaller => ({
          ...caller,
          serviceAccount: accountName(caller.name, entries[caller.name]),
          ...present({ selector: keptSelector(entries[caller.name]) }),
        }),
      ),
      fromGateways: callers.gateway.has(name),
      service: serviceName(name, entry, "service"),
      ...(scrapedPort === undefined || entry.scrapedFrom === false
        ? {}
        : { scraped: { namespace: entry.scrapedFrom ?? "monitoring", port: scrapedPort } }),
      ...present({ rateLimit: entry.rateLimit, canary }),
    }),
  };
}

/** What the namespace of a catalogue has in a mesh: strict mutual TLS, default deny, and the hosts outside. */
export function meshMembers(
  entries: Catalogue,
  setting: Pick<Setting, "namespace" | "partOf" | "mesh" | "gateway">,
): Readonly<Record<string, Member>> {
  const { namespace, partOf } = setting;
  const mesh = withGateway(setting);
  if (mesh === undefined) return {};
  const hosts = Object.values(entries).flatMap((entry) => entry.calls.filter(isHostCall));
  const facts = { namespace, partOf, mesh, hosts };
  const called = hosts.length > 0 || Object.values(entries).some((entry) => calledBy(entry).length > 0);
  return {
    mesh: { type: "fairlead:traffic:MeshNamespace", objects: meshNamespace({ ...facts, name: "mesh", called }) },
    ...(hosts.length === 0
      ? {}
      : {
          "mesh-hosts": {
            type: "fairlead:traffic:ExternalHosts",
            objects: externalHosts({ ...facts, name: "mesh-hosts" }),
          },
        }),
  };
}
