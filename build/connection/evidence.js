import { verdictOf } from './failure.js';
import { lookFor } from './look.js';
const ANY = ['retry', 'operator'];
const RETRY = ['retry'];
/**
 * Dated facts that an attempt may be worth it before its time. Each may cut a wait short; none is needed for it to end,
 * and all together are rate-bounded by the policy's `evidencePause`. The list beside each says which waits it bears on: a
 * reachable host says nothing about a rejected secret.
 */
export const EVIDENCE = {
    /** A token refresh or another call with this app's credentials was answered. */
    call_succeeded: ANY,
    /** Somebody asked for it. */
    operator: ANY,
    /** The app secret is another one than at the last attempt. */
    secret_changed: ANY,
    /** Another connection to the same platform was proven. */
    sibling_connected: RETRY,
    /** The machine was asleep, or the process frozen: whatever was true before may not be. */
    woke_up: RETRY,
    /** A network interface came or went. */
    network_changed: RETRY,
    /** The platform answered a probe. */
    probe_answered: RETRY,
    /** A host that was out of reach opens connections again. */
    host_reached: RETRY,
};
/** Whether it may end the wait after this Failure. */
export function bearsOn(evidence, failure) {
    // An untrusted certificate needs a human, or another network: that of a captive portal is gone with it.
    const verdict = lookFor(failure) === 'reach' ? 'retry' : verdictOf(failure);
    return EVIDENCE[evidence].includes(verdict);
}
/** Whether nobody else learns of it in the same instant: what our own looks find needs no spreading. */
export function isOurs(evidence) {
    return evidence === 'probe_answered' || evidence === 'host_reached';
}
