/** No close, no error, no log line: a NAT box forgot the flow. */
export const halfOpenFreeze = {
    name: 'half-open-freeze',
    seed: 599,
    description: 'The socket freezes twice with TCP up; the second time new sockets freeze as well, for a while.',
    eventsPerSecond: 0.5,
    durationMs: 1_800_000,
    faults: [
        { at: 120_000, fault: 'half_open' },
        { at: 900_000, fault: 'half_open', sockets: 'all', forMs: 120_000 },
    ],
};
