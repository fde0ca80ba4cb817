/** The event in this Envelope, at `wallNow` (milliseconds since the epoch); not stale until somebody says so. */
export function eventOf(envelope, source, wallNow) {
    const { id, type, createTime, appId, tenantKey, data, raw } = envelope;
    const ageMs = createTime === null ? null : wallNow - createTime;
    return { id, type, createTime, appId, tenantKey, data, source, ageMs, isStale: false, raw };
}
