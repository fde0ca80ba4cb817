export const WAITING = Object.freeze({ is: 'waiting' });
export function workOf(unfinished, connectionAttempt) {
    return { unfinished, event: null, waiting: [], connectionAttempt, isHandled: false, stage: WAITING };
}
