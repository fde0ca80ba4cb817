import { CHOICES, draftOf } from './control-events.js';
import { jsonAnswer, jsonObject } from './exchange.js';
import { FaultError } from './fault-parser.js';
/** Paths below this are the simulator's own; no fault strikes them. */
export const CONTROL_PREFIX = '/_simulator/';
const LOOPBACK = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];
const LOOPBACK_NAMES = ['127.0.0.1', '[::1]', 'localhost'];
const MAX_LEDGER_PAGE = 1000;
/**
 * The control API, JSON both ways, for tests in other processes and other languages:
 * `GET state` · `POST faults` (a Fault) · `DELETE faults` (`?id=` for one) · `POST events` · `GET ledger` (`?limit=`, `?state=`,
 * `?event_id=`). Only for this machine, and never for a web page of another origin.
 */
export function control(platform, request, remoteAddress) {
    const refusal = refusalOf(request, remoteAddress);
    if (refusal)
        return problem(403, refusal);
    const resource = request.path.slice(CONTROL_PREFIX.length);
    const methods = own(RESOURCES, resource);
    if (!methods)
        return problem(404, `there is ${Object.keys(RESOURCES).join(', ')}, not ${resource}`);
    const act = own(methods, request.method);
    if (!act)
        return problem(405, `${resource} takes ${Object.keys(methods).join(', ')}, not ${request.method}`);
    try {
        return act(platform, request);
    }
    catch (error) {
        if (error instanceof FaultError)
            return problem(400, error.message, { field: error.field, expected: error.expected });
        // What a builder or the platform says about an event that cannot be sent.
        if (error instanceof TypeError || error instanceof RangeError)
            return problem(400, error.message);
        throw error;
    }
}
const RESOURCES = {
    state: { GET: (platform) => jsonAnswer(200, stateOf(platform)) },
    faults: {
        GET: (platform) => jsonAnswer(200, { faults: platform.activeFaults }),
        POST: (platform, { body }) => {
            const fault = jsonObject(body);
            if (!fault)
                return problem(400, 'the body must be a JSON object: a fault');
            // inject() checks every field.
            return jsonAnswer(201, { id: platform.inject(fault) });
        },
        DELETE: (platform, { query }) => {
            const id = query.get('id') ?? undefined;
            const cleared = platform.clear(id);
            return id !== undefined && cleared === 0
                ? problem(404, `no fault ${id} is in force`)
                : jsonAnswer(200, { cleared });
        },
    },
    events: {
        POST: (platform, { body }) => {
            const order = jsonObject(body);
            if (!order)
                return problem(400, `the body must be a JSON object with ${CHOICES}`);
            const { appId } = order;
            if (appId !== undefined && typeof appId !== 'string')
                return problem(400, 'appId must be text');
            const sent = platform.send(draftOf(order), appId === undefined ? {} : { appId });
            return jsonAnswer(201, { eventId: sent.eventId, eventType: sent.eventType, state: sent.state });
        },
    },
    ledger: { GET: (platform, { query }) => ledgerPage(platform, query) },
};
/** Everything worth knowing about the platform, as plain JSON. It holds no secret. */
export function stateOf(platform) {
    return {
        apps: platform.appIds.map((appId) => ({ appId, connections: platform.connections(appId).length })),
        connections: platform.connections().map(({ id, appId, openedAt, pingedAt, isFrozen }) => ({
            id,
            appId,
            ageMs: platform.clock.now() - openedAt,
            pingAgeMs: platform.clock.now() - pingedAt,
            isFrozen,
        })),
        ledger: platform.ledger.summary,
        traffic: platform.traffic.counts,
        sentMessages: platform.sent.length,
        faults: platform.activeFaults,
    };
}
/** A member of the table, never one of every object's. */
function own(table, key) {
    return Object.hasOwn(table, key) ? table[key] : undefined;
}
function ledgerPage(platform, query) {
    const limit = Number(query.get('limit') ?? 100);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LEDGER_PAGE)
        return problem(400, `limit must be an integer from 1 to ${MAX_LEDGER_PAGE}`);
    const isWanted = (event) => (query.get('state') ?? event.state) === event.state && (query.get('event_id') ?? event.eventId) === event.eventId;
    const wanted = platform.ledger.events.filter(isWanted);
    return jsonAnswer(200, { summary: platform.ledger.summary, events: wanted.slice(-limit) });
}
function refusalOf({ origin, headers }, remoteAddress) {
    if (!LOOPBACK.includes(remoteAddress ?? ''))
        return 'the control API is for this machine alone';
    // A name of somebody else's that resolves to this machine: a browser would call that the same origin.
    const name = origin.replace(/^https?:\/\//, '').replace(/:\d+$/, '');
    if (!LOOPBACK_NAMES.includes(name))
        return `the control API answers on a loopback name, not on ${name}`;
    const caller = headers.origin;
    if (caller !== undefined && caller !== origin)
        return 'the control API is not for pages of another origin';
    return null;
}
function problem(status, message, details = {}) {
    return jsonAnswer(status, { error: message, ...details });
}
