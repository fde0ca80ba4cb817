import type { FailureCode } from './failure.js';

/**
 * What a long wait looks at meanwhile, cheaply and at its own pace, to learn that the rest of it is not worth it.
 * `platform`: whether the ticket endpoint answers at all, asked without credentials and so without any quota.
 * `secret`: whether the app secret is another one than the one that was rejected.
 */
export const LOOKS = ['platform', 'secret'] as const;
export type Look = (typeof LOOKS)[number];

/** Looks at one thing; true if there is something new. Never rejects, and settles within its limit. */
export type LookAt = (
  look: Look,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
) => Promise<boolean>;

/**
 * What would show that this Failure is over. Null where only an Attempt can: a code for this very app, a gateway that is
 * another host than the one that can be asked.
 */
export function lookFor(failure: FailureCode): Look | null {
  switch (failure) {
    case 'discovery_timeout':
    case 'discovery_unreachable':
    case 'discovery_http_status':
    case 'discovery_bad_answer':
    case 'dns_failed':
    case 'proxy_failed':
      return 'platform';
    case 'secret_unavailable':
    case 'credentials_rejected':
      return 'secret';
    default:
      return null;
  }
}
