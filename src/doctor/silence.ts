import type { NetworkError } from '../ports/index.js';

/**
 * Why a daemon did not tell what it was asked. `absent`: nobody listens. `mute`: no answer in time. `foreign`: an answer that
 * is none of ours, or of an older version. `unreachable`: there is no way to it. `refused`: it does not take this from here.
 * `busy`: it cannot answer now.
 */
export type Silence = 'absent' | 'mute' | 'foreign' | 'unreachable' | 'refused' | 'busy';

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
