import { NO_HANDLER } from '../delivery/index.js';
import { OutletSink } from './outlet.js';
import { SendError } from './send-error.js';
import { SinkClosedError } from './stdout.js';
/**
 * The sink around functions of this process: handlers, or the line writer of standard output. It adds reports and a
 * health, and changes nothing about what they do.
 */
export function createFunctionSink(kind, dispatcher, clock) {
    return new OutletSink({
        kind,
        maxInFlight: null,
        answersEvents: dispatcher.answersEvents,
        get eventTypes() {
            return dispatcher.eventTypes;
        },
        handles: (eventType) => dispatcher.handles(eventType),
        start: (signs) => signs.works('it runs in this process'),
        stop: async () => { },
        async send(event, context) {
            const answer = await dispatcher.dispatch(event, context).catch(sorted);
            return answer === NO_HANDLER ? null : { answer, isDuplicate: false, evidence: 'an event was taken' };
        },
    }, clock);
}
/** A reader that is gone is no fault of the event: a next process has one, and must find the event unspent. */
function sorted(thrown) {
    if (thrown instanceof SinkClosedError)
        throw new SendError('closed', 'later', thrown.message, { cause: thrown });
    throw thrown;
}
