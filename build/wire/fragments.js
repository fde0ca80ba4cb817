export const FRAGMENT_LIMITS = Object.freeze({
    openCount: 256, // fragments of one message travel together: a handful is open at a time
    sum: 1_024, // far beyond an event of a few MiB in frames under the 1 MiB that a gateway may send
    messageBytes: 16 * 1024 * 1024, // events are tens of KiB; what is larger is a mistake
    openBytes: 64 * 1024 * 1024, // four of the largest
    // The SDKs keep 5 to 20 s and lose a message whose last part is stuck behind one TCP retransmission storm. A minute
    // also spans the first redelivery (15 s), so that a repeat under the same id fills the holes. Memory is bounded anyway.
    quietMs: 60_000,
});
const NONE = Object.freeze([]);
/**
 * Joins the fragments of messages, in whatever order they come. Holds no timer: call {@link expire} at
 * {@link nextExpiryAt}. Only a new fragment prolongs an assembly's life, so a peer that repeats itself keeps nothing alive.
 */
export class Fragments {
    #limits;
    // Quiet for longest first: a touched assembly moves to the end. That order is at once the order of expiry.
    #open = new Map();
    #openBytes = 0;
    /** @throws RangeError for a limit below 1, or a message larger than all of them together. */
    constructor(limits = {}) {
        this.#limits = { ...FRAGMENT_LIMITS, ...limits };
        for (const [name, value] of Object.entries(this.#limits)) {
            if (!(value >= 1))
                throw new RangeError(`${name} must be at least 1, got ${value}`);
        }
        const { messageBytes, openBytes } = this.#limits;
        if (messageBytes > openBytes) {
            throw new RangeError(`messageBytes must be <= openBytes (${openBytes}), got ${messageBytes}`);
        }
    }
    /** Messages begun and not whole. */
    get openCount() {
        return this.#open.size;
    }
    /** Payload held for them. */
    get openBytes() {
        return this.#openBytes;
    }
    /**
     * Takes one fragment. A whole message (`sum` 1) passes straight through, its payload not copied; of others the bytes
     * are copied, so the socket's buffer may be reused. A complete message is forgotten at once: the same id may come again.
     * @param now Monotonic milliseconds.
     */
    add(fragment, now) {
        const fault = this.#faultOf(fragment);
        if (fault !== null)
            return { type: 'rejected', detail: fault, evicted: NONE };
        if (fragment.sum === 1)
            return { type: 'whole', payload: fragment.payload, evicted: NONE };
        const evicted = [...this.expire(now)];
        const assembly = this.#open.get(fragment.messageId);
        if (assembly === undefined)
            return this.#begin(fragment, now, evicted);
        return this.#extend(assembly, fragment, now, evicted);
    }
    /**
     * Gives up what was quiet for too long.
     * @param now Monotonic milliseconds.
     */
    expire(now) {
        const expired = [];
        for (const [messageId, assembly] of this.#open) {
            if (assembly.touchedAt + this.#limits.quietMs > now)
                break;
            expired.push(this.#drop(messageId, assembly));
        }
        return expired;
    }
    /** When {@link expire} has something to give up, in monotonic milliseconds, or null if nothing is open. */
    nextExpiryAt() {
        for (const assembly of this.#open.values())
            return assembly.touchedAt + this.#limits.quietMs;
        return null;
    }
    #begin(fragment, now, evicted) {
        const { messageId, sum, seq, payload } = fragment;
        if (payload.length > this.#limits.messageBytes)
            return { type: 'rejected', detail: this.#tooLarge(fragment), evicted };
        this.#evictFor(messageId, payload.length, this.#limits.openCount - 1, evicted);
        this.#open.set(messageId, { sum, parts: new Map([[seq, copyOf(payload)]]), bytes: payload.length, touchedAt: now });
        this.#openBytes += payload.length;
        return { type: 'partial', arrived: 1, sum, evicted };
    }
    #extend(assembly, fragment, now, evicted) {
        const { messageId, sum, seq, payload } = fragment;
        if (sum !== assembly.sum) {
            const detail = `sum ${sum} contradicts the ${assembly.sum} of earlier fragments of the message`;
            return { type: 'rejected', detail, evicted };
        }
        const known = assembly.parts.get(seq);
        if (known !== undefined) {
            if (isSame(known, payload))
                return { type: 'partial', arrived: assembly.parts.size, sum, evicted };
            return { type: 'rejected', detail: `seq ${seq} came again with other bytes`, evicted };
        }
        if (assembly.bytes + payload.length > this.#limits.messageBytes) {
            // It can never be whole any more: what is held for it is freed at once, and reported.
            evicted.push(this.#drop(messageId, assembly));
            return { type: 'rejected', detail: this.#tooLarge(fragment), evicted };
        }
        if (assembly.parts.size + 1 === sum) {
            this.#drop(messageId, assembly);
            return { type: 'whole', payload: join(assembly, fragment), evicted };
        }
        this.#open.delete(messageId);
        this.#open.set(messageId, assembly);
        this.#evictFor(messageId, payload.length, this.#limits.openCount, evicted);
        assembly.parts.set(seq, copyOf(payload));
        assembly.bytes += payload.length;
        assembly.touchedAt = now;
        this.#openBytes += payload.length;
        return { type: 'partial', arrived: assembly.parts.size, sum, evicted };
    }
    /** Makes room for `bytes` more of one message, whose own assembly, if it has one, is the last in order and stays. */
    #evictFor(messageId, bytes, openCount, evicted) {
        for (const [otherId, other] of this.#open) {
            if (this.#open.size <= openCount && this.#openBytes + bytes <= this.#limits.openBytes)
                return;
            if (otherId !== messageId)
                evicted.push(this.#drop(otherId, other));
        }
    }
    #drop(messageId, assembly) {
        this.#open.delete(messageId);
        this.#openBytes -= assembly.bytes;
        return { messageId, arrived: assembly.parts.size, sum: assembly.sum };
    }
    #faultOf({ messageId, sum, seq }) {
        if (!Number.isInteger(sum))
            return `sum is no integer: ${sum}`;
        if (!Number.isInteger(seq))
            return `seq is no integer: ${seq}`;
        if (sum < 1 || sum > this.#limits.sum)
            return `sum must be in 1..${this.#limits.sum}, got ${sum}`;
        if (seq < 0 || seq >= sum)
            return `seq must be in 0..${sum - 1}, got ${seq}`;
        if (sum > 1 && messageId === '')
            return 'a fragment without message_id belongs to nothing';
        return null;
    }
    #tooLarge({ seq }) {
        return `the message exceeds ${this.#limits.messageBytes} bytes at seq ${seq}`;
    }
}
/** The message: the parts that are held and the one that completes it, in order of `seq`. */
function join(assembly, last) {
    const payload = new Uint8Array(assembly.bytes + last.payload.length);
    let offset = 0;
    for (let seq = 0; seq < assembly.sum; seq++) {
        const part = assembly.parts.get(seq) ?? last.payload;
        payload.set(part, offset);
        offset += part.length;
    }
    return payload;
}
/** A true copy: `slice` of a Buffer would be a view. */
function copyOf(bytes) {
    return new Uint8Array(bytes);
}
function isSame(one, other) {
    return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
