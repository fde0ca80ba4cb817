import { hasStore } from './adapters/index.js';
import type { LetterApp } from './connector-dead-letters.js';
import {
  type JournalOptions,
  openJournalReader,
  openJournalStore,
  resolveJournalOptions,
} from './connector-journal.js';
import { type DeadLetters, deadLettersAtRest, type ReadableDeadLetters, readDeadLetters } from './delivery/index.js';
import { type Store, StoreError } from './ports/index.js';

/** An app whose journal is to be opened without a connector. */
export interface JournaledApp {
  readonly app: string;
  readonly appId: string;
  readonly journal?: JournalOptions;
}

/** Journals that are open without a connector. */
export interface LettersAtRest<Letters extends ReadableDeadLetters> {
  readonly apps: readonly LetterApp<Letters>[];
  close(): Promise<void>;
}

/** Opens the journals of apps to look at their dead letters, beside whoever owns them. One that fails says so when asked. */
export function openLettersToRead(apps: readonly JournaledApp[]): Promise<LettersAtRest<ReadableDeadLetters>> {
  return openAll<ReadableDeadLetters>(apps, async (journal) => {
    const store = await openJournalReader(resolveJournalOptions(journal));
    return { letters: readDeadLetters(store), close: () => store.close() };
  });
}

/**
 * Opens the journals of apps as their owner, to settle dead letters while no connector runs. One that fails, such as
 * `in_use`, says so when asked. Where no journal was ever made none is made.
 */
export function openLettersToSettle(apps: readonly JournaledApp[]): Promise<LettersAtRest<DeadLetters>> {
  return openAll<DeadLetters>(apps, async (journal) => {
    const store = await openJournalStore(resolveJournalOptions(journal));
    return { letters: deadLettersAtRest(store), close: () => store.close() };
  });
}

type Open<Letters> = (journal: JournalOptions) => Promise<{ readonly letters: Letters; close(): Promise<void> }>;

async function openAll<Letters extends ReadableDeadLetters>(
  journaled: readonly JournaledApp[],
  open: Open<Letters | DeadLetters>,
): Promise<LettersAtRest<Letters | DeadLetters>> {
  const closes: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closes.splice(0)) await end();
  };
  const apps: LetterApp<Letters | DeadLetters>[] = [];
  try {
    for (const { app, appId, journal } of journaled) {
      if (journal === undefined) {
        apps.push({ app, appId, deadLetters: null });
        continue;
      }
      try {
        const opened = hasStore(journal.directory) ? await open(journal) : NEVER_MADE;
        closes.push(() => opened.close());
        apps.push({ app, appId, deadLetters: () => opened.letters });
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        const fail = (): never => {
          throw error;
        };
        apps.push({ app, appId, deadLetters: fail });
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { apps, close };
}

const NO_STORE: Pick<Store, 'get' | 'range' | 'count' | 'commit'> = {
  get: () => null,
  range: () => [],
  count: () => 0,
  commit: () => Promise.resolve(),
};

const NEVER_MADE = { letters: deadLettersAtRest(NO_STORE), close: () => Promise.resolve() };
