/** One line of English for narratives and status pages: what the platform does wrong now, and for how long. */
export function describeFault(fault) {
    return `${deed(fault)}${extent(fault)}`;
}
function deed(fault) {
    switch (fault.fault) {
        case 'discovery_code':
            return `discovery answers code ${fault.code}`;
        case 'discovery_status':
            return `discovery answers HTTP ${fault.status}`;
        case 'discovery_delay':
            return `discovery answers ${seconds(fault.delayMs)} late`;
        case 'discovery_hang':
            return 'discovery never answers';
        case 'discovery_body':
            return `discovery answers a body that is no ticket (${fault.body})`;
        case 'discovery_config':
            return `discovery sends a changed ClientConfig (${configName(fault.config)})`;
        case 'handshake_refuse':
            return `the gateway refuses the handshake with status ${fault.handshakeStatus ?? 514}`;
        case 'handshake_delay':
            return `the gateway answers the handshake ${seconds(fault.delayMs)} late`;
        case 'handshake_hang':
            return fault.sends === 'half_answer'
                ? 'the gateway stops in the middle of its handshake answer'
                : 'the gateway never answers the handshake';
        case 'accept_then_close':
            return `the gateway accepts and ${fault.how === 'reset' ? 'resets' : 'closes'} ${fault.afterMs ? `${seconds(fault.afterMs)} later` : 'at once'}`;
        case 'half_open':
            return `${sockets(fault, 'existing')} freeze half-open`;
        case 'silent_pongs':
            return `${fault.pings === 'both' ? 'all' : (fault.pings ?? 'protocol')} pings go unanswered on ${sockets(fault, 'all')}`;
        case 'pong_delay':
            return `pongs come ${seconds(fault.delayMs)} late`;
        case 'pong_payload':
            return `pongs carry a changed payload (${configName(fault.payload)})`;
        case 'drop_socket':
            return `TCP is reset on ${struck(fault)}`;
        case 'close_socket':
            return `a close frame ${fault.code ?? 1000} is sent on ${struck(fault)}`;
        case 'kick_every':
            return `every connection is ended at an age of ${seconds(fault.everyMs)}`;
        case 'mute':
            return `events routed to ${sockets(fault, 'existing')} vanish`;
        case 'dead_connection_kept':
            return `dead connections keep their share of events for ${seconds(fault.keptMs)}`;
        case 'fragment_events':
            return `events come in ${fault.parts} fragments`;
        case 'duplicate_events':
            return `events come ${1 + (fault.copies ?? 1)} times`;
        case 'change_event_ids':
            return 'redelivered events carry new ids';
        case 'glue_to_101':
            return 'an event comes in the segment of the handshake answer';
        case 'large_ids':
            return 'frames carry ids beyond 2^53';
        case 'backlog_on_connect':
            return 'a new connection sets free the whole backlog';
        case 'replay_events':
            return `the last ${fault.count ?? 10} acknowledged events are delivered again`;
        case 'garbage_frame':
            return `garbage is sent on ${struck(fault)}`;
        case 'text_frame':
            return `a text message is sent on ${struck(fault)}`;
        case 'oversized_frame':
            return `a frame of ${fault.bytes ?? 16 * 1024 * 1024} bytes is sent on ${struck(fault)}`;
        case 'unknown_method_frame':
            return `a frame of method ${fault.method ?? 7} is sent on ${struck(fault)}`;
        case 'unknown_type_frame':
            return `a frame of an unknown type is sent on ${struck(fault)}`;
        case 'card_frame':
            return `a frame of type card is sent on ${struck(fault)}`;
        case 'token_code':
            return `the token endpoint answers code ${fault.code}`;
        case 'token_status':
            return `the token endpoint answers HTTP ${fault.status}`;
        case 'token_delay':
            return `the token endpoint answers ${seconds(fault.delayMs)} late`;
        case 'token_hang':
            return 'the token endpoint never answers';
        case 'token_body':
            return `the token endpoint answers a body that holds no token (${fault.body})`;
        case 'token_expire':
            return `new tokens live ${seconds(fault.lifetimeMs)}`;
        case 'revoke_tokens':
            return 'every token issued so far is void';
        case 'api_code':
            return `API calls answer code ${fault.code}`;
        case 'api_status':
            return `API calls answer HTTP ${fault.status}`;
        case 'api_delay':
            return `API calls are answered ${seconds(fault.delayMs)} late`;
        case 'api_hang':
            return 'API calls are never answered';
        case 'date_skew':
            return `answers carry a date that is ${seconds(Math.abs(fault.offsetMs))} ${fault.offsetMs < 0 ? 'behind' : 'ahead'}`;
        case 'console_wrong':
            return CONSOLE_WORDS[fault.what];
        case 'refuse_tcp':
            return `connecting is refused${viaName(fault.via)}`;
        case 'dns_failure':
            return `the host name does not resolve${viaName(fault.via)}`;
    }
}
const CONSOLE_WORDS = {
    webhook: 'the developer console sends events to a webhook',
    no_events: 'no event is added in the developer console',
    no_scopes: 'no scope for messages is granted in the developer console',
    hidden: 'the app may not read its own settings',
};
function extent(fault) {
    const parts = [];
    if ('times' in fault && fault.times !== undefined)
        parts.push(fault.times === 1 ? 'once' : `${fault.times} times`);
    if ('forMs' in fault && fault.forMs !== undefined)
        parts.push(`for ${seconds(fault.forMs)}`);
    return parts.length === 0 ? '' : `, ${parts.join(' or ')}`;
}
function sockets(fault, fallback) {
    const which = fault.which ?? 'all';
    if ((fault.sockets ?? fallback) === 'all')
        return which === 'all' ? 'all sockets' : `${one(which)} and every new one`;
    return which === 'all' ? 'existing sockets' : one(which);
}
function struck(fault) {
    const which = fault.which ?? 'all';
    return which === 'all' ? 'every open socket' : one(which);
}
function one(which) {
    return ['newest', 'oldest', 'random'].includes(which)
        ? `${which === 'random' ? 'a random' : `the ${which}`} socket`
        : `socket ${which}`;
}
function viaName(via) {
    return via === 'http' ? ' for HTTP' : via === 'socket' ? ' for sockets' : '';
}
function configName(change) {
    return typeof change === 'string' ? change.replaceAll('_', ' ') : 'changed fields';
}
function seconds(ms) {
    return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
