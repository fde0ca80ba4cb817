import type { LetterApp } from '../../src/connector-dead-letters.js';
import { type DeadLetters, deadLettersAtRest, JOURNAL_TABLES } from '../../src/delivery/index.js';
import { encodeEntry } from '../../src/delivery/journal-entry.js';
import { numberKey, textKey } from '../../src/delivery/journal-key.js';
import type { Clock } from '../../src/ports/index.js';
import { APP_ID } from './app-connector.js';
import { MemoryStore } from './memory-store.js';

/** What a test changes about a dead letter. */
export interface LetterDraft {
  readonly eventId: string;
  readonly detail?: string;
  readonly envelope?: Readonly<Record<string, unknown>>;
}

export const DIED_AT = Date.UTC(2026, 0, 2, 3, 0, 0);

/** A store in memory with these dead letters in it, as a journal leaves them. */
export async function storeWithLetters(clock: Clock, drafts: readonly (LetterDraft | string)[]): Promise<MemoryStore> {
  const store = new MemoryStore({ clock });
  for (const [index, draft] of drafts.entries()) {
    const { eventId, detail = 'boom', envelope } = typeof draft === 'string' ? { eventId: draft } : draft;
    const key = numberKey(index + 1);
    const header = {
      eventId,
      eventType: 'im.message.receive_v1',
      source: 'push',
      arrivedWallAt: DIED_AT - 60_000,
      laneKey: null,
      contentKeys: [],
      traceparent: null,
      isReplayed: false,
      death: { reason: 'attempts', attempts: 5, detail, wallAt: DIED_AT },
    } as const;
    const json = JSON.stringify(envelope ?? { schema: '2.0', header: { event_id: eventId }, event: { n: index + 1 } });
    await store.commit([
      { table: JOURNAL_TABLES.deadLetters, key, value: encodeEntry({ header, payload: Buffer.from(json) }) },
      { table: JOURNAL_TABLES.deadLetterIds, key: textKey(eventId), value: Buffer.from(key) },
    ]);
  }
  return store;
}

/** An app with these dead letters. */
export async function appWithLetters(
  clock: Clock,
  app: string,
  drafts: readonly (LetterDraft | string)[],
): Promise<LetterApp & { readonly letters: DeadLetters; readonly store: MemoryStore }> {
  const store = await storeWithLetters(clock, drafts);
  const letters = deadLettersAtRest(store);
  return { app, appId: APP_ID, deadLetters: () => letters, letters, store };
}
