import { TROUBLES } from './recovery.js';
/** @throws RangeError without a single recovery. */
export function summarizeRecoveries(recoveries) {
    if (recoveries.length === 0)
        throw new RangeError('there is no recovery to summarize');
    const times = recoveries.map(({ recoveryMs }) => recoveryMs).sort((a, b) => a - b);
    const most = (read) => Math.max(...recoveries.map(read));
    const average = (read) => Math.round((recoveries.reduce((sum, each) => sum + read(each), 0) / recoveries.length) * 100) / 100;
    return {
        count: times.length,
        medianMs: quantile(times, 0.5),
        p99Ms: quantile(times, 0.99),
        maxMs: quantile(times, 1),
        callsInFirstMinute: most((each) => each.callsInFirstMinute),
        callsPerMinute: average((each) => each.callsPerMinute),
        probesPerMinute: most((each) => each.probesPerMinute),
        reachesPerMinute: average((each) => each.reachesPerMinute),
    };
}
/** The rows as a Markdown table. */
export function recoveryTable(rows) {
    const head = [
        'outage',
        'lasts',
        'seeds',
        'median',
        'p99',
        'max',
        'calls with credentials: first minute',
        'later, per minute',
        'probes per minute',
        'looks at the host per minute',
    ];
    const lines = rows.map((row) => {
        const { says } = TROUBLES[row.trouble];
        return [
            says,
            lengthOf(row.outageMs),
            String(row.count),
            seconds(row.medianMs),
            seconds(row.p99Ms),
            seconds(row.maxMs),
            `at most ${row.callsInFirstMinute}`,
            // The second half of ten seconds is no rate.
            row.outageMs < 120_000 ? '' : row.callsPerMinute.toFixed(1),
            `at most ${row.probesPerMinute}`,
            row.outageMs < 120_000 ? '' : row.reachesPerMinute.toFixed(1),
        ];
    });
    const rule = head.map((_, index) => (index < 2 ? '---' : '---:'));
    return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
/** Median and 99th percentile alone, one line for each kind of outage and one column for each length. */
export function recoveryOverview(rows) {
    const lengths = [...new Set(rows.map(({ outageMs }) => outageMs))].sort((a, b) => a - b);
    const troubles = [...new Set(rows.map(({ trouble }) => trouble))];
    const lines = troubles.map((trouble) => {
        const { says } = TROUBLES[trouble];
        const cells = lengths.map((length) => {
            const row = rows.find((each) => each.trouble === trouble && each.outageMs === length);
            return row === undefined ? '' : `${seconds(row.medianMs)} / ${seconds(row.p99Ms)}`;
        });
        return [says, ...cells];
    });
    const head = ['median / p99 after', ...lengths.map(lengthOf)];
    const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
    return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
/** The smallest value that this share of them does not exceed. */
function quantile(sorted, share) {
    return Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
}
function seconds(ms) {
    return `${(ms / 1_000).toFixed(1)} s`;
}
function lengthOf(ms) {
    if (ms < 60_000)
        return `${ms / 1_000} s`;
    return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}
