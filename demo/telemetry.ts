import { inside, itemsInside } from "../components/core/plain.ts";

/** One step of a trace. */
export interface Span {
  readonly id: string;
  readonly parent: string | undefined;
  readonly service: string;
  readonly name: string;
  /** Microseconds since 1970. */
  readonly start: number;
  /** Microseconds. */
  readonly duration: number;
}

/** The spans of a trace; none where it was not kept. https://www.jaegertracing.io/docs/latest/apis/ */
export async function spansOf(jaeger: string, trace: string): Promise<readonly Span[]> {
  const response = await fetch(`${jaeger}/api/traces/${trace}`);
  if (!response.ok) return [];
  const [found] = itemsInside(await response.json(), "data");
  const processes = Object(inside(found, "processes")) as Record<string, unknown>;
  return itemsInside(found, "spans").map((span) => ({
    id: String(inside(span, "spanID")),
    parent: parentOf(span),
    service: String(inside(processes[String(inside(span, "processID"))], "serviceName")),
    name: String(inside(span, "operationName")),
    start: Number(inside(span, "startTime")),
    duration: Number(inside(span, "duration")),
  }));
}

function parentOf(span: unknown): string | undefined {
  const parent = itemsInside(span, "references").find((one) => inside(one, "refType") === "CHILD_OF");
  return parent === undefined ? undefined : String(inside(parent, "spanID"));
}

/** A trace as a tree, a line each span. */
export function tree(spans: readonly Span[]): readonly string[] {
  const known = new Set(spans.map(({ id }) => id));
  const children = Map.groupBy(spans, ({ parent }) => (parent !== undefined && known.has(parent) ? parent : ""));
  const below = (parent: string, depth: number): readonly string[] =>
    [...(children.get(parent) ?? [])]
      .sort((a, b) => a.start - b.start)
      .flatMap(({ id, service, name, duration }) => [
        `${"  ".repeat(depth)}${service}  ${name}  ${(duration / 1000).toFixed(1)} ms`,
        ...below(id, depth + 1),
      ]);
  return below("", 0);
}

/** What a query comes to: labels -> value. https://prometheus.io/docs/prometheus/latest/querying/api/ */
export async function ask(
  prometheus: string,
  query: string,
): Promise<readonly (readonly [Readonly<Record<string, string>>, number])[]> {
  const response = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`);
  return itemsInside(await response.json(), "data", "result").map((one) => [
    Object(inside(one, "metric")) as Record<string, string>,
    Number(itemsInside(one, "value")[1]),
  ]);
}
