import { networkErrorOf, networkMessageOf, TransportError } from './network-error.js';
const TRUST_IT = 'if that is a TLS-inspecting proxy or a private authority, name its certificate in caFile or NODE_EXTRA_CA_CERTS';
/** What OpenSSL found wrong with the peer's certificate, and what to do about it. */
const BY_CODE = {
    DEPTH_ZERO_SELF_SIGNED_CERT: `is self-signed; ${TRUST_IT}`,
    SELF_SIGNED_CERT_IN_CHAIN: `is signed by an authority that is not trusted here; ${TRUST_IT}`,
    UNABLE_TO_GET_ISSUER_CERT: `is signed by an authority that is not known here; ${TRUST_IT}`,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `is signed by an authority that is not known here; ${TRUST_IT}`,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: `is signed by an authority that is not known here; ${TRUST_IT}`,
    CERT_UNTRUSTED: `is not trusted here; ${TRUST_IT}`,
    CERT_SIGNATURE_FAILURE: 'has a signature that is wrong; something in between may have forged it',
    CERT_HAS_EXPIRED: "has expired; it must be renewed, or this machine's clock is wrong",
    CERT_NOT_YET_VALID: "is not valid yet; this machine's clock may be wrong",
    CERT_REVOKED: 'is revoked',
};
// The versions or ciphers of the two sides have nothing in common. A peer that speaks no TLS at all is no such case.
const MISMATCH = /ALERT_PROTOCOL_VERSION|HANDSHAKE_FAILURE|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|NO_SHARED_CIPHER/;
/** What a TLS handshake failed of, in words; `peer` is `host:port`, perhaps with the proxy that leads there. */
export function tlsFailureOf(error, peer) {
    const code = 'code' in error ? String(error.code) : '';
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
        const advice = 'something in between answers in its place, or the domain is wrong';
        return new TransportError('tls', `the certificate of ${peer} is for another host; ${advice} (${code})`);
    }
    const finding = BY_CODE[code];
    if (finding !== undefined)
        return new TransportError('tls', `the certificate of ${peer} ${finding} (${code})`);
    const said = `${code} ${error.message}`.toUpperCase().replace(/ /g, '_');
    if (MISMATCH.test(said)) {
        return new TransportError('tls', `${peer} and we have no TLS version or cipher in common (${code})`);
    }
    if (said.includes('WRONG_VERSION_NUMBER')) {
        return new TransportError('protocol', `${peer} does not speak TLS; a captive portal may be in between (${code})`);
    }
    if (networkErrorOf(error) === 'reset') {
        return new TransportError('reset', `${peer} broke the TLS handshake off (${code})`);
    }
    return new TransportError(networkErrorOf(error), `the TLS handshake with ${peer} failed: ${networkMessageOf(error)}`);
}
