import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import { BigValueColorMode, BigValueGraphMode, type DataSourceRef } from "@grafana/grafana-foundation-sdk/common";
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  PanelBuilder as Heatmap,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";

/** The data source is chosen on the page, so that one dashboard serves every Prometheus. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
export const PROMETHEUS: DataSourceRef = { type: "prometheus", uid: "${datasource}" };

/** An expression and what its lines are called. */
export type Line = readonly [expression: string, legend: string];

/** One picture. */
export interface Picture {
  readonly title: string;
  /** What a person should think when it looks odd. */
  readonly about: string;
  /** As Grafana calls units: "percentunit", "s", "reqps", "bytes". */
  readonly unit: string;
  readonly lines: readonly Line[];
  /** @default a time series */
  readonly kind?: "stat" | "heatmap";
  /** Values from which another colour applies, the worst last: 0.9 -> red. */
  readonly limits?: readonly (readonly [from: number, color: "green" | "yellow" | "red"])[];
  /** Columns of 24. @default 8 */
  readonly width?: number;
}

function query([expression, legend]: Line, index: number, heatmap: boolean): DataqueryBuilder {
  const made = new DataqueryBuilder()
    .datasource(PROMETHEUS)
    .refId(String.fromCharCode(65 + index))
    .expr(expression)
    .legendFormat(legend);
  return heatmap ? made.format(PromQueryFormat.Heatmap) : made.exemplar(expression.includes("_bucket"));
}

/** A picture as Grafana's panel. */
export function panel(picture: Picture): Builder<Panel> {
  const { title, about, unit, lines, kind, limits, width = 8 } = picture;
  const made = kind === "stat" ? new Stat() : kind === "heatmap" ? new Heatmap() : new TimeSeries();
  made
    .title(title)
    .description(about)
    .unit(unit)
    .datasource(PROMETHEUS)
    .span(width)
    .height(kind === "stat" ? 5 : 8);
  for (const [index, line] of lines.entries()) made.withTarget(query(line, index, kind === "heatmap"));
  if (limits !== undefined) {
    const steps = limits.map(([value, color], index) => ({ value: index === 0 ? null : value, color }));
    made.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
  }
  if (made instanceof Stat) made.colorMode(BigValueColorMode.Background).graphMode(BigValueGraphMode.None);
  if (made instanceof Heatmap) {
    made
      .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme("Turbo").steps(64))
      .yAxis(new YAxisConfigBuilder().unit("s"));
  }
  return made;
}

/** A choice at the top of the page, filled by a query. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** In Grafana's notation: label_values(metric, label). */
  readonly query: string;
  /** Several at once, and all. @default false */
  readonly many?: boolean;
}

/** A page: choices at its top, rows of pictures below. */
export interface Page {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly since: string;
  readonly choices: readonly Choice[];
  readonly rows: Readonly<Record<string, readonly Picture[]>>;
}

/** A page as Grafana's dashboard, ready for more. */
export function page({ uid, title, about, since, choices, rows }: Page): DashboardBuilder {
  const made = new DashboardBuilder(title)
    .uid(uid)
    .description(about)
    .tags(["fairlead"])
    .readonly()
    .refresh("30s")
    .time({ from: `now-${since}`, to: "now" })
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"));
  for (const { name, label, query: text, many = false } of choices) {
    made.withVariable(
      new QueryVariableBuilder(name)
        .label(label)
        .datasource(PROMETHEUS)
        .query(text)
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(many)
        .includeAll(many),
    );
  }
  for (const [heading, pictures] of Object.entries(rows)) {
    made.withRow(new RowBuilder(heading));
    for (const picture of pictures) made.withPanel(panel(picture));
  }
  return made;
}

export type { Dashboard };
