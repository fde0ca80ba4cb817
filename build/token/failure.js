/** Every way a token refresh fails. The key is log field and metric label. */
export const TOKEN_FAILURES = {
    secret_unavailable: {
        verdict: 'operator',
        help: 'The app secret could not be read from its file or function, or no assertion was signed. Fix that source; it is asked again at every refresh.',
    },
    token_timeout: { verdict: 'retry', help: 'The token endpoint did not answer within the deadline.' },
    token_unreachable: {
        verdict: 'retry',
        help: 'No connection to the token endpoint, or it broke before the answer was whole.',
    },
    token_http_status: {
        verdict: 'retry',
        help: 'The token endpoint answered with an HTTP status of 500 or more, or one without a code in its body.',
    },
    token_bad_answer: { verdict: 'retry', help: 'The token endpoint answered something that holds no token.' },
    token_rate_limited: { verdict: 'retry', help: 'The platform limits our rate (code 99991400 or HTTP 429).' },
    token_code_unknown: {
        verdict: 'retry',
        help: 'The platform refused a token with a code that is not documented; the log line has it.',
    },
    token_credentials_rejected: {
        verdict: 'operator',
        help: 'The platform rejects the app id or secret (codes 10003, 10014, 10015). Check both in the developer console.',
    },
};
