import { loadTest } from "./load-test.ts";
import type { Dashboard } from "./panels.ts";
import { service } from "./service.ts";
import { sloOverview } from "./slo-overview.ts";

/** Every dashboard by the name of its file. Written to components/observability/dashboards by generate.ts. */
export function dashboardFiles(): Readonly<Record<string, Dashboard>> {
  return { "load-test": loadTest(), service: service(), "slo-overview": sloOverview() };
}
