/** Listeners by name. One that throws is told to `onThrow` and keeps neither the others nor the connector from going on. */
export class Listeners {
    #byName = new Map();
    #onThrow;
    constructor(onThrow) {
        this.#onThrow = onThrow;
    }
    /** @returns Ends the subscription. */
    add(name, listener) {
        const listeners = this.#byName.get(name) ?? new Set();
        this.#byName.set(name, listeners);
        listeners.add(listener);
        return () => {
            listeners.delete(listener);
        };
    }
    has(name) {
        return (this.#byName.get(name)?.size ?? 0) > 0;
    }
    tell(name, told) {
        for (const listener of this.#byName.get(name) ?? []) {
            try {
                listener(told);
            }
            catch (error) {
                this.#onThrow(name, error);
            }
        }
    }
    /** Tells what a room reported, under every name that it goes by. */
    tellReport(from, moment) {
        if (this.has('report'))
            this.tell('report', { ...from, moment });
        const at = moment.wallNow;
        const { report } = from;
        switch (report.type) {
            case 'state_changed':
                this.tell('state', { from: report.from, to: report.to, at });
                break;
            case 'connected': {
                const { attempt, connectionId, outage } = report;
                if (outage)
                    this.tell('reconnected', { attempt, connectionId, outage, at });
                break;
            }
            case 'outage_started':
                this.tell('outage', { phase: 'started', number: report.outage, cause: report.cause, at });
                break;
            case 'outage_ended':
                this.tell('outage', { phase: 'ended', ...report.outage, at });
                break;
            case 'event_received': {
                const { eventId: id, eventType: type, source, ageMs } = report;
                this.tell('event', { id, type, source, ageMs, at });
                break;
            }
            case 'dead_lettered': {
                const { eventId: id, eventType: type, reason, attempts, detail } = report;
                this.tell('deadLetter', { id, type, reason, attempts, detail, at });
                break;
            }
            case 'gap_closed':
                this.tell('gap', { ...report.record, at });
                break;
        }
    }
}
