/** Every API request times out, the socket is cut in the middle of it: the outage after which bots stayed deaf for hours. */
export const tokenAndDiscoveryOutage = {
    name: 'token-and-discovery-outage',
    seed: 68766,
    description: 'Token and discovery requests hang, the socket is cut, and only minutes later the platform answers again.',
    eventsPerSecond: 0.2,
    durationMs: 900_000,
    faults: [
        { at: 60_000, fault: 'token_hang', forMs: 300_000 },
        { at: 60_000, fault: 'discovery_hang', forMs: 300_000 },
        { at: 60_000, fault: 'api_hang', forMs: 300_000 },
        { at: 90_000, fault: 'drop_socket' },
        { at: 360_000, fault: 'discovery_delay', delayMs: 8000, times: 2 },
        { at: 360_000, fault: 'token_delay', delayMs: 8000, times: 2 },
    ],
};
