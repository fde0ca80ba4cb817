/** Every way a REST call of this room comes to nothing. The key is log field and metric label. */
export const CALL_FAILURES = {
    scope_missing: {
        verdict: 'operator',
        help: 'The app lacks a permission (codes 99991672, 99991679, 230027). Add the scope that the detail names in the developer console, and publish a version.',
    },
    not_a_member: {
        verdict: 'operator',
        help: 'The bot is not in this chat (code 230002), or its bot ability is switched off (230006).',
    },
    rate_limited: { verdict: 'retry', help: 'The platform limits our rate (code 99991400 or HTTP 429).' },
    quota_exhausted: {
        verdict: 'operator',
        help: 'The app has used up its monthly quota of API calls (code 99991403). It starts anew with the month, or with a larger plan.',
    },
    budget_spared: {
        verdict: 'retry',
        help: 'Our own call budget kept the call back, so that the app keeps its quota for what it has to send.',
    },
    token_unavailable: { verdict: 'retry', help: 'There was no tenant token, or the platform called it invalid.' },
    unreachable: { verdict: 'retry', help: 'No answer: the network failed, or the deadline passed.' },
    http_status: { verdict: 'retry', help: 'The platform answered with an HTTP error and without a code.' },
    bad_answer: { verdict: 'retry', help: 'The platform answered something that is not what was asked for.' },
    api_code: { verdict: 'retry', help: 'The platform refused the call with another code; the detail has it.' },
    aborted: { verdict: 'retry', help: 'We stopped while the call was under way.' },
};
