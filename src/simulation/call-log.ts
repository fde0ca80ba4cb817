import type { HttpRequest } from '../ports/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** When calls of one kind were made, for an hour back. Monotonic milliseconds. */
export class CallLog {
  #times: number[] = [];
  #perMinute = 0;
  #perHour = 0;

  record(now: number): void {
    this.#times.push(now);
    while (this.#times[0] !== undefined && this.#times[0] <= now - HOUR_MS) this.#times.shift();
    this.#perMinute = Math.max(this.#perMinute, this.lastMinute(now));
    this.#perHour = Math.max(this.#perHour, this.#times.length);
  }

  /** Calls in the minute before `now`. */
  lastMinute(now: number): number {
    const first = this.#times.findIndex((at) => at > now - MINUTE_MS);
    return first === -1 ? 0 : this.#times.length - first;
  }

  /** Calls in the hour before the latest. */
  get lastHour(): number {
    return this.#times.length;
  }

  /** The most there ever were. */
  get peaks(): { readonly perMinute: number; readonly perHour: number } {
    return { perMinute: this.#perMinute, perHour: this.#perHour };
  }

  /** A new account begins. */
  clear(): void {
    this.#times = [];
  }
}

/** Calls that count: those with the app's credentials by what they ask for, and probes, which have none. */
export type CallKind = 'discovery' | 'token' | 'probe';

/** What kind of call this is; null: neither has credentials of the app nor is a probe. */
export function kindOfCall({ url, body = '' }: Pick<HttpRequest, 'url' | 'body'>): CallKind | null {
  if (url.includes('/tenant_access_token/')) return 'token';
  if (!url.endsWith('/callback/ws/endpoint')) return null;
  return body.includes('"AppSecret"') ? 'discovery' : 'probe';
}
