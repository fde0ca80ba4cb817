/** What the platform was seen to send. */
export const DEFAULT_CLIENT_CONFIG = {
    ReconnectCount: -1,
    ReconnectInterval: 120,
    ReconnectNonce: 30,
    PingInterval: 120,
};
/** For tests with real time: official SDKs ping and reconnect every second. */
export const BRISK_CLIENT_CONFIG = {
    ReconnectCount: -1,
    ReconnectInterval: 1,
    ReconnectNonce: 0,
    PingInterval: 1,
};
/** Ways in which a pacing can be broken. */
export const BROKEN_CONFIGS = [
    'empty', // {}
    'partial', // only ReconnectCount and ReconnectNonce
    'not_a_number', // every field null, which is how JSON writes NaN
    'text', // every field a string
    'zero',
    'negative',
    'huge', // every field 1e15 seconds
];
export function changedConfig(config, change) {
    switch (change) {
        case 'empty':
            return {};
        case 'partial':
            return { ReconnectCount: config.ReconnectCount, ReconnectNonce: config.ReconnectNonce };
        case 'not_a_number':
            return everyField(null);
        case 'text':
            return everyField('soon');
        case 'zero':
            return everyField(0);
        case 'negative':
            return everyField(-120);
        case 'huge':
            return everyField(1e15);
        default:
            return { ...config, ...change };
    }
}
/** The pause between pings that a config demands, in milliseconds, or null if no client could obey it. */
export function pingIntervalMsOf(config) {
    const { PingInterval: seconds } = config;
    return typeof seconds === 'number' && seconds > 0 && seconds <= 86_400 ? seconds * 1000 : null;
}
function everyField(value) {
    return { ReconnectCount: value, ReconnectInterval: value, ReconnectNonce: value, PingInterval: value };
}
