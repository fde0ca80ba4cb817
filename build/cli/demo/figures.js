/** Compares what the platform sent with what the handler saw, event by event. */
export function eventFigures(sent, handledCounts) {
    const counts = sent.map(({ eventId }) => handledCounts.get(eventId) ?? 0);
    return {
        sent: sent.length,
        handled: counts.filter((count) => count > 0).length,
        lost: counts.filter((count) => count === 0).length,
        handledTwice: counts.filter((count) => count > 1).length,
        redeliveries: sent.reduce((sum, { deliveries }) => sum + Math.max(0, deliveries.length - 1), 0),
    };
}
export function secondsOf(ms) {
    return Math.round(ms / 100) / 10;
}
/** The table at the end, ready to print. */
export function figuresTable({ outages, events, tokenRefreshFailures, durationS, alerts }) {
    const rows = [
        ['outage', 'cause', 'noticed after', 'lasted', 'attempts', 'back after upstream'],
        ...outages.map((outage) => [
            outage.title,
            outage.cause,
            `${outage.noticedAfterS.toFixed(1)} s`,
            `${outage.lastedS.toFixed(1)} s`,
            String(outage.attempts),
            `${outage.recoveredAfterUpstreamS.toFixed(1)} s`,
        ]),
    ];
    const { sent, handled, lost, handledTwice, redeliveries } = events;
    return [
        ...alignColumns(rows),
        '',
        `  events: ${sent} sent, ${handled} handled, ${lost} lost, ${handledTwice} handled twice` +
            ` (${redeliveries} redeliveries by the platform)`,
        `  token refresh failures: ${tokenRefreshFailures}; the whole story took ${durationS.toFixed(1)} s`,
        ...(alerts === undefined ? [] : [`  alerts: ${alerts.map(alertInWords).join('; ') || 'none'}`]),
    ].join('\n');
}
function alertInWords({ alert, to, firedAtS, resolvedAtS }) {
    const end = resolvedAtS === null ? 'still on' : `resolved ${(resolvedAtS - firedAtS).toFixed(1)} s later`;
    return `${alert} (${to}) at ${firedAtS.toFixed(1)} s, ${end}`;
}
function alignColumns(rows) {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
