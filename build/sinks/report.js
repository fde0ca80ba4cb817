/** Where handled events go. `handler`: functions in this process; the others leave it. */
export const SINK_KINDS = ['handler', 'stdout', 'webhook', 'jetstream'];
/** Why an event did not get through. The list is closed: it labels metrics. */
export const SEND_FAILURES = {
    unreachable: 'No connection: the name, the route, the port, the proxy or TLS. Look at the other side and the way there.',
    timeout: 'No answer in time. The other side is slow, or something between swallows packets.',
    busy: 'The other side asked for patience: 408, 425, 429, 503, or a stream that is short of room. It mends itself.',
    failing: 'The other side failed at its own work: any other 5xx, or a broker without a leader.',
    misconfigured: 'An answer that no repeat will change: wrong credentials, path or stream, or a redirect. Mend the configuration, here or there; the events wait meanwhile.',
    rejected: 'The other side does not want this very event: 400, 413, 415, 422 and their like. It counts towards the dead letters.',
    bad_answer: 'The answer cannot be what was asked for, such as a callback whose answer is no JSON.',
    closed: 'The sink was stopped, or what it writes to is gone for good.',
    aborted: 'The delivery gave up waiting: its deadline passed, or the connector stopped.',
    thrown: 'A handler threw or rejected.',
};
/**
 * What a failed send asks the pipeline for. `later`: as often as it takes. `counted`: again, up to the limit of attempts.
 * `never`: a dead letter at once.
 */
export const SEND_REMEDIES = ['later', 'counted', 'never'];
