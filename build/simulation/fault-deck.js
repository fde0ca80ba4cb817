import { BROKEN_CONFIGS } from '../simulator/index.js';
const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** A standing fault lasts from a second to a day, or strikes a few times within that. */
function lasting(dice) {
    const forMs = dice.magnitude(SECOND, DAY);
    return dice.chance(0.2) ? { forMs, times: dice.whole(1, 20) } : { forMs };
}
function repeating(dice) {
    return { times: dice.whole(1, 8), everyMs: dice.magnitude(100, 10 * MINUTE), which: whichOf(dice) };
}
function whichOf(dice) {
    return dice.pick(['all', 'newest', 'oldest', 'random']);
}
function scope(dice) {
    return { which: whichOf(dice), sockets: dice.pick(['existing', 'all']) };
}
const closeCode = (dice) => dice.pick([1000, 1001, 1008, 1011, 1012, 4000]);
const httpStatus = (dice) => dice.pick([400, 401, 403, 404, 429, 500, 502, 503, 504]);
const platformCode = (dice) => dice.pick([
    1, 403, 514, 10003, 10014, 10015, 1000040343, 1000040344, 1000040345, 1000040350, 1000040351, 99991400, 7,
]);
const configOf = (dice) => (dice.chance(0.3) ? { PingInterval: dice.whole(1, 600) } : dice.pick(BROKEN_CONFIGS));
export const DECK = {
    discovery_code: (dice) => ({
        fault: 'discovery_code',
        ...lasting(dice),
        code: platformCode(dice),
        shape: dice.pick(['object', 'null', 'absent']),
    }),
    discovery_status: (dice) => ({ fault: 'discovery_status', ...lasting(dice), status: httpStatus(dice) }),
    discovery_delay: (dice) => ({
        fault: 'discovery_delay',
        ...lasting(dice),
        delayMs: dice.magnitude(100, 30 * SECOND),
    }),
    discovery_hang: (dice) => ({ fault: 'discovery_hang', ...lasting(dice) }),
    discovery_body: (dice) => ({
        fault: 'discovery_body',
        ...lasting(dice),
        // `huge` is ten megabytes: it proves a bound and costs a second of real time per hour of outage.
        body: dice.pick(['html', 'empty', 'truncated', 'no_url', 'no_config', 'object']),
    }),
    discovery_config: (dice) => ({ fault: 'discovery_config', ...lasting(dice), config: configOf(dice) }),
    handshake_refuse: (dice) => ({
        fault: 'handshake_refuse',
        ...lasting(dice),
        status: httpStatus(dice),
        handshakeStatus: dice.pick([403, 514, 1000040343]),
        authErrorCode: dice.pick([0, 1000040350]),
    }),
    handshake_delay: (dice) => ({
        fault: 'handshake_delay',
        ...lasting(dice),
        delayMs: dice.magnitude(100, 60 * SECOND),
    }),
    handshake_hang: (dice) => ({
        fault: 'handshake_hang',
        ...lasting(dice),
        sends: dice.pick(['nothing', 'half_answer']),
    }),
    accept_then_close: (dice) => ({
        fault: 'accept_then_close',
        ...lasting(dice),
        how: dice.pick(['close', 'reset']),
        afterMs: dice.chance(0.5) ? 0 : dice.magnitude(10, 5 * MINUTE),
    }),
    half_open: (dice) => ({ fault: 'half_open', forMs: dice.magnitude(SECOND, DAY), ...scope(dice) }),
    silent_pongs: (dice) => ({
        fault: 'silent_pongs',
        ...lasting(dice),
        ...scope(dice),
        pings: dice.pick(['protocol', 'websocket', 'both']),
    }),
    pong_delay: (dice) => ({ fault: 'pong_delay', ...lasting(dice), delayMs: dice.magnitude(100, 60 * SECOND) }),
    pong_payload: (dice) => ({
        fault: 'pong_payload',
        ...lasting(dice),
        payload: dice.chance(0.3) ? dice.pick(['absent', 'not_json']) : configOf(dice),
    }),
    drop_socket: (dice) => ({ fault: 'drop_socket', ...repeating(dice) }),
    close_socket: (dice) => ({ fault: 'close_socket', ...repeating(dice), code: closeCode(dice) }),
    kick_every: (dice) => ({
        fault: 'kick_every',
        ...lasting(dice),
        everyMs: dice.magnitude(10 * SECOND, 60 * MINUTE),
        ...(dice.chance(0.5) && { code: closeCode(dice) }),
    }),
    mute: (dice) => ({ fault: 'mute', ...lasting(dice), ...scope(dice) }),
    dead_connection_kept: (dice) => ({
        fault: 'dead_connection_kept',
        ...lasting(dice),
        keptMs: dice.magnitude(10 * SECOND, 30 * MINUTE),
    }),
    fragment_events: (dice) => {
        const parts = dice.whole(2, 6);
        return {
            fault: 'fragment_events',
            ...lasting(dice),
            parts,
            order: dice.pick(['forward', 'reversed', 'random']),
            ...(dice.chance(0.3) && { duplicateSeq: dice.whole(0, parts - 1) }),
            ...(dice.chance(0.2) && { missingSeq: dice.whole(0, parts - 1) }),
        };
    },
    duplicate_events: (dice) => ({
        fault: 'duplicate_events',
        ...lasting(dice),
        copies: dice.whole(1, 5),
        messageId: dice.pick(['new', 'same']),
    }),
    change_event_ids: (dice) => ({ fault: 'change_event_ids', ...lasting(dice) }),
    glue_to_101: (dice) => ({ fault: 'glue_to_101', ...lasting(dice) }),
    large_ids: (dice) => ({ fault: 'large_ids', ...lasting(dice) }),
    backlog_on_connect: (dice) => ({ fault: 'backlog_on_connect', ...lasting(dice) }),
    replay_events: (dice) => ({
        fault: 'replay_events',
        times: dice.whole(1, 3),
        everyMs: dice.magnitude(SECOND, 10 * MINUTE),
        count: dice.whole(1, 50),
    }),
    garbage_frame: (dice) => ({ fault: 'garbage_frame', ...repeating(dice) }),
    text_frame: (dice) => ({ fault: 'text_frame', ...repeating(dice) }),
    oversized_frame: (dice) => ({ fault: 'oversized_frame', which: whichOf(dice) }),
    unknown_method_frame: (dice) => ({ fault: 'unknown_method_frame', ...repeating(dice) }),
    unknown_type_frame: (dice) => ({ fault: 'unknown_type_frame', ...repeating(dice) }),
    card_frame: (dice) => ({ fault: 'card_frame', ...repeating(dice) }),
    token_code: (dice) => ({ fault: 'token_code', ...lasting(dice), code: platformCode(dice) }),
    token_status: (dice) => ({ fault: 'token_status', ...lasting(dice), status: httpStatus(dice) }),
    token_delay: (dice) => ({ fault: 'token_delay', ...lasting(dice), delayMs: dice.magnitude(100, 30 * SECOND) }),
    token_hang: (dice) => ({ fault: 'token_hang', ...lasting(dice) }),
    token_body: (dice) => ({
        fault: 'token_body',
        ...lasting(dice),
        body: dice.pick(['html', 'empty', 'truncated', 'no_token', 'no_expire', 'object']),
    }),
    token_expire: (dice) => {
        const lifetimeMs = dice.magnitude(SECOND, 120 * MINUTE);
        // A life of a second asks for a token each second: for some minutes, not for a day.
        return { fault: 'token_expire', forMs: dice.magnitude(SECOND, Math.min(60 * lifetimeMs, DAY)), lifetimeMs };
    },
    revoke_tokens: () => ({ fault: 'revoke_tokens' }),
    api_code: (dice) => ({ fault: 'api_code', ...lasting(dice), code: 99991400, status: 429 }),
    api_status: (dice) => ({ fault: 'api_status', ...lasting(dice), status: httpStatus(dice) }),
    api_delay: (dice) => ({ fault: 'api_delay', ...lasting(dice), delayMs: dice.magnitude(100, 30 * SECOND) }),
    api_hang: (dice) => ({ fault: 'api_hang', ...lasting(dice) }),
    date_skew: (dice) => ({ fault: 'date_skew', ...lasting(dice), offsetMs: dice.magnitude(SECOND, DAY) }),
    console_wrong: (dice) => ({
        fault: 'console_wrong',
        ...lasting(dice),
        what: dice.pick(['webhook', 'no_events', 'no_scopes', 'hidden']),
    }),
    refuse_tcp: (dice) => ({
        fault: 'refuse_tcp',
        ...lasting(dice),
        via: dice.pick(['http', 'socket', 'both']),
    }),
    dns_failure: (dice) => ({
        fault: 'dns_failure',
        ...lasting(dice),
        via: dice.pick(['http', 'socket', 'both']),
    }),
};
/** Draws one fault of this kind. */
export function drawFault(kind, dice) {
    return DECK[kind](dice);
}
/**
 * What a fault can do harm to. `connection`: it can end a connection or keep one from coming up, and so harms events too.
 * `events`: only the way of an event. `token`: only the token. `everything`: all of these. `calls`: API calls, which
 * nobody makes here. `people`: made by people, or seen by those alone who ask; no weather makes it.
 */
export const HARMS = {
    discovery_code: 'connection',
    discovery_status: 'connection',
    discovery_delay: 'connection',
    discovery_hang: 'connection',
    discovery_body: 'connection',
    discovery_config: 'connection',
    handshake_refuse: 'connection',
    handshake_delay: 'connection',
    handshake_hang: 'connection',
    accept_then_close: 'connection',
    half_open: 'connection',
    silent_pongs: 'connection',
    pong_delay: 'connection',
    pong_payload: 'connection',
    drop_socket: 'connection',
    close_socket: 'connection',
    kick_every: 'connection',
    mute: 'events',
    dead_connection_kept: 'connection',
    fragment_events: 'events',
    duplicate_events: 'events',
    change_event_ids: 'events',
    glue_to_101: 'events',
    large_ids: 'events',
    backlog_on_connect: 'events',
    replay_events: 'events',
    garbage_frame: 'events',
    text_frame: 'events',
    oversized_frame: 'connection',
    unknown_method_frame: 'events',
    unknown_type_frame: 'events',
    card_frame: 'events',
    token_code: 'token',
    token_status: 'token',
    token_delay: 'token',
    token_hang: 'token',
    token_body: 'token',
    token_expire: 'token',
    revoke_tokens: 'token',
    api_code: 'calls',
    api_status: 'calls',
    api_delay: 'calls',
    api_hang: 'calls',
    date_skew: 'people',
    console_wrong: 'people',
    refuse_tcp: 'everything',
    dns_failure: 'everything',
};
