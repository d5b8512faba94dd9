import type { Environment } from "../components/core/environment.ts";
import type { Report } from "../toolchain/index.ts";
import type { Diagnostic, EngineEvent, Step } from "./events.ts";

/** What the engine did to objects, counted. */
export interface Changes {
  readonly created: number;
  readonly updated: number;
  readonly replaced: number;
  readonly deleted: number;
  readonly same: number;
}

/** What an operation did so far. */
export interface Progress {
  readonly onEvent: (event: EngineEvent) => void;
  readonly changes: () => Changes;
  /** Errors, each once, in the order in which they came. */
  readonly errors: () => readonly Diagnostic[];
}

/** The engine's words for steps. What is not here is half of a step that is. */
const CHANGE: Readonly<Record<string, keyof Changes>> = {
  create: "created",
  import: "created",
  update: "updated",
  "create-replacement": "replaced",
  delete: "deleted",
  same: "same",
};

/** Follows an operation, and says of each component of the environment what was done to it, as soon as all of it is done. */
export function follow(report: Report, environment?: Environment): Progress {
  const changes = { created: 0, updated: 0, replaced: 0, deleted: 0, same: 0 };
  const errors = new Map<string, Diagnostic>();
  const open = new Map(
    Object.entries(environment?.members ?? {}).map(([name, { objects }]) => [
      name,
      { left: new Set(Object.keys(objects)), done: [] as Step[] },
    ]),
  );
  const onStep = (step: Step) => {
    const change = CHANGE[step.op];
    if (change === undefined || !step.isObject) return;
    changes[change] += 1;
    const member = open.get(step.parent);
    const role = step.name.slice(step.parent.length + 1);
    if (member === undefined || !member.left.delete(role)) return;
    if (change !== "same") member.done.push(step);
    if (member.left.size === 0 && member.done.length > 0) report.say(`  ${memberText(step.parent, member.done)}`);
  };
  return {
    onEvent: (event) => {
      if (event.kind === "done") onStep(event.step);
      else if (event.kind === "diagnostic" && event.severity === "error") {
        errors.set(`${event.about}\n${event.message}`, event);
      }
    },
    changes: () => ({ ...changes }),
    errors: () => [...errors.values()],
  };
}

/** More roles than this are counted and not named. */
const NAMED = 3;

function memberText(member: string, steps: readonly Step[]): string {
  const byChange = Map.groupBy(steps, ({ op }) => CHANGE[op] ?? op);
  const parts = [...byChange].map(([change, some]) => {
    const roles = some.map(({ name }) => name.slice(member.length + 1));
    return `${roles.length > NAMED ? `${roles.length} objects` : roles.join(", ")} ${change}`;
  });
  return `${member}: ${parts.join("; ")}`;
}

/** "12 created, 3 updated", or "nothing to change". */
export function changesText(changes: Changes): string {
  const parts = (["created", "updated", "replaced", "deleted"] as const).flatMap((field) =>
    changes[field] === 0 ? [] : [`${changes[field]} ${field}`],
  );
  return parts.length === 0 ? "nothing to change" : parts.join(", ");
}

/** The engine's errors in full, each with the object it is about. What only repeats that something failed is left out. */
export function errorsText(errors: readonly Diagnostic[], said: string): string {
  const own = errors.filter(({ message }) => !/^(update|preview|destroy) failed$/.test(message));
  const texts = own.map(({ about, message }) => (about === "" ? message : `${about}: ${message}`));
  return [...texts, ...(said === "" || texts.length > 0 ? [] : [said])].join("\n\n");
}
