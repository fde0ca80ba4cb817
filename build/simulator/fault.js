export const DISCOVERY_BODIES = ['html', 'empty', 'truncated', 'no_url', 'no_config', 'object', 'huge'];
export const TOKEN_BODIES = ['html', 'empty', 'truncated', 'no_token', 'no_expire', 'object', 'huge'];
export const CONSOLE_MISTAKES = ['webhook', 'no_events', 'no_scopes', 'hidden'];
export const VIAS = ['http', 'socket', 'both'];
/** Faults that strike and are over, perhaps several times; all others stand until their time, use or clearing. */
export const MOMENTARY = [
    'drop_socket',
    'close_socket',
    'replay_events',
    'garbage_frame',
    'text_frame',
    'oversized_frame',
    'unknown_method_frame',
    'unknown_type_frame',
    'card_frame',
    'revoke_tokens',
];
export function isMomentary(fault) {
    return MOMENTARY.includes(fault.fault);
}
/** Whether the fault silences this kind of ping. */
export function isStruckPing(fault, ping) {
    const struck = fault.pings ?? 'protocol';
    return struck === 'both' || struck === ping;
}
