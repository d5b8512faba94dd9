import type { Amount, Requests } from "./requests.ts";
import { podsText } from "./rolls.ts";

/** What a component asks for on both sides; fewest pods and most. */
export interface CostRow {
  readonly component: string;
  readonly pods: readonly [before: string, after: string];
  readonly cpu: readonly [before: Range, after: Range];
  readonly memory: readonly [before: Range, after: Range];
  readonly per: Requests["per"];
}

/** With the fewest pods and with the most. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** What an environment asks for. */
export interface Cost {
  /** Components that ask for something else than before. */
  readonly rows: readonly CostRow[];
  /** Of all pods that run all the time: neither one for each node nor those of jobs. */
  readonly total: Pick<CostRow, "cpu" | "memory">;
}

/** What pods ask for, before and after. */
export function cost(before: readonly Requests[], after: readonly Requests[]): Cost {
  const [olds, news] = [keyed(before), keyed(after)];
  const rows = [...new Set([...olds.keys(), ...news.keys()])].flatMap((key) => {
    const [old = [], now = []] = [olds.get(key), news.get(key)];
    const [first] = [...now, ...old];
    if (first === undefined) return [];
    const row: CostRow = {
      component: first.component,
      pods: [pods(old), pods(now)],
      cpu: [range(old, "cpu"), range(now, "cpu")],
      memory: [range(old, "memory"), range(now, "memory")],
      per: first.per,
    };
    return differs(row.cpu) || differs(row.memory) ? [row] : [];
  });
  const lasting = (all: readonly Requests[]) => all.filter(({ per }) => per === "pod");
  const of = (what: keyof Amount) => [range(lasting(before), what), range(lasting(after), what)] as const;
  return { rows, total: { cpu: of("cpu"), memory: of("memory") } };
}

function keyed(all: readonly Requests[]): ReadonlyMap<string, readonly Requests[]> {
  const byComponent = new Map<string, Requests[]>();
  for (const one of all) {
    const key = `${one.per} ${one.component}`;
    const known = byComponent.get(key);
    if (known === undefined) byComponent.set(key, [one]);
    else known.push(one);
  }
  return byComponent;
}

function pods(all: readonly Requests[]): string {
  const texts = all.map(podsText);
  return texts.length === 0 ? "0" : texts.join(" + ");
}

function range(all: readonly Requests[], what: keyof Amount): Range {
  // In thousandths of a core and whole bytes, so that sums of tenths stay what they are.
  const unit = what === "cpu" ? 1000 : 1;
  const sum = (count: "least" | "most") =>
    all.reduce((total, one) => total + Math.round(one[what] * unit) * one[count], 0) / unit;
  return { least: sum("least"), most: sum("most") };
}

function differs([before, after]: readonly [Range, Range]): boolean {
  return before.least !== after.least || before.most !== after.most;
}

/** Cores for people: "0.3", "0.3 to 1". */
export function coresText({ least, most }: Range): string {
  return spread(trimmed(least), trimmed(most));
}

/** Memory for people: "384Mi to 1.25Gi". */
export function memoryText({ least, most }: Range): string {
  return spread(bytesText(least), bytesText(most));
}

function spread(least: string, most: string): string {
  return least === most ? least : `${least} to ${most}`;
}

function bytesText(amount: number): string {
  return amount >= 2 ** 30 ? `${trimmed(amount / 2 ** 30)}Gi` : `${trimmed(amount / 2 ** 20)}Mi`;
}

function trimmed(value: number): string {
  return String(Math.round(value * 100) / 100);
}
