import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { type AlertName, limitOf, severityOf } from './limits.js';
import { runbookLink } from './links.js';

/** The variable by which each board asks for its data source: none is named in the boards. */
export const DATA_SOURCE_VARIABLE = 'datasource';
export const DATA_SOURCE = { type: 'prometheus', uid: `\${${DATA_SOURCE_VARIABLE}}` } as const;

export const COLORS = {
  good: 'green',
  neutral: 'blue',
  unknown: '#808080', // no data is never green
  warning: 'orange',
  critical: 'red',
  none: 'blue', // the severity of the alert that always fires
} as const;

/** Grafana's unit ids, as far as the boards use them. */
export type Unit = 's' | 'short' | 'none' | 'percentunit' | 'eps' | 'reqps' | 'cps' | 'bytes' | 'string';

export interface Query {
  readonly expr: string;
  /** Grafana's legend format, such as `{{app}}`. */
  readonly legend: string;
  /** Ask for exemplars too: the dots that lead to a trace. */
  readonly hasExemplars?: true;
  /** Drawn as a dashed line of this alert's colour: the limit it compares with. */
  readonly limitOf?: AlertName;
}

/** What every panel says. `id` is written by hand and never reused, as links to single panels hold it. */
export interface PanelText {
  readonly id: number;
  readonly title: string;
  /** What a healthy app looks like here. */
  readonly normal: string;
  /** What to do when it looks otherwise. */
  readonly act: string;
  /** Alerts that this panel explains, each linked to its runbook. The first one that has a fixed limit gives the threshold. */
  readonly alerts?: readonly AlertName[];
  /** Colours by value; left out, they are made from the alert's limit. */
  readonly steps?: readonly dashboard.Threshold[];
}

/** How a panel asks: for a stretch of time, or for this moment only, so that a series that ended shows as missing. */
type Format = 'range' | 'heatmap' | 'instant' | 'table';

export interface PanelSpec extends PanelText {
  readonly unit: Unit;
  readonly queries: readonly Query[];
  readonly decimals?: number;
  readonly max?: number;
  /** What stands there when the query has no series at all; Grafana says "No data" otherwise. */
  readonly noValue?: string;
}

/** What the five panel builders have in common. */
export interface Tile extends Builder<dashboard.Panel> {
  id(id: number): this;
  title(title: string): this;
  description(description: string): this;
  datasource(source: { type: string; uid: string }): this;
  gridPos(position: dashboard.GridPos): this;
  links(links: Builder<dashboard.DashboardLink>[]): this;
  targets(targets: Builder<prometheus.Dataquery>[]): this;
  interval(interval: string): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  min(min: number): this;
  max(max: number): this;
  mappings(mappings: dashboard.ValueMapping[]): this;
  thresholds(thresholds: Builder<dashboard.ThresholdsConfig>): this;
  colorScheme(color: Builder<dashboard.FieldColor>): this;
  noValue(text: string): this;
  overrideByName(name: string, properties: dashboard.DynamicConfigValue[]): this;
  overrideByQuery(refId: string, properties: dashboard.DynamicConfigValue[]): this;
}

/** The threshold steps of the first alert with a fixed limit: good on one side, its severity's colour on the other. */
function limitSteps(alerts: readonly AlertName[]): readonly dashboard.Threshold[] {
  const alert = alerts.find((name) => limitOf(name) !== null);
  const limit = alert === undefined ? null : limitOf(alert);
  if (alert === undefined || limit === null) return [{ value: null, color: COLORS.neutral }];
  const bad = COLORS[severityOf(alert)];
  const [low, high] = limit.firesBelow === true ? [bad, COLORS.good] : [COLORS.good, bad];
  return [
    { value: null, color: low },
    { value: limit.value, color: high },
  ];
}

/** The threshold steps of a panel: its own, or those of its alerts. */
export function stepsOf({ steps, alerts = [] }: PanelText): readonly dashboard.Threshold[] {
  return steps ?? limitSteps(alerts);
}

/** Thresholds as Grafana takes them. */
export function thresholds(steps: readonly dashboard.Threshold[]): Builder<dashboard.ThresholdsConfig> {
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps([...steps]);
}

/** `A`, `B`, ... */
export function refIdOf(index: number): string {
  return String.fromCharCode(65 + index);
}

function target(query: Query, index: number, format: Format): Builder<prometheus.Dataquery> {
  const builder = new prometheus.DataqueryBuilder()
    .refId(refIdOf(index))
    .datasource(DATA_SOURCE)
    .editorMode(prometheus.QueryEditorMode.Code)
    .expr(query.expr)
    .legendFormat(format === 'heatmap' ? '{{le}}' : query.legend);
  if (query.hasExemplars === true) builder.exemplar(true);
  switch (format) {
    case 'instant':
      return builder.instant().format(prometheus.PromQueryFormat.TimeSeries);
    case 'table':
      return builder.instant().format(prometheus.PromQueryFormat.Table);
    case 'heatmap':
      return builder.range().format(prometheus.PromQueryFormat.Heatmap);
    case 'range':
      return builder.range().format(prometheus.PromQueryFormat.TimeSeries);
  }
}

/** Puts on a panel what every panel has. */
export function dress<T extends Tile>(tile: T, spec: PanelSpec, format: Format): T {
  const alerts = spec.alerts ?? [];
  tile
    .id(spec.id)
    .title(spec.title)
    .description(`**Normal:** ${spec.normal}\n\n**Otherwise:** ${spec.act}`)
    .datasource(DATA_SOURCE)
    .unit(spec.unit)
    .thresholds(thresholds(stepsOf(spec)))
    .targets(spec.queries.map((query, i) => target(query, i, format)));
  if (alerts.length > 0) tile.links(alerts.map(runbookLink));
  if (spec.decimals !== undefined) tile.decimals(spec.decimals);
  if (spec.max !== undefined) tile.max(spec.max);
  if (spec.noValue !== undefined) tile.noValue(spec.noValue);
  return tile;
}
