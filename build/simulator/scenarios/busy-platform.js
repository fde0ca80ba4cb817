/** One "system busy" ends the official Node client for good. */
export const busyPlatform = {
    name: 'busy-platform',
    seed: 1,
    description: 'The platform says that it is busy, with code 1 and then with 1000040343, while the socket is gone.',
    eventsPerSecond: 0.5,
    durationMs: 600_000,
    faults: [
        { at: 30_000, fault: 'discovery_code', code: 1, message: 'system busy', forMs: 60_000 },
        { at: 30_000, fault: 'drop_socket' },
        { at: 240_000, fault: 'discovery_code', code: 1000040343, message: 'internal error', times: 3 },
        { at: 240_000, fault: 'close_socket', code: 1012, reason: 'service restart' },
    ],
};
