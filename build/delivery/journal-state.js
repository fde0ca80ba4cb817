export const STATE_KEY = 'journal';
export function encodeState(state) {
    return Buffer.from(JSON.stringify(state));
}
/** Null for bytes that are no state. */
export function decodeState(bytes) {
    const { journalMs, wallMs, isClosed } = jsonOf(bytes);
    if (typeof journalMs !== 'number' || typeof wallMs !== 'number' || typeof isClosed !== 'boolean')
        return null;
    return Number.isFinite(journalMs) && Number.isFinite(wallMs) ? { journalMs, wallMs, isClosed } : null;
}
export const NO_PROGRESS = Object.freeze({ failures: 0, runs: 0, isBegun: false });
export function encodeProgress({ failures, runs, isBegun }) {
    return Buffer.from(JSON.stringify({ failures, runs, isBegun }));
}
/** Bytes that are no progress count as none: the event runs, with all its attempts. */
export function decodeProgress(bytes) {
    if (bytes === null)
        return NO_PROGRESS;
    const { failures, runs, isBegun } = jsonOf(bytes);
    return { failures: countOf(failures), runs: countOf(runs), isBegun: isBegun === true };
}
function jsonOf(bytes) {
    try {
        const value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
        return typeof value === 'object' && value !== null ? value : {};
    }
    catch {
        return {};
    }
}
function countOf(value) {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
