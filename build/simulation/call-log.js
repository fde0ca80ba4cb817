const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** When calls of one kind were made, for an hour back. Monotonic milliseconds. */
export class CallLog {
    #times = [];
    /** Where the latest minute begins in them. */
    #minute = 0;
    #peaks = { perMinute: 0, perHour: 0 };
    record(now) {
        this.#times.push(now);
        while ((this.#times[0] ?? now) <= now - HOUR_MS) {
            this.#times.shift();
            this.#minute--;
        }
        this.#minute = Math.max(0, this.#minute);
        while ((this.#times[this.#minute] ?? now) <= now - MINUTE_MS)
            this.#minute++;
        this.#peaks.perMinute = Math.max(this.#peaks.perMinute, this.#times.length - this.#minute);
        this.#peaks.perHour = Math.max(this.#peaks.perHour, this.#times.length);
    }
    /** The most there ever were within a minute and within an hour. */
    get peaks() {
        return this.#peaks;
    }
    /** A new account begins. */
    clear() {
        this.#times = [];
        this.#minute = 0;
    }
}
/** What kind of call this is; null: neither has credentials of the app nor is a probe. */
export function kindOfCall({ url, body = '' }) {
    if (url.includes('/tenant_access_token/'))
        return 'token';
    if (!url.endsWith('/callback/ws/endpoint'))
        return null;
    return body.includes('"AppSecret"') ? 'discovery' : 'probe';
}
