import { shownValue } from "./changed-value.ts";
import { type Cost, coresText, memoryText } from "./cost.ts";
import { pathText } from "./fields.ts";
import { type ObjectChange, objectName } from "./objects.ts";
import type { Diff, EnvironmentDiff } from "./report.ts";
import type { Roll } from "./rolls.ts";
import type { Stop } from "./stops.ts";

/** A table of a report, whatever it is written as. */
export interface Section {
  readonly title: string;
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Rows that are left out. */
  readonly more: number;
  /** A detail, that a reader opens. @default false */
  readonly folded?: boolean;
}

/** The environments at a glance. */
export function overview({ environments }: Diff): Section {
  return {
    title: "",
    heading: ["environment", "added", "changed", "removed", "pods roll in", "stop signs", "CPU", "memory"],
    rows: environments.map(({ environment, objects, rolls, stops, cost }) => {
      const count = (what: ObjectChange["what"]) => String(objects.filter((one) => one.what === what).length);
      return [
        environment,
        ...(["added", "changed", "removed"] as const).map(count),
        rolls.length === 1 ? "1 workload" : `${rolls.length} workloads`,
        String(stops.length),
        arrow(cost.total.cpu.map(coresText)),
        arrow(cost.total.memory.map(memoryText)),
      ];
    }),
    more: 0,
  };
}

/** What is worth saying of an environment, the most urgent first. */
export function sections(diff: EnvironmentDiff, most: number): readonly Section[] {
  const all = [
    stopSection(diff.stops, most),
    rollSection(diff.rolls, most),
    touchedSection(diff, most),
    costSection(diff.cost, most),
    objectSection(diff.objects, most),
  ];
  return all.filter(({ rows }) => rows.length > 0);
}

function stopSection(stops: readonly Stop[], most: number): Section {
  const groups = alike(stops, ({ problem, object, source = "", component }) =>
    relative([object, problem, source], component),
  );
  const rows = groups.map(([group, { object, problem, source }]) => [names(group), object, problem, source ?? ""]);
  return limited("Stop signs", ["component", "object", "what would happen", "source"], rows, most);
}

function rollSection(rolls: readonly Roll[], most: number): Section {
  const groups = alike(rolls, ({ component, workload, reasons, when }) =>
    relative([workload, when, ...reasons], component),
  );
  const rows = groups.map(([group, { workload, pods, reasons, when }]) => [
    names(group),
    group.length === 1 ? workload : `${group.length} workloads`,
    group.length === 1 ? pods : "",
    `${reasons.slice(0, 4).join("; ")}${reasons.length > 4 ? `; and ${reasons.length - 4} more` : ""}`,
    when,
  ]);
  return limited("Pods that roll", ["component", "workload", "pods", "why", "when"], rows, most);
}

function touchedSection({ touched }: EnvironmentDiff, most: number): Section {
  const rows = touched.map(({ component, objects, by, components }) => [
    component,
    objects.join(", "),
    `${components.length} ${by}: ${few(components)}`,
  ]);
  return limited("Shared parts that change, and who relies on them", ["component", "objects", "who"], rows, most);
}

function costSection({ rows, total }: Cost, most: number): Section {
  const per = { pod: "", node: "on each node", run: "while it runs" };
  const cells = rows.map((row) => [
    row.component,
    arrow(row.pods),
    arrow(row.cpu.map(coresText)),
    arrow(row.memory.map(memoryText)),
    per[row.per],
  ]);
  const sum = ["all that always runs", "", arrow(total.cpu.map(coresText)), arrow(total.memory.map(memoryText)), ""];
  const heading = ["component", "pods", "CPU requested", "memory requested", ""];
  const shown = limited("Requests", heading, cells, most);
  return rows.length === 0 ? shown : { ...shown, rows: [...shown.rows, sum] };
}

function objectSection(objects: readonly ObjectChange[], most: number): Section {
  const groups = alike(objects, (change) =>
    relative([change.what, nameOf(change), fieldsText(change)], change.component),
  );
  const rows = groups.map(([group, change]) => [
    change.what,
    names(group),
    group.length === 1 ? nameOf(change) : `${group.length} × ${kindOf(change)}`,
    fieldsText(change),
  ]);
  const title = `Objects: ${objects.length} differ`;
  return { ...limited(title, ["", "component", "object", "what"], rows, most), folded: true };
}

function nameOf({ before, after }: ObjectChange): string {
  const one = after ?? before;
  return one === undefined ? "" : objectName(one);
}

function kindOf({ before, after }: ObjectChange): string {
  return (after ?? before)?.kind ?? "";
}

/** The first fields of a change; labels that follow a version are told in one word. */
function fieldsText({ before, fields, renamed }: ObjectChange): string {
  const kind = before?.kind ?? "";
  const [labels, others] = [
    fields.filter(({ path }) => path.includes("labels")),
    fields.filter(({ path }) => !path.includes("labels") && !(renamed && pathText(path) === "metadata.name")),
  ];
  const shown = others.slice(0, 3).map((field) => `${pathText(field.path)} ${shownValue(kind, field)}`);
  const more = others.length - shown.length;
  return [
    ...(renamed ? ["under another name"] : []),
    ...shown,
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(labels.length > 0 ? [others.length > 0 ? "labels" : "labels alone"] : []),
  ].join("; ");
}

/** Components that undergo the very same, as one group, with the first of them. */
function alike<T extends { readonly component: string }>(all: readonly T[], key: (one: T) => string): [string[], T][] {
  const groups = Map.groupBy(all, key);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [[group.map(({ component }) => component), first] as [string[], T]];
  });
}

/** Texts in which a component's own name is left open, so that the same change of two components reads the same. */
function relative(texts: readonly string[], component: string): string {
  return texts
    .join("\n")
    .replaceAll(component, "\u0000")
    .replace(/[0-9a-f]{10}/g, "\u0001");
}

function names(components: readonly string[]): string {
  const unique = [...new Set(components)];
  return unique.length === 1 ? (unique[0] ?? "") : `${unique.length} components: ${few(unique)}`;
}

/** The first of many names. */
function few(all: readonly string[], shown = 8): string {
  return all.length <= shown + 1 ? all.join(", ") : `${all.slice(0, shown).join(", ")} and ${all.length - shown} more`;
}

function arrow([before = "", after = ""]: readonly string[]): string {
  return before === after ? after : `${before} → ${after}`;
}

function limited(
  title: string,
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  most: number,
): Section {
  return { title, heading, rows: rows.slice(0, most), more: Math.max(0, rows.length - most) };
}
