import type { Verdict } from '../ports/index.js';
import type { TokenFailureCode } from './failure.js';

/** The latest refresh failure. `detail` is for people and free of secrets. */
export interface LastFailure {
  readonly code: TokenFailureCode;
  readonly verdict: Verdict;
  readonly detail: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Why there is no token for a caller. */
export const TOKEN_ERRORS = {
  token_unavailable: 'There is no valid token, and none came while the caller waited. `cause` is the latest failure.',
  token_stopped: 'Nobody refreshes tokens: not started yet, or stopped.',
  token_overloaded: 'Too many callers wait for a token already.',
} as const;

export type TokenErrorCode = keyof typeof TOKEN_ERRORS;

/** Why a caller got no token. Match `code`; `verdict` says whether waiting helps or a human is needed. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: TokenErrorCode;
  readonly verdict: Verdict;
  /** The latest refresh failure, null if there was none. */
  declare readonly cause: LastFailure | null;

  constructor(code: TokenErrorCode, message: string, lastFailure: LastFailure | null) {
    super(message, { cause: lastFailure });
    this.code = code;
    this.verdict = lastFailure?.verdict ?? 'retry';
  }
}
