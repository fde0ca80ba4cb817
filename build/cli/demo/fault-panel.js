/** How long the platform's side of a fault lasts, in milliseconds: attempts and their waits are seen, and so is the end. */
const LASTING_MS = 12_000;
/** Longer than a token lives here: the connector runs out of it, and its connection does not care. */
const TOKEN_HANG_MS = 20_000;
const forMs = LASTING_MS;
const CUT = { fault: 'drop_socket' };
/** Every button that breaks something, under the incident it stands for. */
export const FAULT_BUTTONS = [
    {
        id: 'cut',
        does: 'Cut the socket',
        incident: 'F11',
        shows: 'Lost with connection_reset, an attempt at once, back within two seconds.',
        faults: [CUT],
    },
    {
        id: 'kick',
        does: 'Kick the connection',
        incident: 'F11',
        shows: 'The gateway says goodbye with code 1000, as it does at its own restarts; back within two seconds.',
        faults: [{ fault: 'close_socket', code: 1000, reason: 'bye' }],
    },
    {
        id: 'freeze',
        does: 'Freeze the socket (half-open)',
        incident: 'F03',
        shows: 'Nobody says a word. A ping goes unanswered, it is suspect, and a new socket takes over: no outage.',
        faults: [{ fault: 'half_open', sockets: 'existing', forMs }],
    },
    {
        id: 'token',
        does: `Let the token endpoint time out for ${TOKEN_HANG_MS / 1_000} s`,
        incident: 'F02',
        shows: 'Renewals fail, the token runs out and is named under what is wrong; the connection stays.',
        faults: [{ fault: 'token_hang', forMs: TOKEN_HANG_MS }],
    },
    {
        id: 'gateway_error',
        does: `Answer discovery with 502 for ${forMs / 1_000} s, and cut the socket`,
        incident: 'F19',
        shows: 'An outage: attempts fail with discovery_http_status, waits grow, and it is back soon after the end.',
        faults: [{ fault: 'discovery_status', status: 502, forMs }, CUT],
    },
    {
        id: 'hang',
        does: `Let discovery hang for ${forMs / 1_000} s, and cut the socket`,
        incident: 'F26',
        shows: 'An outage: each attempt meets its own deadline instead of waiting for ever.',
        faults: [{ fault: 'discovery_hang', forMs }, CUT],
    },
    {
        id: 'storm',
        does: `Accept and close at once for ${forMs / 1_000} s`,
        incident: 'F35',
        shows: 'Sockets open and end; none counts as connected before its first pong, and the waits grow all the same.',
        faults: [{ fault: 'accept_then_close', forMs }, CUT],
    },
    {
        id: 'limit',
        does: `Exceed the connection limit for ${forMs / 1_000} s`,
        incident: 'F06',
        shows: 'The handshake is refused with code 1000040350; it waits longer, never gives up, and says what to look at.',
        faults: [{ fault: 'handshake_refuse', handshakeStatus: 514, authErrorCode: 1_000_040_350, forMs }, CUT],
    },
    {
        id: 'swallow',
        does: `Swallow events for ${forMs / 1_000} s`,
        incident: 'F04',
        shows: 'Pings are answered and events vanish: none by the minute, until the platform pushes them again.',
        faults: [{ fault: 'mute', sockets: 'all', forMs }],
    },
];
const MESSAGE = {
    id: 'message',
    does: 'Send a message to the bot',
    incident: null,
    shows: 'One more event, handled within milliseconds.',
};
const HEAL = {
    id: 'heal',
    does: 'Heal everything',
    incident: null,
    shows: 'Whatever is in force ends; a wait that goes on ends by itself.',
};
/** The demo's buttons. A fault that is asked for again begins anew, so that there is one of each at most. */
export function faultPanel({ simulator, say, isFree }) {
    const standing = new Map();
    return {
        buttons: [MESSAGE, ...FAULT_BUTTONS.map(({ faults: _faults, ...button }) => button), HEAL],
        isFree,
        inForce: () => simulator.platform.activeFaults.map(({ description }) => description),
        press: (id) => {
            if (id === MESSAGE.id)
                say();
            if (id === HEAL.id)
                simulator.clear();
            const { faults = [] } = FAULT_BUTTONS.find((button) => button.id === id) ?? {};
            for (const earlier of standing.get(id) ?? [])
                simulator.clear(earlier);
            standing.set(id, faults.map((fault) => simulator.inject(fault)));
        },
    };
}
