import type { Verdict } from '../ports/index.js';

const ANY: readonly Verdict[] = ['retry', 'operator'];
const RETRY: readonly Verdict[] = ['retry'];

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
} as const satisfies Record<string, readonly Verdict[]>;

export type Evidence = keyof typeof EVIDENCE;

export function bearsOn(evidence: Evidence, verdict: Verdict): boolean {
  return EVIDENCE[evidence].includes(verdict);
}
