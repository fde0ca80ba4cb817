/** Without spans. */
export const NO_SPANS = {
    ofAttempt: () => null,
    ofEvent: () => null,
    ofCall: () => null,
    ofCatchup: () => null,
};
