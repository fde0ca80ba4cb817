/**
 * Why a daemon gave no answer. `absent`: nobody listens. `mute`: no answer in time. `foreign`: an answer that is none of
 * ours, or of an older version. `unreachable`: there is no way to it. `refused`: it does not take this from here.
 */
export type Silence = 'absent' | 'mute' | 'foreign' | 'unreachable' | 'refused';

/** The daemon gave no answer; the message says why and what to do. */
export class DaemonSilent extends Error {
  override readonly name = 'DaemonSilent';
  readonly is: Silence;

  constructor(is: Silence, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.is = is;
  }
}
