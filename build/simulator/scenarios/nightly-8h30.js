const HOUR_MS = 3_600_000;
/** From evening to morning with nobody watching. */
export const nightly8h30 = {
    name: 'nightly-8h30',
    seed: 830,
    description: 'Eight and a half hours: periodic kicks, a long outage of everything, a freeze, broken pacing, a void token.',
    eventsPerSecond: 0.02,
    durationMs: 8.5 * HOUR_MS,
    faults: [
        { at: 0.5 * HOUR_MS, fault: 'kick_every', everyMs: 1_800_000, code: 1000, reason: 'bye', forMs: 2 * HOUR_MS },
        { at: 3 * HOUR_MS, fault: 'dns_failure', forMs: 20_000 },
        { at: 3 * HOUR_MS, fault: 'drop_socket' },
        { at: 3.5 * HOUR_MS, fault: 'revoke_tokens' },
        { at: 4 * HOUR_MS, fault: 'discovery_status', status: 502, forMs: HOUR_MS },
        { at: 4 * HOUR_MS, fault: 'token_status', status: 502, forMs: HOUR_MS },
        { at: 4 * HOUR_MS, fault: 'drop_socket' },
        { at: 6 * HOUR_MS, fault: 'pong_payload', payload: 'not_a_number', forMs: 600_000 },
        { at: 6.5 * HOUR_MS, fault: 'half_open' },
        { at: 7.5 * HOUR_MS, fault: 'fragment_events', parts: 3, order: 'random', forMs: 600_000 },
        { at: 8 * HOUR_MS, fault: 'duplicate_events', copies: 2, forMs: 600_000 },
    ],
};
