import { FAILURES } from './connection/failure.js';
import { TOKEN_FAILURES } from './token/failure.js';
/** What the public surface throws. Match on `code`. */
export class ConnectorError extends Error {
    name = 'ConnectorError';
    /** A Failure of the closed tables, or one of `not_ready`, `stopped`, `bad_option`, `journal_unusable`. */
    code;
    /** Whether it mends itself (`retry`) or needs a human (`operator`). */
    verdict;
    constructor(code, message, options = {}) {
        super(message, options.cause === undefined ? undefined : { cause: options.cause });
        this.code = code;
        this.verdict = options.verdict ?? verdictOfCode(code);
    }
}
function verdictOfCode(code) {
    if (code in FAILURES)
        return FAILURES[code].verdict;
    if (code in TOKEN_FAILURES)
        return TOKEN_FAILURES[code].verdict;
    return code === 'bad_option' || code === 'journal_unusable' ? 'operator' : 'retry';
}
