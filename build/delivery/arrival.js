/** The connection's Attempt whose Session brought it; 0 if none did. */
export function attemptOf({ origin }) {
    return origin.by === 'platform' ? origin.session.attempt : 0;
}
