import type { LetterPage, LetterQuery, SettledLetter, Settling, ShownLetter } from '../../connector-dead-letters.js';

/** Where dead letters are asked for: at the daemon that runs, or in the journal itself. Each call may throw LetterProblem. */
export interface LetterOffice {
  readonly by: 'daemon' | 'journal';
  /** Where, in words for people. */
  readonly where: string;
  list(query: LetterQuery): Promise<LetterPage>;
  /** @param app Name or id of the app; null where its letter alone says whose it is. */
  show(app: string | null, eventId: string): Promise<ShownLetter>;
  settle(how: Settling, app: string | null, eventId: string): Promise<SettledLetter>;
  close(): Promise<void>;
}

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
