import { isOutput } from "./object.ts";

/** One thing that is wrong with what the user wrote. */
export interface Fault {
  /** The component or file that the user would open, such as `order`. */
  readonly component: string;
  /** The property inside it, such as `scale.min`; empty for the component as a whole. */
  readonly path: string;
  /** What stands there now; absent when nothing does. */
  readonly value?: unknown;
  /** Why it cannot stay, as the second half of a sentence: `but min is above max`. */
  readonly problem: string;
  /** What to write instead. */
  readonly remedy: string;
}

const SHOWN_CHARACTERS = 80;

function shown(value: unknown): string {
  if (isOutput(value)) return "an Output";
  // JSON has no word for these two and would say null.
  if (typeof value === "number") return String(value);
  const text = jsonText(value) ?? String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** A value as JSON, whatever it is: a message about a bad value must not fail on it. */
function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, inner: unknown) => {
      if (isOutput(inner)) return "an Output";
      return typeof inner === "bigint" ? String(inner) : inner;
    });
  } catch {
    return "a value that holds itself";
  }
}

/** The sentence a person reads: place, value, problem, remedy. */
export function sentence(fault: Fault): string {
  const place = fault.path === "" ? fault.component : `${fault.component}: ${fault.path}`;
  const value = "value" in fault ? (fault.value === undefined ? " is missing," : ` is ${shown(fault.value)},`) : "";
  return `${place}${value} ${fault.problem}; ${fault.remedy}`;
}

/** Every fault that was found, thrown once, before anything is changed. */
export class FaultError extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const lines = faults.map(sentence);
    super(lines.length === 1 ? lines[0] : `${lines.length} faults:\n${lines.map((line) => `  - ${line}`).join("\n")}`);
    this.name = "FaultError";
    this.faults = faults;
  }
}

/** Gathers faults of one component, so that the user sees all of them at once. */
export class Faults {
  readonly component: string;
  readonly found: Fault[] = [];

  constructor(component: string) {
    this.component = component;
  }

  /** Notes a property whose value cannot stay. An undefined value reads "is missing". */
  add(path: string, value: unknown, problem: string, remedy: string): void {
    this.found.push({ component: this.component, path, value, problem, remedy });
  }

  /** Whether a fault was found at the path or below it. */
  touches(path: string): boolean {
    return this.found.some((fault) => fault.path === path || fault.path.startsWith(`${path}.`));
  }

  /** @throws FaultError when anything was found. */
  check(): void {
    if (this.found.length > 0) throw new FaultError(this.found);
  }
}

/** Runs every step to its end and throws all their faults together, each once, so that one bad service does not hide another. */
export function gather<K extends string, T>(steps: Iterable<readonly [K, () => T]>): Record<K, T> {
  const results = {} as Record<K, T>;
  const faults = new Map<string, Fault>();
  for (const [key, step] of steps) {
    try {
      results[key] = step();
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      for (const fault of error.faults) faults.set(sentence(fault), fault);
    }
  }
  if (faults.size > 0) throw new FaultError([...faults.values()]);
  return results;
}

/** The candidate that a misspelt word most likely meant; undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Remedy for a word that is none of the known ones: the nearest, or all of them. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const all = [...candidates];
  const near = nearest(word, all);
  if (near !== undefined) return `did you mean "${near}"?`;
  return all.length === 0 ? "none is known" : `use one of ${all.map((name) => `"${name}"`).join(", ")}`;
}

/** Letters to change, add, drop or swap with their neighbour (optimal string alignment), given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = swapped ? (beforeLast[column - 2] ?? limit) + 1 : limit;
      current.push(Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution, swap));
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? limit;
}
