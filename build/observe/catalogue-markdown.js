import { definitionOf, METRIC_NAMES } from './catalogue.js';
/** The catalogue as a Markdown page: what `docs/metrics.md` must be. */
export function catalogueMarkdown() {
    const rows = METRIC_NAMES.map((name) => {
        const { type, labels, help, ...rest } = definitionOf(name);
        return `| \`${name}\` | ${type} | ${unitOf(name, type)} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help}${bucketsOf(rest)} |`;
    });
    return [
        '# Metrics',
        '',
        'Generated from `src/observe/catalogue.ts`; `UPDATE=1 npx vitest run test/observe` writes it anew.',
        'Base units throughout. A moment is a Unix time in seconds, 0 for never. Every label set exists from the start, at 0.',
        'The label `app` is the alias of the Feishu app. `process_*` and `nodejs_*` come from prom-client.',
        '',
        '| name | type | unit | labels | meaning |',
        '|---|---|---|---|---|',
        ...rows,
        '',
    ].join('\n');
}
/** The unit that a name ends with; what counts or switches has none. */
function unitOf(name, type) {
    if (name.endsWith('_timestamp_seconds'))
        return 'Unix time, s';
    const [, unit] = /_(seconds|bytes)(?:_total)?$/.exec(name) ?? [];
    return unit === undefined ? (type === 'counter' ? 'count' : '') : ({ seconds: 's', bytes: 'bytes' }[unit] ?? '');
}
function bucketsOf(definition) {
    return definition.buckets === undefined ? '' : ` Buckets: ${definition.buckets.join(', ')}.`;
}
