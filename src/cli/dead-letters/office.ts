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
