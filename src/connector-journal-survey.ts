import { hasStore, surveyStore, type Writability } from './adapters/index.js';
import { type JournalOptions, openJournalReader, resolveJournalOptions } from './connector-journal.js';
import { type JournalContents, surveyJournal } from './delivery/index.js';

/** A journal as somebody sees it who only looks, beside its owner or without one. */
export interface JournalSurvey {
  readonly directory: string;
  /** Null where no journal was ever made. */
  readonly contents: (JournalContents & { readonly sizeBytes: number }) | null;
  /** What it may take, in bytes. */
  readonly maxBytes: number;
  /** Who has it open, such as `pid 7 on host a`; null for nobody. */
  readonly owner: string | null;
  /** What the file system has left, in bytes; null where that cannot be told. */
  readonly freeBytes: number | null;
  /** Whether its directory, or the one in which it would be made, can be written, and by whom; null where that cannot be told. */
  readonly writable: Writability;
}

/**
 * Looks into a journal and changes nothing in it.
 * @throws StoreError if it is there and cannot be read.
 */
export async function lookIntoJournal(journal: JournalOptions): Promise<JournalSurvey> {
  const options = resolveJournalOptions(journal);
  const { directory, maxBytes } = options;
  const around = await surveyStore(directory);
  if (!hasStore(directory)) return { directory, contents: null, maxBytes, ...around };
  const store = await openJournalReader(options);
  try {
    return { directory, contents: { ...surveyJournal(store), sizeBytes: store.sizeBytes() }, maxBytes, ...around };
  } finally {
    await store.close();
  }
}
