/**
 * What an Outage looks at meanwhile, each at its own pace, to learn that the next Attempt is worth it now.
 * `reach`: whether a connection to a host opens at all, TLS included. Nothing is asked there.
 * `platform`: whether the ticket endpoint answers as itself, asked without credentials and so without any quota: a probe.
 * `secret`: whether the app secret is another one than the one that was rejected.
 */
export const LOOKS = ['reach', 'platform', 'secret'];
/**
 * What would show first that this Failure is over. Null where only an Attempt can: a code for this very app, a gateway
 * that opens connections and serves nobody.
 */
export function lookFor(failure) {
    switch (failure) {
        case 'discovery_timeout':
        case 'discovery_unreachable':
        case 'dial_timeout':
        case 'dial_unreachable':
        case 'dns_failed':
        case 'proxy_failed':
        case 'tls_untrusted':
            return 'reach';
        case 'discovery_http_status':
        case 'discovery_bad_answer':
            return 'platform';
        case 'secret_unavailable':
        case 'credentials_rejected':
            return 'secret';
        default:
            return null;
    }
}
