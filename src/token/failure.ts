import type { Verdict } from '../ports/index.js';

/** Every way a token refresh fails. The key is log field and metric label. */
export const TOKEN_FAILURES = {
  secret_unavailable: {
    verdict: 'operator',
    help: 'The app secret could not be read from its file or function, or no assertion was signed. Fix that source; it is asked again at every refresh.',
  },
  token_timeout: {
    verdict: 'retry',
    help: 'The token endpoint did not answer within the deadline. Ask that host with curl -v from this machine: if that hangs too it is the network, a proxy, or an outage of the platform.',
  },
  token_unreachable: {
    verdict: 'retry',
    help: 'No connection to the token endpoint, or it broke before the answer was whole. Check the network of this machine, its firewall, and the option `proxy`: curl -v to that host must get an answer.',
  },
  token_http_status: {
    verdict: 'retry',
    help: 'The token endpoint answered with an HTTP status of 500 or more, or one without a code in its body. With 5xx the platform has an outage: wait. With any other a proxy or a firewall may answer in its place.',
  },
  token_bad_answer: {
    verdict: 'retry',
    help: 'The token endpoint answered something that holds no token. A captive portal, a proxy or a maintenance page may answer in its place: open that address from this machine, and check `domain`.',
  },
  token_rate_limited: {
    verdict: 'retry',
    help: 'The platform limits our rate (code 99991400 or HTTP 429). It is asked again later by itself. If it stays, find what else asks for tokens of this app: a token lives for two hours and is to be kept.',
  },
  token_code_unknown: {
    verdict: 'retry',
    help: 'The platform refused a token with a code that is not documented; the log line has it. Ask its support what the code means, with the app id and the time.',
  },
  token_credentials_rejected: {
    verdict: 'operator',
    help: 'The platform rejects the app id or secret (codes 10003, 10014, 10015). Check both in the developer console.',
  },
} as const satisfies Record<string, { verdict: Verdict; help: string }>;

export type TokenFailureCode = keyof typeof TOKEN_FAILURES;
