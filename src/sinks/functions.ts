import { type Dispatcher, NO_HANDLER } from '../delivery/index.js';
import type { Clock } from '../ports/index.js';
import { OutletSink } from './outlet.js';
import { SendError } from './send-error.js';
import type { Sink } from './sink.js';
import { SinkClosedError } from './stdout.js';

/**
 * The sink around functions of this process: handlers, or the line writer of standard output. It adds reports and a
 * health, and changes nothing about what they do.
 */
export function createFunctionSink<Client>(
  kind: 'handler' | 'stdout',
  dispatcher: Dispatcher<Client>,
  clock: Clock,
): Sink<Client> {
  return new OutletSink(
    {
      kind,
      maxInFlight: null,
      endsWhenAborted: false,
      answersEvents: dispatcher.answersEvents,
      get eventTypes() {
        return dispatcher.eventTypes;
      },
      handles: (eventType) => dispatcher.handles(eventType),
      start: (signs) => signs.works('it runs in this process'),
      stop: async () => {},
      async send(event, context) {
        try {
          const answer = await dispatcher.dispatch(event, context);
          return answer === NO_HANDLER ? null : { answer, isDuplicate: false, evidence: 'an event was taken' };
        } catch (thrown) {
          return sorted(thrown);
        }
      },
    },
    clock,
  );
}

/** A reader that is gone is no fault of the event: a next process has one, and must find the event unspent. */
function sorted(thrown: unknown): never {
  if (thrown instanceof SinkClosedError) throw new SendError('closed', 'later', thrown.message, { cause: thrown });
  throw thrown;
}
