import { encodeFrame, METHOD } from '../wire/index.js';
/** A pong as the platform sends it; null: without payload. */
export function pongBytes(service, payload) {
    const frame = {
        seqId: 0n,
        logId: 0n,
        service,
        method: METHOD.control,
        headers: [{ key: 'type', value: 'pong' }],
    };
    return encodeFrame(payload === null ? frame : { ...frame, payload: new TextEncoder().encode(payload) });
}
/** Python and Java drop a data frame that lacks any of the first five headers. */
export function dataBytes(frame) {
    return encodeFrame({
        seqId: frame.seqId,
        logId: frame.logId,
        service: frame.service,
        method: frame.method ?? METHOD.data,
        headers: [
            { key: 'type', value: frame.type },
            { key: 'message_id', value: frame.messageId },
            { key: 'sum', value: String(frame.sum ?? 1) },
            { key: 'seq', value: String(frame.seq ?? 0) },
            { key: 'trace_id', value: frame.traceId },
            { key: 'timestamp', value: String(frame.timestamp) },
        ],
        payload: frame.payload,
    });
}
/** Starts with a tag of field 15, wire type 7: no protobuf decoder accepts it. */
export const GARBAGE_BYTES = Uint8Array.from([0x7f, 0xff, 0xfe, 0xfd, 0xfc, 0x00, 0x01, 0x02]);
/** The payload in `parts` slices of nearly equal size, cut without regard for characters. */
export function slices(payload, parts) {
    const cut = (index) => Math.floor((payload.length * index) / parts);
    return Array.from({ length: parts }, (_, index) => payload.subarray(cut(index), cut(index + 1)));
}
