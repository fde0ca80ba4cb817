import type {
  DynamicConfigValue,
  FieldConfig,
  Panel,
  Threshold,
  ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Series, Target } from './answer.js';
import { format } from './format.js';
import { colorOf, paletteColor, THEME } from './svg.js';

/** How the values of one series, or one column, are shown: the panel's settings with the overrides that match. */
export interface Field {
  readonly unit: string;
  readonly decimals?: number;
  readonly mappings: readonly ValueMapping[];
  readonly steps: readonly Threshold[];
  readonly fixedColor: string | null;
  readonly isDashed: boolean;
  readonly fillOpacity: number;
  readonly colorsText: boolean;
}

/** The field of a query's series, or of a table's column. */
export function fieldOf(panel: Panel, of: { readonly refId?: string; readonly name?: string }): Field {
  const defaults: FieldConfig = panel.fieldConfig?.defaults ?? {};
  const properties = (panel.fieldConfig?.overrides ?? [])
    .filter(({ matcher }) => matcher.options === (matcher.id === 'byName' ? of.name : of.refId))
    .flatMap((override) => override.properties);
  const set = <T>(id: string, otherwise: T): T => (find(properties, id)?.value as T | undefined) ?? otherwise;
  const decimals = set('decimals', defaults.decimals);
  return {
    unit: set('unit', defaults.unit ?? 'none'),
    ...(decimals === undefined ? {} : { decimals }),
    mappings: set('mappings', defaults.mappings ?? []),
    steps: set<{ steps: readonly Threshold[] }>('thresholds', defaults.thresholds ?? { steps: [] }).steps,
    fixedColor: set<{ fixedColor?: string }>('color', {}).fixedColor ?? null,
    isDashed: set<{ fill?: string }>('custom.lineStyle', {}).fill === 'dash',
    fillOpacity: set('custom.fillOpacity', (defaults.custom?.fillOpacity as number | undefined) ?? 0),
    colorsText: set<{ type?: string }>('custom.cellOptions', {}).type === 'color-text',
  };
}

function find(properties: readonly DynamicConfigValue[], id: string): DynamicConfigValue | undefined {
  return properties.find((property) => property.id === id);
}

/** A value in words and in its colour. Null, and what is no number, is no data. */
export function shown(value: string | number | null, field: Field): { text: string; color: string } {
  const mapped = mapping(value, field.mappings);
  const asNumber = typeof value === 'number' ? value : Number.NaN;
  return {
    text:
      mapped?.text ?? (typeof value === 'number' ? format(value, field.unit, field.decimals) : (value ?? 'no data')),
    color: colorOf(mapped?.color ?? thresholdColor(asNumber, field.steps)),
  };
}

function mapping(value: string | number | null, mappings: readonly ValueMapping[]) {
  const isMissing = value === null || (typeof value === 'number' && Number.isNaN(value));
  for (const { type, options } of mappings) {
    if (type === 'special' && isMissing) return options.result;
    if (type === 'value' && !isMissing && options[String(value)] !== undefined) return options[String(value)];
  }
  return undefined;
}

function thresholdColor(value: number, steps: readonly Threshold[]): string {
  const reached = steps.filter((step) => step.value === null || step.value <= value);
  return Number.isNaN(value) ? THEME.faint : (reached.at(-1)?.color ?? THEME.text);
}

/** What the legend calls a series. */
export function nameOf({ metric }: Series, { legendFormat = '' }: Target): string {
  if (legendFormat !== '')
    return legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => metric[label] ?? '');
  const labels = Object.entries(metric).map(([label, value]) => `${label}="${value}"`);
  return `{${labels.join(', ')}}`;
}

/** Colours of series by their names' order, so that the order of an answer changes nothing. */
export function colorsOf(names: readonly string[]): Map<string, string> {
  return new Map([...new Set(names)].sort().map((name, i) => [name, paletteColor(i)]));
}
