/** What the official documents and the SDKs say, where they say anything. */
export const DEFAULT_SETTINGS = {
    tokenLifetimeMs: 7_200_000, // docs/protocol.md 7.1: at most two hours
    ticketLifetimeMs: 60_000, // not known; every SDK dials within milliseconds
    connectionLimit: 50, // documented
    ackDeadlineMs: 3000, // documented
    redeliveryScale: 1,
    whenNobodyOnline: 'retry',
    missedPingLimit: 3, // not known; never sooner than two, as Go, Python and Java may start an interval late
    maxEvents: 100_000,
};
/** @throws RangeError naming the option, its bound and its value. */
export function resolveSettings(input, clientConfig) {
    const settings = { ...DEFAULT_SETTINGS, ...definedOf(input), clientConfig };
    atLeast('tokenLifetimeMs', settings.tokenLifetimeMs, 1);
    atLeast('ticketLifetimeMs', settings.ticketLifetimeMs, 1);
    atLeast('connectionLimit', settings.connectionLimit, 1);
    atLeast('ackDeadlineMs', settings.ackDeadlineMs, 1);
    atLeast('maxEvents', settings.maxEvents, 1);
    if (!(settings.redeliveryScale > 0))
        throw new RangeError(`redeliveryScale must be above 0, got ${settings.redeliveryScale}`);
    if (settings.missedPingLimit !== null)
        atLeast('missedPingLimit', settings.missedPingLimit, 2);
    for (const [field, value] of Object.entries(clientConfig)) {
        if (!Number.isInteger(value))
            throw new RangeError(`clientConfig.${field} must be an integer, got ${value}`);
    }
    atLeast('clientConfig.PingInterval', clientConfig.PingInterval, 1);
    return Object.freeze(settings);
}
function definedOf(input) {
    return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
function atLeast(name, value, least) {
    if (!(Number.isFinite(value) && value >= least))
        throw new RangeError(`${name} must be >= ${least}, got ${value}`);
}
