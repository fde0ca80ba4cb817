const REDACTED = '[redacted]';
const SECRET_HEADERS = new Set([
    'authorization',
    'proxy-authorization',
    'x-lark-helpdesk-authorization',
    'cookie',
]);
// Paths whose bodies are credentials: tokens of every kind, codes for them, and endpoint discovery.
const SECRET_PATHS = /\/(?:auth|authen|oauth)\/|\/callback\/ws\/endpoint/;
// An error may wrap an error, which may wrap an error; a cycle of them ends here.
const DEEPEST_CAUSE = 5;
/**
 * Strikes the bearer token, other credentials and the bodies of credential requests out of an axios error, in place,
 * so that whoever logs or serialises it, and in whatever depth, gives nothing away. The sockets and agents that hang on
 * it go too: they hold the raw request. What stays is what tells the cause: message, code, status, answer, method, URL.
 */
export function redactHttpError(error, depth = 0) {
    if (!isRecord(error) || depth > DEEPEST_CAUSE)
        return;
    redactConfig(error.config);
    redactRequest(error);
    if (isRecord(error.response)) {
        redactConfig(error.response.config);
        redactRequest(error.response);
    }
    redactHttpError(error.cause, depth + 1);
}
function redactConfig(config) {
    if (!isRecord(config))
        return;
    if (isRecord(config.headers)) {
        for (const name of Object.keys(config.headers)) {
            if (SECRET_HEADERS.has(name.toLowerCase()))
                config.headers[name] = REDACTED;
        }
    }
    if (typeof config.url === 'string' && SECRET_PATHS.test(config.url) && config.data !== undefined) {
        config.data = REDACTED;
    }
    if (config.auth !== undefined)
        config.auth = REDACTED;
    if (isRecord(config.proxy))
        config.proxy = REDACTED;
    delete config.httpAgent;
    delete config.httpsAgent;
}
/** Leaves of a ClientRequest what people ask for; its header text holds the token. */
function redactRequest(owner) {
    if (!isRecord(owner.request))
        return;
    const { protocol, host, path, method } = owner.request;
    owner.request = { protocol, host, path, method };
}
function isRecord(value) {
    return typeof value === 'object' && value !== null;
}
