import { LETTER_PROBLEMS, LETTERS_DEFAULT, LetterProblem, listLetters, settleLetter, showLetter, } from '../connector-dead-letters.js';
import { redact } from '../observe/index.js';
import { letterIdOf } from './letter-id.js';
/** What a disk may take for one note. A client that hears nothing for longer gives up, and knows less. */
const SETTLE_DEADLINE_MS = 5_000;
/**
 * `GET /dead-letters`, which lists them without any content, to whoever may read the status; and, from this machine
 * alone, `GET /dead-letters/<id>` with the event, and `POST` to its `/replay` and `/drop`.
 */
export function addDeadLetterRoutes(server, routes) {
    server.get('/dead-letters', async (request, reply) => {
        return answer(reply, () => {
            const { app, after, limit } = queryOf(request, ['app', 'after', 'limit']);
            const letterCount = limit === null ? LETTERS_DEFAULT : numberOf(limit);
            return listLetters(routes.apps(), { app, after, limit: letterCount });
        });
    });
    server.get('/dead-letters/:id', async (request, reply) => {
        const refusal = routes.refusalOf(request);
        if (refusal)
            return reply.code(403).send(refusal);
        return answer(reply, () => {
            const { app } = queryOf(request, ['app']);
            return showLetter(routes.apps(), app, letterIdOf(request.params.id));
        });
    });
    const settle = (how) => async (request, reply) => {
        const refusal = routes.refusalOf(request);
        if (refusal)
            return reply.code(403).send(refusal);
        return answer(reply, () => {
            const { app } = queryOf(request, ['app']);
            return inTime(routes.clock, settleLetter(routes.apps(), app, letterIdOf(request.params.id), how));
        });
    };
    server.post('/dead-letters/:id/replay', settle('replayed'));
    server.post('/dead-letters/:id/drop', settle('dropped'));
}
async function answer(reply, find) {
    try {
        return await find();
    }
    catch (error) {
        if (!(error instanceof LetterProblem))
            throw error;
        const { reason, message, hint } = error;
        return reply.code(LETTER_PROBLEMS[reason]).send({ error: redact(message), hint: redact(hint), reason });
    }
}
/** The values of these keys, each at most once. Any other key is refused: a misspelt `app` would mean all of them. */
function queryOf(request, known) {
    const { searchParams } = new URL(request.url, 'http://127.0.0.1');
    const wrong = [...searchParams.keys()].find((key) => !known.some((each) => each === key) || searchParams.getAll(key).length > 1);
    if (wrong !== undefined)
        throw new LetterProblem('bad_query', 'unknown query', `There is ${known.join(', ')}, each once.`);
    return Object.fromEntries(known.map((key) => [key, searchParams.get(key)]));
}
function numberOf(text) {
    return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}
function inTime(clock, settling) {
    return new Promise((resolve, reject) => {
        const late = clock.timer(SETTLE_DEADLINE_MS, () => {
            const message = `the journal took no note of it within ${SETTLE_DEADLINE_MS} ms`;
            reject(new LetterProblem('not_in_time', message, 'It may still do. The list tells, and the log has the cause.'));
        });
        settling.then(resolve, reject).finally(() => late.cancel());
    });
}
