import { FAILURES, type FailureCode } from './connection/failure.js';
import { redact, type Verdict } from './ports/index.js';
import { TOKEN_FAILURES, type TokenFailureCode } from './token/failure.js';

/** What the public surface throws. Match on `code`. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  /** A Failure of the closed tables, or one of `not_ready`, `stopped`, `bad_option`, `journal_unusable`. */
  readonly code: ConnectorErrorCode;
  /** Whether it mends itself (`retry`) or needs a human (`operator`). */
  readonly verdict: Verdict;

  constructor(code: ConnectorErrorCode, message: string, options: { verdict?: Verdict; cause?: unknown } = {}) {
    // It may repeat what was given, and a secret may have been given in the wrong place.
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.verdict = options.verdict ?? verdictOfCode(code);
  }
}

/** A Failure of the connection or of the token, or what is wrong with how the connector is used. */
export type ConnectorErrorCode =
  | FailureCode
  | TokenFailureCode
  | 'not_ready'
  | 'stopped'
  | 'bad_option'
  | 'journal_unusable';

function verdictOfCode(code: ConnectorErrorCode): Verdict {
  if (code in FAILURES) return FAILURES[code as FailureCode].verdict;
  if (code in TOKEN_FAILURES) return TOKEN_FAILURES[code as TokenFailureCode].verdict;
  return code === 'bad_option' || code === 'journal_unusable' ? 'operator' : 'retry';
}
