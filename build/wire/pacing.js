import { jsonFaultOf } from './json-fault.js';
/** What every official SDK assumes before the platform has said anything. */
export const DEFAULT_PACING = Object.freeze({
    pingIntervalMs: 120_000,
    reconnectCount: -1,
    reconnectIntervalMs: 120_000,
    reconnectNonceMs: 30_000,
});
/** What we believe of the platform's numbers; beyond it the nearest bound is taken. Counts plain, times in milliseconds. */
export const PACING_LIMITS = Object.freeze({
    // Below 5 s a ping is a load test, not a heartbeat; above 300 s a NAT has forgotten us (90 and 120 s are seen).
    pingIntervalMs: { min: 5_000, max: 300_000 },
    // -1 is the platform's word for "without end"; a million attempts is without end too. Shown, never obeyed.
    reconnectCount: { min: -1, max: 1_000_000 },
    // Under 1 s is hammering; 600 s is five times the longest that was seen (120 s).
    reconnectIntervalMs: { min: 1_000, max: 600_000 },
    // 0 is legal: no spreading. 300 s is ten times the longest that was seen (30 s).
    reconnectNonceMs: { min: 0, max: 300_000 },
});
/**
 * Reads a parsed `ClientConfig` field by field. A missing field keeps its previous value, an unusable one too and is
 * reported, one out of {@link PACING_LIMITS} is clamped and reported: the SDKs take `{}` for "ping without pause".
 * @param value Seconds on the wire; undefined or null counts as an object without fields.
 */
export function parsePacing(value, previous) {
    if (value === undefined || value === null)
        return { pacing: previous, rejected: [] };
    if (typeof value !== 'object' || Array.isArray(value)) {
        return {
            pacing: previous,
            rejected: [{ field: 'ClientConfig', detail: `must be an object, got ${kindOf(value)}` }],
        };
    }
    const rejected = [];
    const read = (name, field, unit, isUsable) => {
        const given = Object.hasOwn(value, field) ? value[field] : undefined;
        if (given === undefined)
            return previous[name];
        if (typeof given !== 'number' || !Number.isFinite(given) || !isUsable(given)) {
            const shown = typeof given === 'number' ? String(given) : kindOf(given);
            rejected.push({ field, detail: `unusable (${shown}), the previous value stays` });
            return previous[name];
        }
        const { min, max } = PACING_LIMITS[name];
        const converted = Math.round(given * unit);
        const clamped = Math.min(max, Math.max(min, converted));
        if (clamped !== converted)
            rejected.push({ field, detail: `${given} clamped to ${clamped / unit}` });
        return clamped;
    };
    const pacing = {
        pingIntervalMs: read('pingIntervalMs', 'PingInterval', 1000, (seconds) => seconds > 0),
        reconnectCount: read('reconnectCount', 'ReconnectCount', 1, Number.isInteger),
        reconnectIntervalMs: read('reconnectIntervalMs', 'ReconnectInterval', 1000, (seconds) => seconds >= 0),
        reconnectNonceMs: read('reconnectNonceMs', 'ReconnectNonce', 1000, (seconds) => seconds >= 0),
    };
    return { pacing: isSame(pacing, previous) ? previous : pacing, rejected };
}
/**
 * Reads the payload of a pong. Absent or empty, which is legal, changes nothing; what is no JSON object is reported
 * as field `payload` and changes nothing.
 */
export function parsePongPayload(payload, previous) {
    if (payload === undefined || payload.length === 0)
        return { pacing: previous, rejected: [] };
    const unchanged = (detail) => ({ pacing: previous, rejected: [{ field: 'payload', detail }] });
    let text;
    try {
        text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    }
    catch {
        return unchanged(`not UTF-8 (${payload.length} bytes)`);
    }
    let value;
    try {
        value = JSON.parse(text);
    }
    catch (error) {
        return unchanged(`not JSON: ${jsonFaultOf(error, text)}`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        return unchanged(`must be an object, got ${kindOf(value)}`);
    }
    return parsePacing(value, previous);
}
function isSame(one, other) {
    return Object.keys(PACING_LIMITS).every((name) => one[name] === other[name]);
}
function kindOf(value) {
    if (value === null)
        return 'null';
    return Array.isArray(value) ? 'array' : typeof value;
}
