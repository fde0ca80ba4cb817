/** What each way of getting no answer says about who is there. */
export const SILENCE_BY_ERROR = {
    refused: 'absent',
    timeout: 'mute',
    reset: 'foreign',
    protocol: 'foreign',
    too_large: 'foreign',
    aborted: 'unreachable',
    dns: 'unreachable',
    unreachable: 'unreachable',
    tls: 'unreachable',
    proxy: 'unreachable',
    unknown: 'unreachable',
};
