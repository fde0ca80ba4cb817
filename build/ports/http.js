/** What kept an answer from arriving. One closed list for every network step, HTTP and socket alike. */
export const NETWORK_ERRORS = [
    'timeout', // the deadline passed
    'aborted', // our own signal ended it
    'dns', // the name did not resolve: ENOTFOUND, EAI_AGAIN
    'refused', // nobody listens: ECONNREFUSED
    'reset', // the peer or something between tore it down: ECONNRESET, EPIPE, socket hang up
    'unreachable', // no route: ENETUNREACH, EHOSTUNREACH
    'tls', // the certificate is not trusted, expired, or for another host
    'proxy', // a proxy refused the tunnel or died
    'too_large', // more bytes than allowed
    'protocol', // the peer does not speak HTTP or WebSocket
    'unknown', // anything else; the message says what
];
/** Why there is no {@link HttpResponse}. Its message never holds a request body or a query. */
export class HttpError extends Error {
    name = 'HttpError';
    kind;
    constructor(kind, message, options) {
        super(message, options);
        this.kind = kind;
    }
}
