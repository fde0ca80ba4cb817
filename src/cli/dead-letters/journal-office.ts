import {
  type LetterApp,
  type LetterPage,
  LetterProblem,
  type LetterQuery,
  listLetters,
  type SettledLetter,
  type Settling,
  type ShownLetter,
  settleLetter,
  showLetter,
} from '../../connector-dead-letters.js';
import { type JournaledApp, openLettersToRead, openLettersToSettle } from '../../connector-letters-at-rest.js';
import { StoreError } from '../../ports/index.js';
import type { LetterOffice } from './office.js';

/** Opens the journals to look into them, beside whoever owns them. */
export async function openReadingOffice(apps: readonly JournaledApp[]): Promise<LetterOffice> {
  const opened = await openLettersToRead(apps);
  return {
    by: 'journal',
    where: 'the journal itself',
    list: async (query) => listLetters(opened.apps, query),
    show: async (app, eventId) => showLetter(opened.apps, app, eventId),
    settle: () => Promise.reject(new TypeError('this journal was opened only to be read')),
    close: () => opened.close(),
  };
}

/** Opens the journals as their owner. */
export async function openSettlingOffice(apps: readonly JournaledApp[]): Promise<LetterOffice> {
  const opened = await openLettersToSettle(apps);
  return new SettlingOffice(opened.apps, () => opened.close());
}

class SettlingOffice implements LetterOffice {
  readonly by = 'journal';
  readonly where = 'the journal itself';
  readonly #apps: readonly LetterApp[];
  readonly close: () => Promise<void>;

  constructor(apps: readonly LetterApp[], close: () => Promise<void>) {
    this.#apps = apps;
    this.close = close;
  }

  async list(query: LetterQuery): Promise<LetterPage> {
    const page = listLetters(this.#apps, query);
    // A part of them is not what was asked for.
    for (const { app, deadLetters } of this.#apps) {
      const problem = page.apps.find((each) => each.app === app)?.problem ?? null;
      if (deadLetters !== null && problem !== null) throw ownedElsewhere(causeOf(deadLetters), problem);
    }
    return page;
  }

  async show(app: string | null, eventId: string): Promise<ShownLetter> {
    return showLetter(this.#apps, app, eventId);
  }

  async settle(how: Settling, app: string | null, eventId: string): Promise<SettledLetter> {
    try {
      return await settleLetter(this.#apps, app, eventId, how);
    } catch (error) {
      if (error instanceof LetterProblem && error.reason === 'journal_unusable')
        throw ownedElsewhere(error.cause, error.message, error.hint);
      throw error;
    }
  }
}

function causeOf(open: () => unknown): unknown {
  try {
    open();
    return null;
  } catch (error) {
    return error;
  }
}

/** Where another process has the journal, that one is to be asked. */
function ownedElsewhere(cause: unknown, message: string, hint = 'Mend that, and try again.'): LetterProblem {
  const isOwned = cause instanceof StoreError && cause.failure === 'in_use';
  const advice = isOwned ? 'Ask that process: name the address of its HTTP surface with --url.' : hint;
  return new LetterProblem('journal_unusable', message, advice, { cause });
}
