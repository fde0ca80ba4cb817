import { DEAD_LETTER_REASONS, SOURCES } from './report.js';
/** Bytes that are no entry. The message says why and quotes none of them. */
export class EntryError extends Error {
    name = 'EntryError';
}
const VERSION = 1;
const PREFIX_BYTES = 5;
/**
 * One byte of version, four of the header's length (big-endian), the header as JSON, and the payload, byte for byte: it
 * is neither parsed nor written anew on its way to the disk.
 */
export function encodeEntry({ header, payload }) {
    const json = Buffer.from(JSON.stringify(headerToJson(header)), 'utf8');
    const bytes = Buffer.allocUnsafeSlow(PREFIX_BYTES + json.length + payload.length);
    bytes.writeUInt8(VERSION, 0);
    bytes.writeUInt32BE(json.length, 1);
    bytes.set(json, PREFIX_BYTES);
    bytes.set(payload, PREFIX_BYTES + json.length);
    return bytes;
}
/**
 * The payload of what is returned is a view into `bytes`.
 * @throws EntryError for whatever {@link encodeEntry} did not write.
 */
export function decodeEntry(bytes) {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.length < PREFIX_BYTES)
        throw new EntryError(`${view.length} bytes are no entry`);
    const version = view.readUInt8(0);
    if (version !== VERSION)
        throw new EntryError(`version ${version} is not known here`);
    const payloadAt = PREFIX_BYTES + view.readUInt32BE(1);
    if (payloadAt > view.length)
        throw new EntryError(`${view.length} bytes are too few for its header`);
    return { header: headerOf(view.toString('utf8', PREFIX_BYTES, payloadAt)), payload: view.subarray(payloadAt) };
}
/** The entry in these bytes, or why there is none. */
export function decoded(bytes) {
    try {
        return decodeEntry(bytes);
    }
    catch (error) {
        if (error instanceof EntryError)
            return error;
        throw error;
    }
}
function headerToJson(header) {
    const { eventId, eventType, source, arrivedWallAt, laneKey, contentKeys, traceparent, isReplayed, death } = header;
    return {
        id: eventId,
        type: eventType,
        from: source,
        at: arrivedWallAt,
        ...(laneKey !== null && { lane: laneKey }),
        ...(contentKeys.length > 0 && { keys: contentKeys }),
        ...(traceparent !== null && { trace: traceparent }),
        ...(isReplayed && { replayed: true }),
        ...(death !== undefined && { death }),
    };
}
function headerOf(text) {
    const json = objectOf(parsed(text), 'the header');
    const keys = json.keys ?? [];
    if (!Array.isArray(keys))
        throw new EntryError('keys of the header are no list');
    return {
        eventId: required(json, 'id'),
        eventType: required(json, 'type'),
        source: oneOf(SOURCES, json.from, 'from'),
        arrivedWallAt: finite(json, 'at'),
        laneKey: typeof json.lane === 'string' ? json.lane : null,
        contentKeys: keys.filter((key) => typeof key === 'string' && key !== ''),
        traceparent: typeof json.trace === 'string' ? json.trace : null,
        isReplayed: json.replayed === true,
        ...(json.death !== undefined && { death: deathOf(json.death) }),
    };
}
function deathOf(value) {
    const json = objectOf(value, 'death');
    return {
        reason: oneOf(DEAD_LETTER_REASONS, json.reason, 'death.reason'),
        attempts: finite(json, 'attempts'),
        detail: typeof json.detail === 'string' ? json.detail : '',
        wallAt: finite(json, 'wallAt'),
    };
}
function parsed(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        // No cause: the engine's message quotes the text around the fault.
        throw new EntryError(`its header is no JSON (${text.length} characters)`);
    }
}
function objectOf(value, name) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new EntryError(`${name} is no object`);
    return value;
}
function required(json, name) {
    const value = json[name];
    if (typeof value !== 'string' || value === '')
        throw new EntryError(`${name} of the header is missing`);
    return value;
}
function finite(json, name) {
    const value = json[name];
    if (typeof value !== 'number' || !Number.isFinite(value))
        throw new EntryError(`${name} is no number`);
    return value;
}
function oneOf(known, value, name) {
    const found = known.find((each) => each === value);
    if (found === undefined)
        throw new EntryError(`${name} of the header is none of ${known.join(', ')}`);
    return found;
}
