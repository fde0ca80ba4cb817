import type {
  Dashboard,
  GridPos,
  Panel,
  RowPanel,
  Threshold,
  ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { LIMITS, limitOf } from '../../dashboards/src/limits.js';
import { isRow, type Target } from './placed.js';

const DATA_SOURCE = { type: 'prometheus', uid: `\${datasource}` };
const COLUMNS = 24;

/** What a linter reads beyond the SDK's types: options and field configuration are `any` there. */
interface Details {
  readonly options: {
    readonly calculate?: boolean;
    readonly yAxis?: { readonly unit?: string };
    readonly cellValues?: { readonly unit?: string };
  };
  readonly custom: { readonly spanNulls?: unknown; readonly insertNulls?: unknown };
}

/** Rules of one kind of panel. A kind without a row here is refused. */
const KINDS: Readonly<Record<string, (panel: Panel, targets: readonly Target[], details: Details) => string[]>> = {
  stat: (panel, targets) => [
    ...instantOnly(targets),
    ...fault(
      targets.some(({ expr, legendFormat }) => legendFormat.includes('{{') && !/^sort(_desc)?\(/.test(expr)),
      'does not show the worst first',
    ),
    ...fault(!panel.fieldConfig?.defaults.noValue?.includes('data'), 'does not say so when there is no data'),
  ],
  table: (_, targets) => [
    ...instantOnly(targets),
    ...fault(
      targets.some(({ format }) => format !== 'table'),
      'asks for something else than a table',
    ),
  ],
  timeseries: (_, targets, { custom }) => [...rangeOnly(targets), ...gapsStay(custom)],
  'state-timeline': (panel, targets, { custom }) => [
    ...rangeOnly(targets),
    ...gapsStay(custom),
    ...fault((panel.fieldConfig?.defaults.mappings ?? []).length === 0, 'has states without names'),
  ],
  heatmap: (_, targets, { options }) => [
    ...rangeOnly(targets),
    ...fault(options.calculate !== false, 'guesses buckets of its own'),
    ...fault(options.yAxis?.unit === undefined, 'has no unit for its buckets'),
    ...fault(options.cellValues?.unit === undefined, 'has no unit for its cells'),
    ...fault(
      targets.some(({ format, legendFormat }) => format !== 'heatmap' || legendFormat !== '{{le}}'),
      'asks for something else than buckets',
    ),
  ],
};

/**
 * Thresholds that are no alert's: what they are instead. By board and panel.
 * The burn factors are held against the alerts in limits.test.ts.
 */
const OTHER_THRESHOLDS: Readonly<Record<string, readonly number[]>> = {
  'feishu-overview 8': [0.999], // the objective
  'feishu-overview 9': [0], // the end of the budget
  'feishu-overview 11': [3], // what a late ack is
  'feishu-objectives 1': [0.999],
  'feishu-objectives 2': [0],
  'feishu-objectives 3': [0.999],
  'feishu-objectives 4': [0],
  'feishu-objectives 5': [1, 3, 6, 14.4],
  'feishu-objectives 6': [1, 3, 6, 14.4],
  'feishu-objectives 11': [1], // FeishuAlertsNotDelivered has two conditions: this is the other one
};

/** What breaks the rules for boards: an empty list for a good one. */
export function lintBoard(board: Dashboard): string[] {
  const panels = board.panels ?? [];
  return [
    ...lintHead(board),
    ...lintVariables(board),
    ...lintAnnotations(board),
    ...lintLinks(board),
    ...lintGrid(panels),
    ...twice(panels.map(({ id }) => String(id))).map((id) => `the id ${id} is there twice`),
    ...twice(panels.map(({ title = '' }) => title)).map((title) => `the title ${title} is there twice`),
    ...panels.flatMap((panel) =>
      (isRow(panel) ? lintRow(panel) : lintPanel(board, panel)).map((what) => `panel ${panel.id} ${what}`),
    ),
  ];
}

function lintHead(board: Dashboard): string[] {
  return [
    ...fault(board.editable !== false, 'the board is editable'),
    ...fault(!/^feishu-[a-z]+$/.test(board.uid ?? ''), 'the uid is not fixed'),
    ...fault((board.title ?? '') === '', 'the board has no title'),
    ...fault(!/\?$/.test(board.description ?? ''), 'the description is no question'),
    ...fault(board.tags?.join() !== 'feishu-connector,generated', 'the tags are others'),
    ...fault(board.schemaVersion < 36, 'the schema is too old'),
    ...fault(board.id !== undefined, 'the id of some Grafana was left in'),
    ...fault(board.time?.from !== 'now-6h' || board.time.to !== 'now', 'it does not open with 6 hours'),
    ...fault(board.refresh !== '30s', 'it does not refresh every 30 s'),
    ...fault(board.graphTooltip !== 1, 'the crosshair is not shared'),
  ];
}

function lintVariables({ templating }: Dashboard): string[] {
  const list = templating.list ?? [];
  const labels = list.filter(({ hide }) => hide !== 2).map(({ name, label }) => `${name}=${label}`);
  const queried = list.filter(({ type }) => type === 'query');
  return [
    ...fault(labels.join() !== 'datasource=Data source,job=Job,instance=Instance,app=App', 'the variables are others'),
    ...fault(list[0]?.type !== 'datasource' || list[0].query !== 'prometheus', 'the data source cannot be chosen'),
    ...queried.flatMap(({ name, ...variable }) => [
      ...fault(variable.multi !== true || variable.includeAll !== true, `$${name} is not for several values`),
      ...fault(variable.allValue !== '.+', `$${name} has another All than .+`),
      ...fault(variable.refresh !== 2, `$${name} is not asked for again when the time changes`),
      ...fault(!same(variable.datasource, DATA_SOURCE), `$${name} asks another data source`),
    ]),
  ];
}

function lintAnnotations({ annotations }: Dashboard): string[] {
  const list = annotations.list ?? [];
  return [
    ...fault(
      list.map(({ name }) => name).join() !== 'Firing alerts,Process restarts,Version changes,Configuration reloads',
      'the annotations are others',
    ),
    ...list.flatMap(({ name, enable, expr, target, datasource }) => [
      ...fault(!enable, `the annotation ${name} is off`),
      ...fault(!same(datasource, DATA_SOURCE), `the annotation ${name} asks another data source`),
      ...fault((target as unknown as Target | undefined)?.expr !== expr, `the annotation ${name} has two queries`),
    ]),
  ];
}

function lintLinks({ links = [] }: Dashboard): string[] {
  const boards = links.find(({ type }) => type === 'dashboards');
  return [
    ...fault(boards?.tags.join() !== 'feishu-connector', 'the other boards are not linked by their tag'),
    ...fault(!(boards?.keepTime === true && boards.includeVars), 'a link loses time or variables'),
    ...fault(!links.some(({ url }) => url?.startsWith(`\${runbooks}/`) === true), 'the runbooks are not linked'),
  ];
}

/** Rows first, then panels that fill the 24 columns, nothing over anything else. */
function lintGrid(panels: readonly (Panel | RowPanel)[]): string[] {
  const placed = panels.map((panel) => ({ id: panel.id, at: panel.gridPos ?? { x: -1, y: 0, w: 0, h: 0 } }));
  const bottom = Math.max(0, ...placed.map(({ at }) => at.y + at.h));
  const faults = placed
    .filter(({ at }) => at.x < 0 || at.w < 1 || at.x + at.w > COLUMNS || at.h < 1)
    .map(({ id }) => `panel ${id} is outside the grid`);
  for (const [i, one] of placed.entries()) {
    for (const other of placed.slice(i + 1)) {
      if (overlap(one.at, other.at)) faults.push(`panels ${one.id} and ${other.id} overlap`);
    }
  }
  for (let y = 0; y < bottom; y++) {
    const width = placed.reduce((sum, { at }) => sum + (at.y <= y && y < at.y + at.h ? at.w : 0), 0);
    if (width !== COLUMNS) faults.push(`line ${y} is ${width} columns wide`);
  }
  return faults;
}

function overlap(a: GridPos, b: GridPos): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function lintRow(row: RowPanel): string[] {
  return [
    ...fault(!Number.isSafeInteger(row.id), 'has no id'),
    ...fault(row.collapsed, 'is a collapsed row: what it holds is not seen'),
    ...fault(row.panels.length > 0, 'is a row with panels inside'),
    ...fault((row.title ?? '') === '', 'is a row without a title'),
  ];
}

function lintPanel(board: Dashboard, panel: Panel): string[] {
  const rules = KINDS[panel.type];
  if (rules === undefined) return [`is of the unknown kind ${panel.type}`];
  const targets = (panel.targets ?? []) as unknown as Target[];
  const defaults = panel.fieldConfig?.defaults;
  const details = { options: panel.options ?? {}, custom: defaults?.custom ?? {} } as Details;
  return [
    ...rules(panel, targets, details),
    ...fault(!Number.isSafeInteger(panel.id), 'has no id'),
    ...fault((panel.title ?? '').length < 3, 'has no title'),
    ...fault(
      !/^\*\*Normal:\*\* .{5,}\n\n\*\*Otherwise:\*\* .{20,}$/.test(panel.description ?? ''),
      'does not say what is normal and what to do',
    ),
    ...fault((defaults?.unit ?? '') === '', 'has no unit'),
    ...fault(!same(panel.datasource, DATA_SOURCE), 'asks another data source'),
    ...fault(targets.length === 0, 'asks nothing'),
    ...fault(twice(targets.map(({ refId }) => refId)).length > 0, 'has two queries of one name'),
    ...fault(!targets.every(({ datasource }) => same(datasource, DATA_SOURCE)), 'has a query to another data source'),
    ...lintThresholds(board, panel),
  ];
}

function lintThresholds(board: Dashboard, panel: Panel): string[] {
  const steps: readonly Threshold[] = [
    ...(panel.fieldConfig?.defaults.thresholds?.steps ?? []),
    ...(panel.fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
      properties.flatMap(({ id, value }) => (id === 'thresholds' ? (value as ThresholdsConfig).steps : [])),
    ),
  ];
  const linked = (panel.links ?? []).map(({ url }) => /^\$\{runbooks\}\/(\w+)\.md$/.exec(url ?? '')?.[1] ?? '');
  const unknown = linked.filter((alert) => !Object.hasOwn(LIMITS, alert));
  const known = linked.filter((alert): alert is keyof typeof LIMITS => Object.hasOwn(LIMITS, alert));
  const allowed = [
    ...known.flatMap((alert) => limitOf(alert)?.value ?? []),
    ...(OTHER_THRESHOLDS[`${board.uid} ${panel.id}`] ?? []),
  ];
  return [
    ...unknown.map((alert) => `links to the runbook of no alert: ${alert}`),
    ...fault(steps[0]?.value !== null, 'has no base colour'),
    ...steps
      .flatMap(({ value }) => value ?? [])
      .filter((value) => !allowed.includes(value))
      .map((value) => `has the threshold ${value}, which is no limit of an alert it links to`),
  ];
}

function instantOnly(targets: readonly Target[]): string[] {
  return fault(!targets.every(({ instant, range }) => instant === true && range === false), 'may show an old value');
}

function rangeOnly(targets: readonly Target[]): string[] {
  return fault(!targets.every(({ instant, range }) => instant === false && range === true), 'asks for no range');
}

function gapsStay({ spanNulls, insertNulls }: Details['custom']): string[] {
  return fault(spanNulls !== false || insertNulls !== undefined, 'draws over gaps');
}

function fault(isBroken: boolean, what: string): string[] {
  return isBroken ? [what] : [];
}

function twice(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
