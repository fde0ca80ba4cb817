import { definitionOf, METRIC_NAMES, type MetricDefinition } from './catalogue.js';

/** The catalogue as a Markdown page: what `docs/metrics.md` must be. */
export function catalogueMarkdown(): string {
  const rows = METRIC_NAMES.map((name) => {
    const { type, labels, help, ...rest } = definitionOf(name);
    return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help}${bucketsOf(rest)} |`;
  });
  return [
    '# Metrics',
    '',
    'Generated from `src/observe/catalogue.ts`; `UPDATE=1 npx vitest run test/observe` writes it anew.',
    'Base units throughout. A moment is a Unix time in seconds, 0 for never. Every label set exists from the start, at 0.',
    'The label `app` is the alias of the Feishu app. `process_*` and `nodejs_*` come from prom-client.',
    '',
    '| name | type | labels | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function bucketsOf(definition: Pick<MetricDefinition, 'buckets'>): string {
  return definition.buckets === undefined ? '' : ` Buckets: ${definition.buckets.join(', ')}.`;
}
