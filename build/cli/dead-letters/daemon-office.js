import { z } from 'zod';
import { LETTER_PROBLEMS, LetterProblem, } from '../../connector-dead-letters.js';
import { letterSegment } from '../../daemon/index.js';
import { DAEMON_HEADERS, printable, SILENCE_BY_ERROR } from '../../doctor/index.js';
import { HttpError } from '../../ports/index.js';
import { DaemonSilent } from './office.js';
// What listens on a port is not known before it is asked: whatever is shown or reckoned with passes here. Ids stay as
// they are, for they are sent back.
const text = z.string().transform(printable);
const momentMs = z.number().min(0).max(8_640_000_000_000_000); // what a Date can hold
const count = z.number().int().min(0);
const letter = {
    app: z.string(),
    appId: text,
    eventId: z.string(),
    eventType: text,
    reason: z.enum(['attempts', 'undeliverable', 'held']),
    attempts: count,
    detail: text,
    source: z.enum(['push', 'redelivery', 'catchup']),
    arrivedAt: momentMs,
    diedAt: momentMs,
    payloadBytes: count,
};
const app = z.object({ app: z.string(), appId: text, count: count.nullable(), problem: text.nullable() });
const pageAnswer = z.object({
    apps: z.array(app).max(10_000),
    letters: z.array(z.object(letter)).max(1_000),
    next: z.string().max(10_000).nullable(),
});
const shownAnswer = z.object({ ...letter, envelope: z.record(z.string(), z.unknown()) });
const settledAnswer = z.object({
    app: z.string(),
    appId: text,
    eventId: z.string(),
    how: z.enum(['replayed', 'dropped']),
});
const problemAnswer = z.object({ error: text, hint: text, reason: z.string().optional() });
/** A whole event of the platform, many times over. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** The daemon behind a URL, asked over HTTP; calls may throw DaemonSilent too. */
export class DaemonOffice {
    by = 'daemon';
    where;
    #http;
    #url;
    #timeoutMs;
    #close;
    /** @param timeoutMs For each answer, in milliseconds. */
    constructor(parts) {
        this.#http = parts.http;
        this.#url = parts.url;
        this.#timeoutMs = parts.timeoutMs;
        this.#close = parts.close;
        this.where = `the daemon at ${parts.url}`;
    }
    list({ app, after, limit }) {
        const query = { app, after, limit: String(limit) };
        return this.#ask('GET', '/dead-letters', `/dead-letters${queryOf(query)}`, pageAnswer);
    }
    show(app, eventId) {
        const path = `/dead-letters/${letterSegment(eventId)}`;
        return this.#ask('GET', '/dead-letters/:id', path + queryOf({ app }), shownAnswer);
    }
    settle(how, app, eventId) {
        const verb = how === 'replayed' ? 'replay' : 'drop';
        const path = `/dead-letters/${letterSegment(eventId)}/${verb}`;
        return this.#ask('POST', `/dead-letters/:id/${verb}`, path + queryOf({ app }), settledAnswer);
    }
    close() {
        return this.#close();
    }
    async #ask(method, route, path, shape) {
        const { status, body } = await this.#exchange(method, route, path);
        const json = jsonOf(body);
        if (status === 200) {
            const parsed = shape.safeParse(json);
            if (parsed.success)
                return parsed.data;
            const [issue] = parsed.error.issues;
            // The path alone: the message may quote what is there.
            throw this.#foreign(`JSON of another shape (at ${printable(issue?.path.join('.') || 'its root')})`);
        }
        const problem = problemAnswer.safeParse(json);
        if (!problem.success)
            throw this.#foreign(`HTTP ${status}`);
        const { error, hint, reason } = problem.data;
        if (reason === 'no_such_app')
            throw new LetterProblem(reason, `${this.where} runs no such app`, hint);
        if (isReason(reason))
            throw new LetterProblem(reason, error, hint);
        if (status === 403)
            throw new DaemonSilent('refused', `${this.where} refuses: ${error}. ${hint}`);
        if (status === 404) {
            const advice = 'Restart it with the version of this command.';
            throw new DaemonSilent('foreign', `${this.where} knows of no dead letters: it is older. ${advice}`);
        }
        throw new DaemonSilent('foreign', `${this.where} answered HTTP ${status}: ${error}. ${hint}`);
    }
    async #exchange(method, route, path) {
        try {
            return await this.#http({
                method,
                url: this.#url + path,
                route,
                headers: DAEMON_HEADERS,
                timeoutMs: this.#timeoutMs,
                maxBytes: MAX_ANSWER_BYTES,
            });
        }
        catch (error) {
            if (!(error instanceof HttpError))
                throw error;
            const is = SILENCE_BY_ERROR[error.kind];
            throw new DaemonSilent(is, this.#wordsFor(is, method, error), { cause: error });
        }
    }
    #wordsFor(is, method, { message }) {
        switch (is) {
            case 'absent':
                return `nobody listens at ${this.#url}. Start the daemon, or name the address of the one that runs with --url.`;
            case 'mute': {
                const fate = method === 'POST' ? ' It may do it all the same: the list tells.' : '';
                return `${this.where} does not answer (${message}).${fate} Look at its log; --timeout gives it longer.`;
            }
            case 'foreign':
                return `what answers at ${this.#url} is no feishu-connector (${message}). Name the right address with --url.`;
            case 'unreachable':
            case 'refused':
                return `there is no way to ${this.#url} (${message}). Run the command on the machine of the daemon.`;
        }
    }
    #foreign(what) {
        return new DaemonSilent('foreign', `what answers at ${this.#url} is no feishu-connector: ${what}. Name the right address with --url.`);
    }
}
function queryOf(values) {
    const given = Object.entries(values).filter((entry) => entry[1] !== null);
    return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
function jsonOf(body) {
    try {
        return JSON.parse(body);
    }
    catch {
        return undefined; // no JSON has this value, so no shape fits
    }
}
function isReason(reason) {
    return reason !== undefined && Object.hasOwn(LETTER_PROBLEMS, reason);
}
