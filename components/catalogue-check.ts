import * as z from "zod";
import type { Catalogue, Entry, JobEntry, ServiceEntry, Setting } from "./catalogue.ts";
import { callShape } from "./core/call.ts";
import { didYouMean, type Fault, Faults } from "./core/fault.ts";
import { checkShape, filled, isPort, labelValue } from "./core/shape.ts";
import { adoptedShape } from "./workload/adopted.ts";

export const isService = (entry: Entry): entry is ServiceEntry => "ports" in entry;
export const isJob = (entry: Entry): entry is JobEntry => "schedule" in entry;

// What the catalogue itself reads; the component that follows from an entry checks the rest.
const factsShape = z.looseObject({ image: filled, owner: labelValue, calls: z.array(callShape) });

/** What is wrong between a catalogue's entries, and the entries of which components can be made. */
export function checkEntries(
  entries: Catalogue,
  setting: Pick<Setting, "overrides">,
): { readonly faults: Fault[]; readonly sound: Catalogue } {
  const shaped = new Faults("catalogue");
  if (!checkShape(shaped, z.record(z.string(), z.unknown()), entries)) return { faults: [...shaped.found], sound: {} };
  const faults: Fault[] = [];
  const sound: Record<string, Entry> = {};
  for (const [name, entry] of Object.entries(entries)) {
    const own = new Faults(name);
    if (checkShape(own, factsShape, entry)) sound[name] = entry;
    noteUnreachable(own, entry);
    faults.push(...own.found);
  }
  faults.push(...unknownCalls(entries, sound), ...unknownOverrides(entries, setting));
  return { faults, sound };
}

function noteUnreachable(faults: Faults, entry: Entry): void {
  const route: unknown = faults.found.length > 0 || isService(entry) ? undefined : Reflect.get(entry, "route");
  if (route === undefined) return;
  faults.add("route", route, "but it has no ports, so no request could reach it", "give it ports, or leave route out");
}

function* unknownCalls(entries: Catalogue, sound: Catalogue): Generator<Fault> {
  const known = new Set(Object.keys(entries));
  for (const [component, entry] of Object.entries(sound)) {
    for (const [index, said] of entry.calls.entries()) {
      const call = calledName(said);
      if (call === undefined) continue;
      const called = sound[call];
      // An entry with faults of its own is not judged by what calls it.
      if (known.has(call) && (called === undefined || isService(called))) continue;
      const problem = known.has(call)
        ? "but it has no ports, so nobody can call it"
        : "but nobody declares that service";
      const others = Object.keys(sound).filter((other) => other !== component && isNamedService(sound, other));
      const path = typeof said === "string" ? `calls.${index}` : `calls.${index}.service`;
      yield { component, path, value: call, problem, remedy: didYouMean(call, others) };
    }
  }
}

function* unknownOverrides(entries: Catalogue, setting: Pick<Setting, "overrides">): Generator<Fault> {
  for (const name of Object.keys(setting.overrides ?? {})) {
    if (Object.hasOwn(entries, name)) continue;
    yield {
      component: "settings",
      path: `services.${name}`,
      value: name,
      problem: "but the catalogue has no such entry",
      remedy: didYouMean(name, Object.keys(entries)),
    };
  }
}

export function isNamedService(entries: Catalogue, name: string): boolean {
  const entry = entries[name];
  return entry !== undefined && isService(entry);
}

/** The service of the catalogue that a call names; undefined for a host outside. */
export function calledName(call: Entry["calls"][number]): string | undefined {
  if (typeof call === "string") return call;
  return "service" in call ? call.service : undefined;
}

/** The services of the catalogue that an entry calls. */
export function calledBy(entry: Entry): readonly string[] {
  return entry.calls.flatMap((call) => calledName(call) ?? []);
}

/** The ports that an entry listens on, as far as they are ports. */
export function portsOf(entry: Entry | undefined): readonly number[] {
  if (entry === undefined || !isService(entry)) return [];
  return Object.values(entry.ports ?? {}).filter(isPort);
}

/** What selects the pods of an entry that was adopted, as far as that is sound. */
export function keptSelector(entry: Entry | undefined): Readonly<Record<string, string>> | undefined {
  if (entry === undefined || !("adopted" in entry)) return undefined;
  const adopted = adoptedShape.safeParse(entry.adopted);
  return adopted.success ? adopted.data.selector : undefined;
}
