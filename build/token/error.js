export const TOKEN_ERRORS = {
    token_unavailable: 'There is no valid token, and none came while the caller waited. `cause` is the latest failure.',
    token_stopped: 'Nobody refreshes tokens: not started yet, or stopped.',
    token_overloaded: 'Too many callers wait for a token already.',
};
/** Why a caller got no token. Match `code`; `verdict` says whether waiting helps or a human is needed. */
export class TokenError extends Error {
    name = 'TokenError';
    code;
    verdict;
    constructor(code, message, lastFailure) {
        super(message, { cause: lastFailure });
        this.code = code;
        this.verdict = lastFailure?.verdict ?? 'retry';
    }
}
