import { answerOf } from './acks.js';
import { NO_HANDLER } from './dispatcher.js';
import { kindOf } from './kind.js';
import { deadlineOf } from './policy.js';
import { startRun } from './run.js';
/** Runs events through the dispatcher, each under its deadline and in its trace. */
export class EventRunner {
    #parts;
    constructor(parts) {
        this.#parts = parts;
    }
    handles(eventType) {
        return this.#parts.dispatcher.handles(eventType);
    }
    start({ event, attempt, connectionAttempt, payloadBytes, traceparent, ended, settledLate }) {
        const { clock, dispatcher, contextOf, trace, policy } = this.#parts;
        const { id, type, source, ageMs } = event;
        const kind = kindOf(type);
        const traced = { id, type, source, ageMs, attempt: connectionAttempt, payloadBytes, traceparent };
        return startRun({
            clock,
            deadlineMs: deadlineOf(kind, policy),
            trace: (handle) => trace(traced, handle),
            handle: async (signal) => {
                const result = await dispatcher.dispatch(event, contextOf(event, { signal, attempt }));
                if (result === NO_HANDLER)
                    return NO_HANDLER;
                // Made here, within the run: an answer that JSON cannot hold is the handler's failure.
                return kind === 'callback' || dispatcher.answersEvents ? answerOf(result) : null;
            },
            ended,
            settledLate,
        });
    }
}
