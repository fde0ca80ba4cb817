import { redact } from '../../ports/index.js';
import { LineLimit } from '../line-limit.js';
/** A detail is for people; one that long is a dump. */
const DETAIL_MAX_LENGTH = 500;
/** Writes one app's lines: constant messages with fields, floods bounded. */
export class Lines {
    #logger;
    #onLog;
    #limit;
    constructor(logger, clock, onLog) {
        this.#logger = logger;
        this.#onLog = onLog;
        this.#limit = new LineLimit(clock, (kind, suppressed) => this.write('warn', '[feishu] more of the same', { event: 'suppressed', kind, suppressed }));
    }
    /** @param message Constant text; all that varies is a field. */
    write(level, message, fields) {
        if (!this.#logger.isLevelEnabled(level))
            return;
        const present = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
        this.#logger[level](Object.fromEntries(present), message);
        this.#onLog?.(level);
    }
    /** As {@link write}, for what may come as a flood. @param kind From a closed list. */
    writeLimited(kind, level, message, fields) {
        if (this.#limit.admits(kind))
            this.write(level, message, fields);
    }
    /** Tells of what was suppressed so far, and ends the timers. */
    flush() {
        this.#limit.flush();
    }
}
/** A report's detail as a field: redacted once more, and bounded. */
export function detailOf(detail) {
    return detail === '' ? undefined : redact(detail).slice(0, DETAIL_MAX_LENGTH);
}
/** Seconds with milliseconds, for people. */
export function secondsOf(durationMs) {
    return Math.round(durationMs) / 1_000;
}
