/** Counts what is reported, for the summary at the end. */
export class Tally {
    #outages = { count: 0, longestMs: 0, totalMs: 0 };
    #connection = {
        attempts: 0,
        connected: 0,
        suspicions: 0,
        recoveries: 0,
        replaced: 0,
        givenUp: 0,
    };
    #token = { refreshes: 0, failures: 0 };
    #host = { sleeps: 0, wallSteps: 0, restarts: 0, reconnects: 0 };
    #faults = {};
    #redelivered = 0;
    get counts() {
        return {
            outages: { ...this.#outages },
            connection: { ...this.#connection },
            token: { ...this.#token },
            host: { ...this.#host },
            faults: Object.fromEntries(Object.entries(this.#faults).sort()),
            redelivered: this.#redelivered,
        };
    }
    reported(report) {
        const connection = this.#connection;
        switch (report.type) {
            case 'attempt_started':
                connection.attempts++;
                return;
            case 'connected':
                connection.connected++;
                if (report.replaces !== undefined)
                    connection.replaced++;
                return;
            case 'state_changed':
                if (report.to === 'suspect')
                    connection.suspicions++;
                if (report.from === 'suspect' && report.to === 'connected')
                    connection.recoveries++;
                return;
            case 'disconnected':
                if (report.failure.code === 'heartbeat_timeout')
                    connection.givenUp++;
                return;
            case 'outage_ended': {
                const durationMs = Math.round(report.outage.durationMs);
                this.#outages.count++;
                this.#outages.totalMs += durationMs;
                this.#outages.longestMs = Math.max(this.#outages.longestMs, durationMs);
                return;
            }
            case 'refreshed':
                this.#token.refreshes++;
                return;
            case 'refresh_failed':
                this.#token.failures++;
                return;
        }
    }
    settled({ deliveries }) {
        this.#redelivered += deliveries.length - 1;
    }
    host(what) {
        this.#host[what]++;
    }
    fault(kind) {
        this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
    }
}
