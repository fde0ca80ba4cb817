/** An opening that failed, sorted where it failed: only there is it known whether it was the proxy. Has no cause. */
export class TransportError extends Error {
    name = 'TransportError';
    kind;
    constructor(kind, message) {
        super(message);
        this.kind = kind;
    }
}
const BY_CODE = {
    ENOTFOUND: 'dns',
    EAI_AGAIN: 'dns',
    EAI_NODATA: 'dns',
    EAI_NONAME: 'dns',
    ECONNREFUSED: 'refused',
    ECONNRESET: 'reset',
    ECONNABORTED: 'reset',
    EPIPE: 'reset',
    UND_ERR_SOCKET: 'reset',
    ENETUNREACH: 'unreachable',
    EHOSTUNREACH: 'unreachable',
    ENETDOWN: 'unreachable',
    EADDRNOTAVAIL: 'unreachable',
    ETIMEDOUT: 'timeout',
    UND_ERR_CONNECT_TIMEOUT: 'timeout',
    UND_ERR_HEADERS_TIMEOUT: 'timeout',
    UND_ERR_BODY_TIMEOUT: 'timeout',
    UND_ERR_ABORTED: 'aborted',
    CERT_HAS_EXPIRED: 'tls',
    CERT_NOT_YET_VALID: 'tls',
    CERT_REVOKED: 'tls',
    CERT_UNTRUSTED: 'tls',
    CERT_SIGNATURE_FAILURE: 'tls',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
    SELF_SIGNED_CERT_IN_CHAIN: 'tls',
    UNABLE_TO_GET_ISSUER_CERT: 'tls',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
    ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
    EPROTO: 'protocol',
};
const BY_PREFIX = [
    ['HPE_', 'protocol'],
    ['ERR_SSL_', 'protocol'],
    ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'too_large'],
    ['WS_ERR_', 'protocol'],
];
/**
 * Sorts an error of Node, of its fetch or of ws into the one closed list. Looks at the error, its causes, and the parts of an
 * AggregateError (what Node throws when both address families failed).
 */
export function networkErrorOf(error) {
    for (const part of causesOf(error)) {
        if (part instanceof TransportError)
            return part.kind;
        const { code, name } = part;
        if (typeof code === 'string') {
            const known = BY_CODE[code] ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1];
            if (known)
                return known;
        }
        if (name === 'TimeoutError')
            return 'timeout';
        if (name === 'AbortError')
            return 'aborted';
        // Node's fetch, which a foreign `httpInstance` may run on, has a code for some of these and none for others.
        if (name === 'HTTPParserError')
            return 'protocol';
    }
    return 'unknown';
}
/** A short text for people: the first cause that has a message, without addresses' query strings or bodies. */
export function networkMessageOf(error) {
    for (const part of causesOf(error)) {
        const { message, code } = part;
        if (typeof message === 'string' && message !== '')
            return typeof code === 'string' && !message.includes(code) ? `${code}: ${message}` : message;
        if (typeof code === 'string')
            return code;
    }
    return 'no message';
}
/** The innermost reasons first: wrappers such as `fetch failed` say the least. */
function causesOf(error) {
    const found = [];
    const visit = (value, depth) => {
        if (typeof value !== 'object' || value === null || depth > 5)
            return;
        const { cause, errors } = value;
        visit(cause, depth + 1);
        if (Array.isArray(errors))
            for (const inner of errors.slice(0, 8))
                visit(inner, depth + 1);
        found.push(value);
    };
    visit(error, 0);
    return found;
}
