import { redact } from '../ports/index.js';
import { excerptOf } from '../wire/index.js';
/** The platform's codes that mean something to us, in discovery answers and in `Handshake-Status`/`-Autherrcode`. */
const CODE_FAILURES = {
    1: 'platform_busy',
    1000040343: 'platform_busy',
    403: 'app_forbidden',
    514: 'credentials_rejected',
    10003: 'credentials_rejected',
    10014: 'credentials_rejected',
    10015: 'credentials_rejected',
    1000040344: 'credentials_rejected',
    1000040345: 'credentials_rejected',
    1000040350: 'connection_limit',
    1000040351: 'wrong_domain',
};
/** A non-zero `code` of a discovery answer. No code ends the retrying; it only chooses the lane. */
export function failureOfCode(code, message) {
    const told = message === '' ? `code ${code}` : `code ${code}: ${bounded(message)}`;
    return { code: CODE_FAILURES[code] ?? 'ticket_code_unknown', detail: told };
}
const DISCOVERY_FAILURES = {
    timeout: 'discovery_timeout',
    aborted: 'discovery_unreachable',
    dns: 'dns_failed',
    refused: 'discovery_unreachable',
    reset: 'discovery_unreachable',
    unreachable: 'discovery_unreachable',
    tls: 'tls_untrusted',
    proxy: 'proxy_failed',
    too_large: 'discovery_bad_answer',
    protocol: 'discovery_bad_answer',
    unknown: 'discovery_unreachable',
};
const DIAL_FAILURES = {
    timeout: 'dial_timeout',
    aborted: 'dial_unreachable',
    dns: 'dns_failed',
    refused: 'dial_unreachable',
    reset: 'dial_unreachable',
    unreachable: 'dial_unreachable',
    tls: 'tls_untrusted',
    proxy: 'proxy_failed',
    too_large: 'dial_bad_answer',
    protocol: 'dial_bad_answer',
    unknown: 'dial_unreachable',
};
/** Why discovery got no answer. */
export function failureOfDiscovery(error, message) {
    return { code: DISCOVERY_FAILURES[error], detail: bounded(message) };
}
/** Why a socket ended, before or after its 101. */
export function failureOfSocketEnd(end, wasOpen) {
    switch (end.how) {
        case 'refused':
            return failureOfRefusal(end.status, end.headers);
        case 'closed':
            return {
                code: 'closed_by_peer',
                detail: end.reason === '' ? `code ${end.code}` : `code ${end.code}: ${excerptOf(end.reason, DETAIL_LENGTH)}`,
            };
        case 'failed': {
            const detail = bounded(end.message);
            if (!wasOpen)
                return { code: DIAL_FAILURES[end.error], detail };
            return {
                code: end.error === 'protocol' || end.error === 'too_large' ? 'protocol_error' : 'connection_reset',
                detail,
            };
        }
    }
}
/** The close code a peer sent, for lifetimes and diagnosis; null if there was no close frame. */
export function closeCodeOf(end) {
    return end.how === 'closed' ? end.code : null;
}
/** A handshake that was not answered with 101: the reason stands in three headers (docs/protocol.md, section 2.2). */
function failureOfRefusal(status, headers) {
    const handshakeStatus = codeOf(headers['handshake-status']);
    const authCode = codeOf(headers['handshake-autherrcode']);
    const message = excerptOf(headers['handshake-msg'] ?? '', DETAIL_LENGTH);
    const said = [
        `HTTP ${status}`,
        handshakeStatus === null ? '' : `Handshake-Status ${handshakeStatus}`,
        authCode === null ? '' : `Handshake-Autherrcode ${authCode}`,
        message,
    ];
    const detail = said.filter((part) => part !== '').join(', ');
    if (authCode === 1000040350)
        return { code: 'connection_limit', detail };
    if (handshakeStatus === 403)
        return { code: 'app_forbidden', detail };
    // 514 without that code is a ticket that was not accepted: the next attempt brings a fresh one, so it mends itself.
    return { code: 'dial_refused', detail };
}
function codeOf(header) {
    return header !== undefined && /^\d{1,10}$/.test(header) ? Number(header) : null;
}
/** Characters of a foreign text that are kept. */
const DETAIL_LENGTH = 200;
/**
 * What the network says, fit for a log line: one line, printable, and not too long. The peer's own words, which may
 * repeat the URL that was dialled, go through `excerptOf` instead.
 */
function bounded(text) {
    return redact(text.replace(/[^\P{C}]+/gu, ' ')).slice(0, DETAIL_LENGTH);
}
