/** Eight hours of two messages a second; an id costs some 150 bytes. */
const MAX_MESSAGES = 60_000;
/**
 * Ids of the latest messages that reached this process, oldest first. Delivery's own memory is longer and outlives the
 * process, but knows a message by its id only where there is a journal.
 */
export class Seen {
    #stages = new Map();
    note(messageId, stage) {
        if (this.#stages.get(messageId) === 'taken')
            return;
        this.#stages.delete(messageId);
        this.#stages.set(messageId, stage);
        if (this.#stages.size <= MAX_MESSAGES)
            return;
        const [oldest] = this.#stages.keys();
        if (oldest !== undefined)
            this.#stages.delete(oldest);
    }
    /** Whether it reached us, whatever became of it since. */
    has(messageId) {
        return this.#stages.has(messageId);
    }
    /** Whether nothing more is to be done for it. */
    isTaken(messageId) {
        return this.#stages.get(messageId) === 'taken';
    }
}
