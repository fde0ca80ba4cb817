import { type Cell, CounterCell, type Exemplar, type GaugeCell, HistogramCell } from './cells.js';
import type { Block, Family } from './family.js';
import { escaped } from './label-set.js';

/**
 * A family as text, byte for byte as prom-client writes it: first the head, then an app's series at a time, so that what
 * belongs together was read together. Each piece ends with a line.
 */
export function* piecesOf(family: Family, isOpenMetrics: boolean): Generator<string> {
  const { definition, bounds } = family;
  // OpenMetrics calls a counter by its name without `_total`, and its samples by the whole name.
  const name = isOpenMetrics && definition.type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
  yield `# HELP ${name} ${escaped(definition.help)}\n# TYPE ${name} ${definition.type}\n`;
  const sampleName = name !== family.name ? `${name}_total` : name;
  const buckets = [...bounds, '+Inf'].map((bound) => `${name}_bucket{le="${bound}",`);
  for (const block of family.blocks) {
    let text = '';
    for (const cell of block.cells) {
      const labels = labelsText(block, cell);
      if (cell instanceof HistogramCell) text += histogramText(name, buckets, cell, labels, isOpenMetrics);
      else text += sampleText(sampleName, cell, labels, isOpenMetrics);
    }
    yield text;
  }
}

function sampleText(name: string, cell: CounterCell | GaugeCell, labels: string, isOpenMetrics: boolean): string {
  const exemplar = isOpenMetrics && cell instanceof CounterCell ? exemplarText(cell.exemplar) : '';
  return `${name}${labels === '' ? '' : `{${labels}}`} ${cell.value}${exemplar}\n`;
}

function histogramText(
  name: string,
  buckets: readonly string[],
  { perBound, exemplars, sum, count }: HistogramCell,
  labels: string,
  isOpenMetrics: boolean,
): string {
  let text = '';
  let below = 0;
  for (let bucket = 0; bucket < buckets.length; bucket += 1) {
    const isLast = bucket === perBound.length;
    below += perBound[bucket] ?? 0;
    const exemplar = isOpenMetrics ? exemplarText(exemplars?.[bucket] ?? null) : '';
    text += `${buckets[bucket]}${labels}} ${isLast ? count : below}${exemplar}\n`;
  }
  return `${text}${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${count}\n`;
}

function labelsText({ appText }: Block, { labels }: Cell): string {
  return appText !== '' && labels.text !== '' ? `${appText},${labels.text}` : `${appText}${labels.text}`;
}

function exemplarText(exemplar: Exemplar | null): string {
  if (exemplar === null) return '';
  const { labels, value, timestamp } = exemplar;
  return ` # {trace_id="${labels.trace_id}",span_id="${labels.span_id}"} ${value} ${timestamp}`;
}
