import { LetterProblem } from '../../connector-dead-letters.js';
import type { DaemonClient } from '../daemon-client.js';
import { DaemonLine } from '../daemon-line.js';
import { DaemonSilent } from '../daemon-silent.js';
import { DaemonOffice } from './daemon-office.js';
import { openReadingOffice, openSettlingOffice } from './journal-office.js';
import type { LetterOffice } from './office.js';

export interface OfficeChoice {
  readonly client: DaemonClient;
  /** Name or id of the one app that is meant; null for all. */
  readonly app: string | null;
  readonly timeoutMs: number;
  /** Whether letters are to be settled, which takes the owner of the journal. */
  readonly isSettling: boolean;
}

/** An office, and why it is not the daemon. */
export interface OpenedOffice {
  readonly office: LetterOffice;
  /** For people; null for the daemon. */
  readonly notice: string | null;
}

/**
 * The daemon where one listens; else, unless one was named, the journal itself.
 * @throws DaemonSilent if something listens that is no daemon of ours, or does not answer.
 */
export async function openOffice(choice: OfficeChoice): Promise<OpenedOffice> {
  const { client, timeoutMs } = choice;
  const { url, config, isNamed } = client;
  if (url === null) return inJournal(choice, 'The daemon listens on a port that only it knows (port 0).');
  const daemon = new DaemonOffice(new DaemonLine(client, url, timeoutMs));
  try {
    await daemon.list({ app: null, after: null, limit: 1 });
    return { office: daemon, notice: null };
  } catch (error) {
    // A daemon all the same: what it says of the question itself it will say again.
    if (error instanceof LetterProblem) return { office: daemon, notice: null };
    const isNobody = error instanceof DaemonSilent && error.is === 'absent';
    if (!isNobody || isNamed || config === null) throw error;
    return inJournal(choice, `Nobody listens at ${url}.`);
  }
}

/** The journal beside the daemon that owns it: to look into, where that one shows nothing. */
export function openBeside(choice: OfficeChoice, notice: string): Promise<OpenedOffice> {
  return inJournal({ ...choice, isSettling: false }, notice);
}

async function inJournal({ client, app, isSettling }: OfficeChoice, why: string): Promise<OpenedOffice> {
  const apps = client.config?.apps ?? [];
  const named = app === null ? [] : apps.filter((each) => each.app === app || each.appId === app);
  // Only what is meant is opened; of a name that nobody has the office itself says who there is.
  const meant = named.length > 0 ? named : apps;
  if (!isSettling) {
    return { office: await openReadingOffice(meant), notice: `${why} The journal itself is read.` };
  }
  return { office: await openSettlingOffice(meant), notice: `${why} The journal itself is opened.` };
}
