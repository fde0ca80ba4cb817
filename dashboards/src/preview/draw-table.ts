import type { DataTransformerConfig, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Asked } from './asked.js';
import { type Field, fieldOf, shown } from './field.js';
import { nothing } from './plot.js';
import { type Box, line, THEME, text, widthOf } from './svg.js';

const ROW_HEIGHT = 28;
const SIZE = 12.5;

type Row = ReadonlyMap<string, string | number>;

/** Rows joined on the labels they share, with the columns renamed and put in order. */
export function drawTable(panel: Panel, asked: readonly Asked[], box: Box): string {
  const rows = joined(asked);
  if (rows.length === 0) return nothing(box, panel.fieldConfig?.defaults.noValue ?? 'No data');
  const columns = columnsOf(panel, rows);
  const sortBy: string | undefined = panel.options?.sortBy?.[0]?.displayName;
  const key = columns.find(({ title }) => title === sortBy)?.field;
  const sorted = key === undefined ? rows : [...rows].sort((a, b) => compare(a.get(key), b.get(key)));
  const fitting = Math.max(1, Math.floor((box.h - ROW_HEIGHT) / ROW_HEIGHT));
  const cut = sorted.length > fitting ? fitting - 1 : fitting;
  const widths = widthsOf(columns, sorted, box.w);
  const at = widths.map((_, i) => box.x + widths.slice(0, i).reduce((sum, w) => sum + w, 0) + 8);
  const head = columns.map(({ title }, i) =>
    text(at[i] ?? 0, box.y + 18, title, { size: 12, weight: 500, color: '#6e9fff' }),
  );
  const body = sorted.slice(0, cut).map((row, n) => {
    const y = box.y + (n + 1) * ROW_HEIGHT;
    const cells = columns.map(({ field, settings }, i) => {
      const { text: words, color } = cell(row.get(field), settings);
      const maxWidth = (widths[i] ?? 0) - 12;
      return text(at[i] ?? 0, y + 18, words, { size: SIZE, color: settings.colorsText ? color : THEME.text, maxWidth });
    });
    return [line(box.x, y, box.x + box.w, y, THEME.border), ...cells].join('');
  });
  const rest =
    sorted.length > cut
      ? text(box.x + 8, box.y + (cut + 1) * ROW_HEIGHT + 18, `${sorted.length - cut} more`, { color: THEME.faint })
      : '';
  return [...head, ...body, rest].join('');
}

/** Like Grafana's transformation "merge": rows that agree on all labels common to the queries become one. */
function joined(asked: readonly Asked[]): Row[] {
  const tables = asked.filter(({ series }) => series.length > 0);
  const labelsOf = ({ series }: Asked) => new Set(series.flatMap(({ metric }) => Object.keys(metric)));
  const shared = [...(tables[0] === undefined ? [] : labelsOf(tables[0]))].filter((label) =>
    tables.every((table) => labelsOf(table).has(label)),
  );
  const rows = new Map<string, Map<string, string | number>>();
  for (const { target, series } of tables) {
    for (const { metric, value } of series) {
      const key = JSON.stringify(shared.map((label) => metric[label] ?? ''));
      const row = rows.get(key) ?? new Map<string, string | number>();
      for (const [label, content] of Object.entries(metric)) row.set(label, content);
      row.set(asked.length === 1 ? 'Value' : `Value #${target.refId}`, Number(value?.[1] ?? Number.NaN));
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

interface Column {
  readonly field: string;
  readonly title: string;
  readonly settings: Field;
}

function columnsOf(panel: Panel, rows: readonly Row[]): Column[] {
  const organize: DataTransformerConfig | undefined = panel.transformations?.find(({ id }) => id === 'organize');
  const { excludeByName = {}, indexByName = {}, renameByName = {} } = organize?.options ?? {};
  const fields = [...new Set(rows.flatMap((row) => [...row.keys()]))].filter((field) => excludeByName[field] !== true);
  return fields
    .sort((a, b) => (indexByName[a] ?? 99) - (indexByName[b] ?? 99))
    .map((field) => {
      const title: string = renameByName[field] ?? field;
      return { field, title, settings: fieldOf(panel, { name: title }) };
    });
}

function cell(value: string | number | undefined, settings: Field): { text: string; color: string } {
  return value === undefined || Number.isNaN(value) ? { text: '', color: THEME.faint } : shown(value, settings);
}

/** As wide as the widest cell needs, stretched to the width of the panel. */
function widthsOf(columns: readonly Column[], rows: readonly Row[], width: number): number[] {
  const needs = columns.map(({ field, title, settings }) =>
    Math.max(
      ...[title, ...rows.map((row) => cell(row.get(field), settings).text)].map((words) => widthOf(words, SIZE) + 20),
    ),
  );
  const sum = needs.reduce((total, need) => total + need, 0);
  return needs.map((need) => (need / sum) * width);
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a ?? '').localeCompare(String(b ?? ''), 'en');
}
