import type { NetworkError } from '../ports/index.js';

/**
 * Why nothing of ours was heard at the address of a daemon. `absent`: nobody listens. `mute`: no answer in time. `foreign`:
 * an answer that is none of ours. `unreachable`: it cannot be told, as there is no way to it.
 */
export type Silence = 'absent' | 'mute' | 'foreign' | 'unreachable';

/** What each way of getting no answer says about who is there. */
export const SILENCE_BY_ERROR: Readonly<Record<NetworkError, Silence>> = {
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
