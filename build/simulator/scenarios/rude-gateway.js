/** Accepting and closing at once must not look like success, or the retries come by the hundred per second. */
export const rudeGateway = {
    name: 'rude-gateway',
    seed: 7,
    description: 'The gateway accepts and closes at once, then resets at once, then refuses every ticket.',
    eventsPerSecond: 1,
    durationMs: 900_000,
    faults: [
        { at: 30_000, fault: 'accept_then_close', forMs: 60_000 },
        { at: 30_000, fault: 'drop_socket' },
        { at: 90_000, fault: 'accept_then_close', how: 'reset', forMs: 60_000 },
        { at: 150_000, fault: 'handshake_refuse', message: 'invalid ticket', forMs: 90_000 },
        { at: 400_000, fault: 'kick_every', everyMs: 30_000, code: 1001, reason: 'going away', forMs: 120_000 },
    ],
};
