/** Where handled events go. `handler`: functions in this process; the others leave it. */
export const SINK_KINDS = ['handler', 'stdout', 'webhook', 'jetstream'] as const;
export type SinkKind = (typeof SINK_KINDS)[number];

/** Why an event did not get through. The list is closed: it labels metrics. */
export const SEND_FAILURES = {
  unreachable:
    'No connection: the name, the route, the port, the proxy or TLS. Look at the other side and the way there.',
  timeout: 'No answer in time. The other side is slow, or something between swallows packets.',
  busy: 'The other side asked for patience: 408, 425, 429, 503, or a stream that is short of room. It mends itself.',
  failing: 'The other side failed at its own work: any other 5xx, or a broker without a leader.',
  misconfigured:
    'An answer that no repeat will change: wrong credentials, path or stream, or a redirect. Mend the configuration, here or there; the events wait meanwhile.',
  rejected:
    'The other side does not want this very event: 400, 413, 415, 422 and their like. It counts towards the dead letters.',
  bad_answer: 'The answer cannot be what was asked for, such as a callback whose answer is no JSON.',
  closed: 'The sink was stopped, or what it writes to is gone for good.',
  aborted: 'The delivery gave up waiting: its deadline passed, or the connector stopped.',
  thrown: 'A handler threw or rejected.',
} as const satisfies Record<string, string>;
export type SendFailure = keyof typeof SEND_FAILURES;

/**
 * What a failed send asks the pipeline for. `later`: as often as it takes. `counted`: again, up to the limit of attempts.
 * `never`: a dead letter at once.
 */
export const SEND_REMEDIES = ['later', 'counted', 'never'] as const;
export type SendRemedy = (typeof SEND_REMEDIES)[number];

/** Everything a sink tells the outside. `detail` is for people: one line, without an event's content and without secrets. */
export type SinkReport =
  /** The other side has the event. `isDuplicate`: it says that it had it before. */
  | {
      readonly type: 'sent';
      readonly sink: SinkKind;
      readonly eventType: string;
      readonly eventId: string;
      readonly attempt: number;
      readonly durationMs: number;
      readonly isDuplicate: boolean;
    }
  /** One try of one event failed. `afterMs`: the earliest next one that the other side asked for. */
  | {
      readonly type: 'send_failed';
      readonly sink: SinkKind;
      readonly eventType: string;
      readonly eventId: string;
      readonly attempt: number;
      readonly durationMs: number;
      readonly failure: SendFailure;
      readonly remedy: SendRemedy;
      readonly afterMs: number | null;
      readonly detail: string;
    }
  /** It works, and did not before, or nobody knew. `downForMs` is null if it had not been down. */
  | {
      readonly type: 'sink_up';
      readonly sink: SinkKind;
      readonly downForMs: number | null;
      readonly detail: string;
    }
  /** It does not work. One report for the whole time that it does not. */
  | { readonly type: 'sink_down'; readonly sink: SinkKind; readonly failure: SendFailure; readonly detail: string }
  /** A try to get back in touch failed, for sinks that hold a connection. */
  | {
      readonly type: 'connect_failed';
      readonly sink: SinkKind;
      readonly failure: SendFailure;
      readonly attempt: number;
      readonly retryInMs: number;
      readonly detail: string;
    }
  /** Sends under way, whenever that changes. */
  | { readonly type: 'in_flight'; readonly sink: SinkKind; readonly count: number; readonly capacity: number };
