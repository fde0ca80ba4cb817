import { dataBytes, slices } from './server-frames.js';
/** Python refuses messages of more than 1 MiB: above this an event is split even without a fault. */
const MAX_PAYLOAD_BYTES = 512 * 1024;
/** Java loses fragments that come back to back (docs/protocol.md, 4.2). */
const FRAGMENT_PAUSE_MS = 50;
/** The frames of one delivery: one, or several fragments. */
export function eventFrames(world, connection, messageId, envelope, nextCount) {
    const subject = { appId: connection.appId, connection };
    const payload = new TextEncoder().encode(JSON.stringify(envelope));
    const fragmented = world.faults.strike('fragment_events', subject);
    const isLargeId = world.faults.strike('large_ids', subject) !== null;
    const parts = slices(payload, fragmented?.parts ?? Math.ceil(payload.length / MAX_PAYLOAD_BYTES));
    const traceId = world.ids.hex(32);
    const frames = parts.map((part, seq) => {
        const count = nextCount();
        return dataBytes({
            type: 'event',
            messageId,
            traceId,
            timestamp: world.time.wallNow(),
            // 2^53 + 1 and upwards, 2^64 - 1 and downwards: the Node SDK's doubles lose both.
            seqId: isLargeId ? 2n ** 53n + 2n * count - 1n : count,
            logId: isLargeId ? 2n ** 64n - count : 7000n + count,
            service: connection.service,
            payload: part,
            sum: parts.length,
            seq,
        });
    });
    const pauseMs = fragmented?.pauseMs ?? FRAGMENT_PAUSE_MS;
    return order(frames.length, fragmented, world).flatMap((seq, place) => {
        const bytes = frames[seq];
        return bytes ? [{ afterMs: place * pauseMs, bytes }] : [];
    });
}
/** Which fragment goes when. */
function order(sum, fragmented, world) {
    const seqs = Array.from({ length: sum }, (_, seq) => seq);
    if (!fragmented)
        return seqs;
    if (fragmented.order === 'reversed')
        seqs.reverse();
    if (fragmented.order === 'random')
        shuffle(seqs, world);
    return seqs
        .filter((seq) => seq !== fragmented.missingSeq)
        .flatMap((seq) => (seq === fragmented.duplicateSeq ? [seq, seq] : [seq]));
}
/** Fisher and Yates. */
function shuffle(seqs, world) {
    for (let last = seqs.length - 1; last > 0; last--) {
        const other = Math.floor(world.random() * (last + 1));
        const taken = seqs[last];
        const given = seqs[other];
        if (taken === undefined || given === undefined)
            continue;
        seqs[last] = given;
        seqs[other] = taken;
    }
}
