import { randomUUID } from "node:crypto";
import type { ClusterReader } from "../cluster-reader.ts";
import type { Resource, State } from "../state.ts";
import { asMade, byKind, identityOf, isObject, isWrittenSince, type LiveObject } from "./live.ts";
import { lookFor, type Settled } from "./pending.ts";
import type { Registration, Registrations } from "./registrations.ts";

/** What the provider writes on an object that it gave a name itself. */
const AUTONAMED = "pulumi.com/autonamed";

/**
 * Settles what a run had begun that wrote its state at the end only, and did not come to that: of what its journal tells,
 * it takes into the state what the run made. What else the run changed or removed a refresh finds out.
 */
export async function settleJournaled(
  read: ClusterReader,
  state: State,
  { begun, resources }: Registrations,
): Promise<Settled> {
  const current = (state.deployment.resources ?? []).filter((one) => one.delete !== true);
  const known = new Set(current.flatMap(({ inputs }) => identityOf(inputs) ?? []));
  const wanted = resources.filter((one) => isObject(one) && !known.has(identityOf(one.inputs) ?? ""));
  const made = await lookFor(wanted, (missing) => lookOnce(read, missing, { begun, current }));
  return { state: withMade(state, resources, made), begun: wanted.length, made: made.size };
}

interface Search {
  readonly begun: Date;
  readonly current: readonly Resource[];
}

/** What the run wrote, and the state does not have: under whatever name, and with a namespace that was left out. */
async function lookOnce(
  read: ClusterReader,
  wanted: readonly Registration[],
  { begun, current }: Search,
): Promise<ReadonlyMap<Registration, LiveObject>> {
  const found = new Map<Registration, LiveObject>();
  for await (const { resources, identity, live } of byKind(read, wanted)) {
    const known = new Set(current.map(({ inputs }) => identity(inputs)));
    const written = new Map([...live].filter(([name, object]) => !known.has(name) && isWrittenSince(object, begun)));
    for (const one of resources) {
      const name = identity(one.inputs);
      const object = name === undefined ? autonamed(one, written.values()) : written.get(name);
      if (object !== undefined) found.set(one, object);
    }
  }
  return found;
}

/** What the provider gave a name: the resource's own with something at random behind it. */
function autonamed({ urn }: Registration, objects: Iterable<LiveObject>): LiveObject | undefined {
  const start = `${urn.split("::").slice(3).join("::")}-`;
  for (const object of objects) {
    const { name = "", annotations } = object.metadata ?? {};
    if (annotations?.[AUTONAMED] === "true" && name.startsWith(start)) return object;
  }
  return undefined;
}

/** The state with what was made behind what it has: what something needs was registered before it. */
function withMade(
  { deployment, ...state }: State,
  resources: readonly Registration[],
  made: ReadonlyMap<Registration, LiveObject>,
): State {
  const replaced = new Set([...made.keys()].map(({ urn }) => urn));
  const before = (deployment.resources ?? []).map((one) => (replaced.has(one.urn) ? { ...one, delete: true } : one));
  const ids = new Map(before.flatMap((one) => (one.delete === true ? [] : [[one.urn, one.id ?? ""] as const])));
  const taken: Resource[] = [];
  for (const one of resources) {
    if (ids.has(one.urn)) continue;
    const whole = asKnown(one, made.get(one), ids);
    if (whole === undefined) continue;
    ids.set(whole.urn, whole.id ?? "");
    taken.push(whole);
  }
  return { ...state, deployment: { ...deployment, resources: [...before, ...taken] } };
}

/** What the state shall say of a registration; undefined where nothing can be said, as it was not made or is not known to be. */
function asKnown(
  registration: Registration,
  live: LiveObject | undefined,
  ids: ReadonlyMap<string, string>,
): Resource | undefined {
  const { answered, ...resource } = registration;
  if (resource.parent !== undefined && !ids.has(resource.parent)) return undefined;
  const dependencies = (resource.dependencies ?? []).filter((urn) => ids.has(urn));
  const provider = providerAmong(resource.provider, ids);
  const whole = { ...resource, dependencies, ...(provider === undefined ? {} : { provider }) };
  if (!resource.custom) return { ...whole, inputs: {} };
  if (isDefaultProvider(registration)) return { ...whole, id: randomUUID() };
  if (resource.provider !== undefined && provider === undefined) return undefined;
  if (isObject(registration)) return live === undefined ? undefined : asMade(named(whole, live), live);
  return answered && resource.id !== undefined ? whole : undefined;
}

/** The engine makes it for a program that names none, so nothing of it is answered. */
function isDefaultProvider({ type, urn }: Registration): boolean {
  return type.startsWith("pulumi:providers:") && /::default(_[^:]*)?$/.test(urn);
}

/** `<urn>::<id>` of a provider that is named so, or by its URN alone; undefined when it is not there. */
function providerAmong(reference: string | undefined, ids: ReadonlyMap<string, string>): string | undefined {
  if (reference === undefined) return undefined;
  const id = ids.get(reference);
  if (id !== undefined) return `${reference}::${id}`;
  return ids.has(reference.slice(0, Math.max(0, reference.lastIndexOf("::")))) ? reference : undefined;
}

/** With the name and the namespace that the provider gave it. */
function named(resource: Resource, { metadata: { name, namespace } = {} }: LiveObject): Resource {
  const { inputs = {} } = resource;
  const mark = inputs.metadata?.name === undefined ? { [AUTONAMED]: "true" } : {};
  const annotations = { ...Object(inputs.metadata?.["annotations"]), ...mark };
  const given = {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return { ...resource, inputs: { ...inputs, metadata: { ...inputs.metadata, ...given } } };
}
