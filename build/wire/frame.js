/** Values of {@link Frame.method}. */
export const METHOD = { control: 0, data: 1 };
/** The value of a header, or undefined. Of repeated ones the last counts, as in the maps that the official SDKs build. */
export function headerOf(frame, key) {
    return frame.headers.findLast((header) => header.key === key)?.value;
}
/** The header `type`, `unknown` if it is absent or none of those we know. */
export function frameTypeOf(frame) {
    const type = headerOf(frame, 'type');
    switch (type) {
        case 'ping':
        case 'pong':
        case 'event':
        case 'card':
            return type;
        default:
            return 'unknown';
    }
}
/**
 * The protocol's ping, laid out as the Node, Python and Java SDKs do.
 * @param service The `service_id` of the socket URL.
 */
export function pingFrame(service) {
    return { seqId: 0n, logId: 0n, service, method: METHOD.control, headers: [{ key: 'type', value: 'ping' }] };
}
/**
 * The platform's answer to a ping.
 * @param clientConfig The pacing as JSON; left out, the pong has no payload, which is legal and changes nothing.
 */
export function pongFrame(ping, clientConfig) {
    return {
        seqId: ping.seqId,
        logId: ping.logId,
        service: ping.service,
        method: METHOD.control,
        headers: [{ key: 'type', value: 'pong' }],
        ...(clientConfig === undefined ? {} : { payload: new TextEncoder().encode(clientConfig) }),
    };
}
