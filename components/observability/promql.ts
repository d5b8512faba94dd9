import type { SyntaxNode, Tree } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { didYouMean, type Faults, nearest } from "../core/fault.ts";
import type { MetricRegistry } from "./metric.ts";

/** A label, how it is compared, and with what. */
export type Matcher = readonly [label: string, operator: "=" | "!=" | "=~" | "!~", value: string];

/** A text as a PromQL string. PromQL's escapes are Go's, and JSON's are among them. */
export function promqlString(text: string): string {
  return JSON.stringify(text);
}

/** A text that a regular expression takes literally (RE2). */
export function literalPattern(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

/** "/orders/*" as a matcher: equality, or a regular expression where a star stands for anything. */
export function globMatcher(label: string, glob: string): Matcher {
  return glob.includes("*") ? [label, "=~", glob.split("*").map(literalPattern).join(".*")] : [label, "=", glob];
}

/** A vector selector; the matchers in the order of their labels, so that the same facts give the same bytes. */
export function selector(name: string, matchers: readonly Matcher[]): string {
  const sorted = [...matchers].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `${name}{${sorted.map(([label, operator, value]) => `${label}${operator}${promqlString(value)}`).join(",")}}`;
}

/** Seconds in PromQL's notation, days at most: 3600 -> "1h", 60480 -> "16h48m". */
export function promqlDuration(seconds: number): string {
  let rest = Math.round(seconds);
  let text = "";
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text === "" ? "0s" : text;
}

/** One metric that an expression reads, and the labels that it names there. */
export interface Reading {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** What an expression reads, or the text at which it stops being PromQL. */
export type Parsed = { readonly readings: readonly Reading[] } | { readonly brokenAt: string };

const STRING = /"(?:[^"\\]|\\.)*"/g;
const seen = new Map<string, Parsed>();
/** Expressions of one form differ in the values of labels only; the bound keeps a hostile input from filling memory. */
const FORMS_KEPT = 4096;

/** Parses an expression. Linear and cheap for many alike: what stands inside quotes does not matter, so each form is parsed once. */
export function parsePromql(expression: string): Parsed {
  const form = expression.replace(STRING, '""');
  let parsed = seen.get(form);
  if (parsed === undefined) {
    parsed = read(form);
    if (seen.size < FORMS_KEPT) seen.set(form, parsed);
  }
  return parsed;
}

/** The syntax tree of an expression, for whoever needs more than its readings. */
export function promqlTree(expression: string): Tree {
  return parser.parse(expression);
}

function read(form: string): Parsed {
  const readings: Reading[] = [];
  let broken: number | undefined;
  promqlTree(form).iterate({
    enter: ({ type, node }) => {
      if (type.isError) broken ??= node.from;
      else if (type.name === "VectorSelector") readings.push(reading(node, form));
    },
  });
  return broken === undefined ? { readings } : { brokenAt: form.slice(broken, broken + 30) };
}

function reading(node: SyntaxNode, form: string): Reading {
  const name = node.getChild("Identifier");
  const matchers = node.getChild("LabelMatchers");
  const labels = (matchers?.getChildren("UnquotedLabelMatcher") ?? []).flatMap((matcher) => {
    const label = matcher.getChild("LabelName");
    return label === null ? [] : [form.slice(label.from, label.to)];
  });
  return { metric: name === null ? "" : form.slice(name.from, name.to), labels };
}

/** Notes what no component exposes, and what is no PromQL at all. `recorded` are names that the same rules record. */
export function checkPromql(
  faults: Faults,
  path: string,
  expression: string,
  registry: MetricRegistry,
  recorded: ReadonlySet<string> = new Set(),
): void {
  const parsed = parsePromql(expression);
  if ("brokenAt" in parsed) {
    const place = parsed.brokenAt === "" ? "at its end" : `at ${parsed.brokenAt}`;
    faults.add(path, expression, `but it is no PromQL ${place}`, "correct it there");
    return;
  }
  for (const { metric, labels } of parsed.readings) {
    if (recorded.has(metric)) continue;
    const series = registry.series(metric);
    if (series === undefined) {
      const near = nearest(metric, registry.names());
      const remedy = "declare it under metrics if the service exposes it";
      faults.add(
        path,
        metric,
        "but no component exposes that metric",
        near === undefined ? remedy : `did you mean "${near}"? Otherwise ${remedy}`,
      );
      continue;
    }
    for (const label of labels) {
      if (series.labels.has(label)) continue;
      const others = series.metric.labels;
      faults.add(
        path,
        label,
        `but ${metric} has no such label`,
        didYouMean(label, others.length === 0 ? series.labels : others),
      );
    }
  }
}
