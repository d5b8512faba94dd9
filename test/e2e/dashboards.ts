import { inside, itemsInside } from "../../components/core/plain.ts";
import { ask } from "../../demo/telemetry.ts";
import type { ClusterApi } from "../../toolchain/cluster-api.ts";

/** A query of a dashboard as Grafana keeps it. */
interface Question {
  readonly dashboard: string;
  readonly panel: string;
  readonly kind: string;
  readonly expression: string;
}

/** What came of it: how many series have a number. */
export interface Answer extends Question {
  readonly numbers: number;
}

/** What nobody tells in the demonstration, and why. */
const UNTOLD: readonly (readonly [RegExp, string])[] = [
  [/\bcontainer_/, "the kubelet's metrics of containers are the platform's to scrape"],
  [/\bkube_/, "kube-state-metrics is the platform's"],
  [/\btraces_span_metrics_/, "the collectors' metrics are scraped where an operator reads their monitors"],
];

const whyUntold = ({ expression }: Question) => UNTOLD.find(([metric]) => metric.test(expression))?.[1];

/** What the environment's dashboards come to, with Grafana's choices made. */
export async function answersOf(
  api: ClusterApi,
  prometheus: string,
  chosen: Readonly<Record<"namespace" | "service", string>>,
): Promise<readonly Answer[]> {
  const filled: Readonly<Record<string, string>> = { ...chosen, slo: ".*", route: ".*", __rate_interval: "1m" };
  return Promise.all(
    (await questionsOf(api)).map(async (question) => {
      const expression = question.expression.replaceAll(/\$(\w+)/g, (text, name: string) => filled[name] ?? text);
      if (expression.includes("$")) throw new Error(`nobody fills in ${expression}`);
      const found = await ask(prometheus, expression);
      return { ...question, numbers: found.filter(([, value]) => Number.isFinite(value)).length };
    }),
  );
}

/** Queries without a number for which there should be one. */
export function silent(answers: readonly Answer[]): readonly string[] {
  return answers.filter((one) => one.numbers === 0 && whyUntold(one) === undefined).map(named);
}

export function summary(answers: readonly Answer[]): string {
  const without = answers.filter(({ numbers }) => numbers === 0);
  return [
    `${answers.length - without.length} of ${answers.length} queries have numbers; these have none:`,
    ...without.map((one) => `${whyUntold(one) ?? "?"}: ${named(one)}`),
  ].join("\n");
}

function named({ dashboard, panel, expression }: Question): string {
  return `${dashboard}, ${panel}: ${expression}`;
}

/** What the dashboards ask, read from the ConfigMaps that Grafana's sidecar reads. */
async function questionsOf(api: ClusterApi): Promise<readonly Question[]> {
  const maps = itemsInside(await api("/api/v1/configmaps?labelSelector=grafana_dashboard%3D1"), "items");
  const dashboards = maps.flatMap((map) => Object.values(Object(inside(map, "data")) as Record<string, string>));
  return dashboards.flatMap((text) => {
    const dashboard: unknown = JSON.parse(text);
    return panels(dashboard).flatMap((panel) =>
      itemsInside(panel, "targets").map((target) => ({
        dashboard: String(inside(dashboard, "uid")),
        panel: String(inside(panel, "title")),
        kind: String(inside(panel, "type")),
        expression: String(inside(target, "expr")),
      })),
    );
  });
}

function panels(of: unknown): readonly unknown[] {
  return itemsInside(of, "panels").flatMap((panel) => [panel, ...panels(panel)]);
}
