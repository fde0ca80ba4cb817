import { pingIntervalMsOf } from './client-config.js';
/** Tickets not yet used. The oldest go first: a client that hoards them gets refused, nothing worse. */
const MAX_TICKETS = 10_000;
export class Tickets {
    #world;
    #tickets = new Map();
    constructor(world) {
        this.#world = world;
    }
    /** A fresh socket URL below `origin`, an `http(s)://host:port`. */
    issue(app, origin, config) {
        const { ids, time, settings } = this.#world;
        const ticket = {
            appId: app.appId,
            deviceId: ids.digits(19),
            accessKey: ids.hex(32),
            expiresAt: time.now() + settings.ticketLifetimeMs,
            pingIntervalMs: Math.max(pingIntervalMsOf(settings.clientConfig) ?? 0, pingIntervalMsOf(config) ?? 0),
        };
        const key = ids.uuid();
        this.#tickets.set(key, ticket);
        if (this.#tickets.size > MAX_TICKETS)
            this.#dropOldest();
        const query = new URLSearchParams([
            // Node reads the URL as one query string: scheme, host and path stick to the name of the first parameter.
            ['fpid', '493'],
            ['aid', '552564'],
            ['device_id', ticket.deviceId],
            ['access_key', ticket.accessKey],
            ['service_id', String(app.service)],
            ['ticket', key],
        ]);
        return `${origin.replace(/^http/, 'ws')}/ws/v2?${query}`;
    }
    /** Whose ticket it is, without using it. */
    appIdOf(query) {
        return this.#tickets.get(query.get('ticket') ?? '')?.appId ?? null;
    }
    /** Takes a ticket out of circulation. Null if it is unknown, used, expired, or does not fit the URL's other fields. */
    redeem(query) {
        const key = query.get('ticket') ?? '';
        const ticket = this.#tickets.get(key);
        this.#tickets.delete(key);
        if (!ticket || ticket.expiresAt <= this.#world.time.now())
            return null;
        return query.get('access_key') === ticket.accessKey && query.get('device_id') === ticket.deviceId ? ticket : null;
    }
    #dropOldest() {
        for (const key of this.#tickets.keys()) {
            this.#tickets.delete(key);
            return;
        }
    }
}
