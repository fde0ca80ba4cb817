import { LetterProblem, listLetters, settleLetter, showLetter, } from '../../connector-dead-letters.js';
import { openLettersToRead, openLettersToSettle } from '../../connector-letters-at-rest.js';
import { StoreError } from '../../ports/index.js';
/** Opens the journals to look into them, beside whoever owns them. */
export async function openReadingOffice(apps) {
    const opened = await openLettersToRead(apps);
    return {
        by: 'journal',
        where: 'the journal itself',
        list: async (query) => listLetters(opened.apps, query),
        show: async (app, eventId) => showLetter(opened.apps, app, eventId),
        settle: () => Promise.reject(new TypeError('this journal was opened only to be read')),
        close: () => opened.close(),
    };
}
/** Opens the journals as their owner. */
export async function openSettlingOffice(apps) {
    const opened = await openLettersToSettle(apps);
    return new SettlingOffice(opened.apps, () => opened.close());
}
class SettlingOffice {
    by = 'journal';
    where = 'the journal itself';
    #apps;
    close;
    constructor(apps, close) {
        this.#apps = apps;
        this.close = close;
    }
    async list(query) {
        const page = listLetters(this.#apps, query);
        // A part of them is not what was asked for.
        for (const { app, deadLetters } of this.#apps) {
            const problem = page.apps.find((each) => each.app === app)?.problem ?? null;
            if (deadLetters !== null && problem !== null)
                throw ownedElsewhere(causeOf(deadLetters), problem);
        }
        return page;
    }
    async show(app, eventId) {
        return showLetter(this.#apps, app, eventId);
    }
    async settle(how, app, eventId) {
        try {
            return await settleLetter(this.#apps, app, eventId, how);
        }
        catch (error) {
            if (error instanceof LetterProblem && error.reason === 'journal_unusable')
                throw ownedElsewhere(error.cause, error.message, error.hint);
            throw error;
        }
    }
}
function causeOf(open) {
    try {
        open();
        return null;
    }
    catch (error) {
        return error;
    }
}
/** Where another process has the journal, that one is to be asked. */
function ownedElsewhere(cause, message, hint = 'Mend that, and try again.') {
    const isOwned = cause instanceof StoreError && cause.failure === 'in_use';
    const advice = isOwned ? 'Ask that process: name the address of its HTTP surface with --url.' : hint;
    return new LetterProblem('journal_unusable', message, advice, { cause });
}
