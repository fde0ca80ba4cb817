/** Letters of one page, at most and by itself. */
export const LETTERS_MAX = 1_000;
export const LETTERS_DEFAULT = 100;
/** Why dead letters were not shown or settled, each with the HTTP status that says so. */
export const LETTER_PROBLEMS = {
    bad_query: 400,
    no_such_app: 404,
    no_such_letter: 404,
    ambiguous: 409,
    no_journal: 409,
    journal_unusable: 503,
    busy: 503,
    not_in_time: 503,
};
/** A question about dead letters that has no answer. The message says what is wrong, the hint what to do. */
export class LetterProblem extends Error {
    name = 'LetterProblem';
    reason;
    hint;
    constructor(reason, message, hint, options) {
        super(message, options);
        this.reason = reason;
        this.hint = hint;
    }
}
