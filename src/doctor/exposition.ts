/** One series of an exposition, with its value. */
export interface Series {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** What a scraper would read, or the number of the first line (from 1) that it would not. */
export type Exposition = { readonly series: readonly Series[] } | { readonly brokenLine: number };

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABELS = '\\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\.)*",?)*\\}';
// In any case, as Go reads them: prom-client writes Nan.
const VALUE = '[+-]?(?:[iI][nN][fF]|[nN][aA][nN]|[0-9]+(?:\\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\\.[0-9]+)';
// Timestamp, and the exemplar of OpenMetrics behind it.
const SAMPLE = new RegExp(`^(${NAME})(${LABELS})? (${VALUE})(?: -?[0-9.]+)?(?: # ${LABELS} ${VALUE}(?: [0-9.]+)?)?$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format of Prometheus, and OpenMetrics. Pure. */
export function parseExposition(text: string): Exposition {
  const series: Series[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (name === undefined) return { brokenLine: index + 1 };
    series.push({ name, labels: labelsOf(labels), value: numberOf(value) });
  }
  return { series };
}

function labelsOf(text: string): ReadonlyMap<string, string> {
  const unescaped = (value: string) => value.replace(/\\(.)/g, (_all, char) => (char === 'n' ? '\n' : char));
  return new Map([...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, unescaped(value)]));
}

function numberOf(text: string): number {
  return /^[+-]?Inf$/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}
