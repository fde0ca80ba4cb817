export function summarize(outage, connectedAt) {
    const { number, cause, startedAt, attempts } = outage;
    return { number, cause, attempts, durationMs: connectedAt - startedAt };
}
