import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationQuery,
  AnnotationQueryBuilder,
  ConstantVariableBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { boardLinks, RUNBOOKS_URL, RUNBOOKS_VARIABLE, TAG } from './links.js';
import { COLORS, DATA_SOURCE, DATA_SOURCE_VARIABLE, type Tile } from './panel.js';
import { alerts, gauge, processes } from './query.js';

/** Panels side by side. Grafana's grid has 24 columns; one unit of height is 38 pixels. */
export interface Shelf {
  readonly height: number;
  readonly panels: readonly { readonly width: number; readonly panel: Tile }[];
}

/** Shelves under one heading. */
export interface Section {
  readonly id: number;
  readonly title: string;
  readonly shelves: readonly Shelf[];
}

export interface Board {
  readonly uid: string;
  readonly title: string;
  /** The one question it answers. */
  readonly question: string;
  readonly sections: readonly Section[];
}

const COLUMNS = 24;

/**
 * Panels side by side that fill the width.
 * @throws RangeError if the widths don't add up to the grid's 24 columns.
 */
export function shelf(height: number, ...panels: readonly (readonly [width: number, panel: Tile])[]): Shelf {
  const width = panels.reduce((sum, [own]) => sum + own, 0);
  if (width !== COLUMNS) throw new RangeError(`a shelf is ${COLUMNS} columns wide, this one ${width}`);
  return { height, panels: panels.map(([own, panel]) => ({ width: own, panel })) };
}

/** The dashboard as Grafana reads it. */
export function build(board: Board): Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.question)
    .tags([TAG, 'generated'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .version(1)
    .variables(variables())
    .annotations(annotations())
    .links(boardLinks());
  let y = 0;
  for (const section of board.sections) {
    builder.withRow(new RowBuilder(section.title).id(section.id).gridPos({ x: 0, y, w: COLUMNS, h: 1 }));
    y += 1;
    for (const { height, panels } of section.shelves) {
      let x = 0;
      for (const { width, panel } of panels) {
        builder.withPanel(panel.gridPos({ x, y, w: width, h: height }));
        x += width;
      }
      y += height;
    }
  }
  return builder.build();
}

function variables(): Builder<VariableModel>[] {
  return [
    new DatasourceVariableBuilder(DATA_SOURCE_VARIABLE).label('Data source').type('prometheus'),
    query('job', 'Job', 'label_values(feishu_ws_enabled, job)'),
    query('instance', 'Instance', 'label_values(feishu_ws_enabled{job=~"$job"}, instance)'),
    query('app', 'App', 'label_values(feishu_ws_enabled{job=~"$job", instance=~"$instance"}, app)'),
    new ConstantVariableBuilder(RUNBOOKS_VARIABLE).label('Runbooks').value(RUNBOOKS_URL),
  ];
}

/** All is `.+` and not the list of what was found: an app that died before the time range must not be left out. */
function query(name: string, label: string, definition: string): Builder<VariableModel> {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query({ qryType: 1, query: definition, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(definition)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

function annotations(): Builder<AnnotationQuery>[] {
  const build = gauge('feishu_connector_build_info');
  const earlier = `${build} offset 5m`;
  return [
    annotation(
      'Firing alerts',
      COLORS.critical,
      alerts('firing'),
      '{{alertname}}',
      '{{severity}} {{app}} {{instance}}',
    ),
    annotation(
      'Process restarts',
      COLORS.neutral,
      processes((matchers) => `process_start_time_seconds${matchers} * 1000`),
      'Process started',
      '{{job}} {{instance}}',
    ).useValueForTime(true),
    annotation(
      'Version changes',
      'purple',
      `(group by (job, version) (${build}) unless group by (job, version) (${earlier})) and on (job) group by (job) (${earlier})`,
      'Version {{version}}',
      '{{job}}',
    ),
    // A start has an annotation of its own.
    annotation(
      'Configuration reloads',
      'purple',
      `(${gauge('feishu_connector_config_last_reload_success_timestamp_seconds')} > on (job, instance) ${processes((matchers) => `process_start_time_seconds${matchers} + 60`)}) * 1000`,
      'Configuration taken over',
      '{{job}} {{instance}}',
    ).useValueForTime(true),
  ];
}

function annotation(name: string, color: string, expr: string, title: string, text: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .step('30s')
    .titleFormat(title)
    .textFormat(text)
    .target(new prometheus.DataqueryBuilder().refId('Anno').expr(expr).interval('30s').legendFormat(title).range());
}
