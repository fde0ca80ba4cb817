import { Recent } from './recent.js';
export const DEDUPLICATION_DEFAULTS = Object.freeze({
    // Eight hours of three and a half events a second. An id costs some 300 bytes, so this is 30 MB when full, and as much
    // again for the content of messages.
    maxCount: 100_000,
    // The platform pushes an event again after 15 s, 5 min, 1 h and 6 h: 7 h 05 m 15 s after the first push, plus up to
    // 3 s of waiting for the ack at each of the five. Whatever is shorter lets the last repeat through as news
    // (2 h and 5 min were tried in the field, F13); the rest of the 8 h is slack for queues on the platform's side.
    maxAgeMs: 8 * 60 * 60 * 1_000,
});
/**
 * A callback is not pushed again, but a copy of it may follow at once, over a second connection say. Its answer is
 * kept for that short while only, and only a small one: 1,000 of 4 KiB at most.
 */
const ANSWER_LIMITS = { maxCount: 1_000, maxAgeMs: 60_000 };
const ANSWER_MAX_LENGTH = 4_096;
/**
 * Recognises events by their own id, and messages by theirs: catch-up finds a message in history, where it has no event
 * id. In memory: a restart forgets. One per app, since apps share message ids but not
 * events. The frame's `message_id` is no key: the platform may push an event again under a new one.
 */
export class Deduplication {
    #handled;
    #contents;
    #attempts;
    #answers = new Recent(ANSWER_LIMITS);
    constructor(limits = DEDUPLICATION_DEFAULTS) {
        this.#handled = new Recent(limits);
        this.#contents = new Recent(limits);
        this.#attempts = new Recent(limits);
    }
    /** Events known, handled and failed. */
    get size() {
        return this.#handled.size + this.#attempts.size;
    }
    recall(id, now) {
        if (this.#handled.get(id, now))
            return { outcome: 'handled', answer: this.#answers.get(id, now) ?? null };
        const attempts = this.#attempts.get(id, now);
        return attempts === undefined ? null : { outcome: 'failed', attempts };
    }
    /** Whether an event with one of these content keys was handled. */
    knowsContent(keys, now) {
        return keys.some((key) => this.#contents.get(key, now) === true);
    }
    /** From now on the event is a duplicate, and so is every other with one of these content keys. */
    handled(id, answer, now, contentKeys = []) {
        this.#handled.set(id, true, now);
        for (const key of contentKeys)
            this.#contents.set(key, true, now);
        this.#attempts.delete(id);
        if (answer !== null && answer.length <= ANSWER_MAX_LENGTH)
            this.#answers.set(id, answer, now);
    }
    /** The event is to run again. Once handled is handled for good: a failure after that changes nothing. */
    failed(id, attempts, now) {
        if (this.#handled.get(id, now) === undefined)
            this.#attempts.set(id, attempts, now);
    }
}
