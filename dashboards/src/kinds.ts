import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { severityOf } from './limits.js';
import { COLORS, dress, type PanelSpec, refIdOf, stepsOf, type Tile } from './panel.js';

/** What a value is called, and its colour. The key is the value. */
export type States = Readonly<Record<string, { readonly text: string; readonly color: string }>>;

// Counts of one bar or one cell must not overlap: with a step of a minute the rate interval is hardly longer than it.
const COUNT_INTERVAL = '1m';

/** One value per series, of this moment: a series that has ended is not shown as its last value. Sort the worst first. */
export function stats(
  spec: PanelSpec & {
    /** For values that are states: coloured tiles. */
    readonly states?: States;
    /** For single values that have a name, such as 0 for "none". */
    readonly words?: States;
  },
): Tile {
  const states = spec.states ?? spec.words;
  const panel = dress(new stat.PanelBuilder(), spec, 'instant')
    .colorScheme(byThresholds())
    .colorMode(spec.states === undefined ? common.BigValueColorMode.Value : common.BigValueColorMode.BackgroundSolid)
    .graphMode(common.BigValueGraphMode.None)
    .textMode(common.BigValueTextMode.ValueAndName)
    .justifyMode(common.BigValueJustifyMode.Auto)
    .orientation(common.VizOrientation.Auto)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false));
  return states === undefined ? panel : panel.mappings(mappings(states));
}

/** Lines over time, with the alert's limit as a dashed line where it is a fixed number. */
export function lines(
  spec: PanelSpec & { readonly isStepped?: true; readonly canBeNegative?: true; readonly isLogarithmic?: true },
): Tile {
  const panel = graph(spec)
    .drawStyle(common.GraphDrawStyle.Line)
    .lineInterpolation(spec.isStepped === true ? common.LineInterpolation.StepAfter : common.LineInterpolation.Linear)
    .lineWidth(1)
    .fillOpacity(8);
  if (spec.isLogarithmic === true) {
    panel.scaleDistribution(
      new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Symlog).log(10).linearThreshold(1),
    );
  }
  if (spec.canBeNegative !== true) panel.min(0);
  // The axis reaches to the limit, so that the distance to it is seen.
  const limit = stepsOf(spec)[1]?.value;
  if (typeof limit === 'number' && limit > 0 && stepsOf(spec).length === 2) panel.axisSoftMax(limit);
  for (const [i, query] of spec.queries.entries()) {
    if (query.limitOf === undefined) continue;
    panel.overrideByQuery(refIdOf(i), [
      { id: 'color', value: { mode: 'fixed', fixedColor: COLORS[severityOf(query.limitOf)] } },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
      { id: 'custom.fillOpacity', value: 0 },
    ]);
  }
  return panel;
}

/** Counts per minute, stacked. Queries leave out the zeros: dozens of known label sets have nothing to tell. */
export function bars(spec: PanelSpec): Tile {
  return graph(spec)
    .min(0)
    .interval(COUNT_INTERVAL)
    .drawStyle(common.GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(80)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

function graph(spec: PanelSpec): timeseries.PanelBuilder {
  const style = stepsOf(spec).length > 1 ? common.GraphThresholdsStyleMode.Dashed : common.GraphThresholdsStyleMode.Off;
  return dress(new timeseries.PanelBuilder(), spec, 'range')
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName))
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(style))
    .spanNulls(false)
    .showPoints(common.VisibilityMode.Auto) // a lone sample between two gaps has no line
    .legend(legend())
    .tooltip(tooltip());
}

/** States over time, one bar per series. A gap is a gap: nobody knew. */
export function timeline(spec: PanelSpec & { readonly states: States }): Tile {
  return dress(new statetimeline.PanelBuilder(), spec, 'range')
    .colorScheme(byThresholds())
    .mappings(mappings(spec.states))
    .spanNulls(false)
    .mergeValues(true)
    .showValue(common.VisibilityMode.Auto)
    .rowHeight(0.8)
    .fillOpacity(80)
    .lineWidth(0)
    .legend(legend())
    .tooltip(tooltip());
}

/** How a histogram's observations spread over time. The unit is that of the buckets. */
export function spread(spec: PanelSpec): Tile {
  return dress(new heatmap.PanelBuilder(), spec, 'heatmap')
    .interval(COUNT_INTERVAL)
    .calculate(false)
    .rowsFrame(new heatmap.RowsHeatmapOptionsBuilder().layout(common.HeatmapCellLayout.Auto))
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scheme('Oranges')
        .scale(heatmap.HeatmapColorScale.Exponential)
        .exponent(0.5)
        .steps(64),
    )
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9)) // an empty cell stays dark
    .cellGap(1)
    .cellValues(new heatmap.CellValuesBuilder().unit('short').decimals(0))
    .yAxis(new heatmap.YAxisConfigBuilder().unit(spec.unit).axisPlacement(common.AxisPlacement.Left))
    .exemplarsColor('rgba(255,255,255,0.8)')
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(true))
    .showLegend();
}

/** A column of a table: the field it shows, in the order of appearance. Fields that no column names are hidden. */
export interface Column {
  readonly field: string;
  readonly title: string;
  readonly override?: readonly dashboard.DynamicConfigValue[];
}

/** Rows of this moment: all queries joined on the labels they share. */
export function rows(
  spec: PanelSpec & {
    readonly columns: readonly Column[];
    /** Fields to hide; Grafana shows all others. */
    readonly hidden: readonly string[];
    readonly sortBy: string;
  },
): Tile {
  const panel = dress(new table.PanelBuilder(), spec, 'table')
    .transformations([
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: Object.fromEntries(spec.hidden.map((field) => [field, true])),
          indexByName: Object.fromEntries(spec.columns.map(({ field }, i) => [field, i])),
          renameByName: Object.fromEntries(spec.columns.map(({ field, title }) => [field, title])),
        },
      },
    ])
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(spec.sortBy).desc(false)])
    .cellHeight(common.TableCellHeight.Sm);
  for (const { title, override } of spec.columns) {
    if (override !== undefined) panel.overrideByName(title, [...override]);
  }
  return panel;
}

/** Value mappings of states, and grey for what is missing. */
export function mappings(states: States): dashboard.ValueMapping[] {
  return [
    {
      type: dashboard.MappingType.ValueToText,
      options: Object.fromEntries(Object.entries(states).map(([value, state], index) => [value, { ...state, index }])),
    },
    {
      type: dashboard.MappingType.SpecialValue,
      options: {
        match: dashboard.SpecialValueMatch.NullAndNan,
        result: { text: 'no data', color: COLORS.unknown, index: Object.keys(states).length },
      },
    },
  ];
}

function byThresholds(): Builder<dashboard.FieldColor> {
  return new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds);
}

function legend(): Builder<common.VizLegendOptions> {
  return new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom)
    .calcs([]);
}

function tooltip(): Builder<common.VizTooltipOptions> {
  return new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending);
}
