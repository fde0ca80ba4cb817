import { expect, test } from 'vitest';
import { openLmdbReader, openLmdbStore, systemClock } from '../../src/adapters/index.js';
import {
  type DeliveryReport,
  type Handler,
  handlersDispatcher,
  JOURNAL_SCHEMA,
  migrateJournal,
  Pipeline,
  surveyJournal,
} from '../../src/delivery/index.js';
import { eventFrame, SILENT_LOGGER, StagedSession } from '../support/delivery-stage.js';
import { withFiles } from '../support/temporary-folder.js';

const SCHEMA = { name: 'test', version: JOURNAL_SCHEMA };

/** A pipeline on a real disk, and a way to wait for what it reports. */
class OnDisk {
  readonly reports: DeliveryReport[] = [];
  readonly pipeline: Pipeline;
  readonly #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  constructor(directory: string, handle: Handler) {
    this.pipeline = new Pipeline({
      clock: systemClock,
      report: (report) => {
        this.reports.push(report);
        for (const { holds, resolve } of this.#waiting) if (holds()) resolve();
      },
      dispatcher: handlersDispatcher({ '*': handle }),
      contextOf: (_event, { attempt, signal }) => ({ client: null, logger: SILENT_LOGGER, attempt, signal }),
      journal: {
        open: () => openLmdbStore({ directory, durability: 'power', schema: SCHEMA, migrate: migrateJournal }),
      },
    });
  }

  async start(): Promise<void> {
    await this.pipeline.open();
    this.pipeline.start();
  }

  count(type: DeliveryReport['type']): number {
    return this.reports.filter((report) => report.type === type).length;
  }

  until(holds: () => boolean): Promise<void> {
    return holds() ? Promise.resolve() : new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  }
}

test('on a real disk: acked when durable, finished events known and unfinished ones run after the next start', () =>
  withFiles({}, async (directory) => {
    const session = new StagedSession(1);
    const first = new OnDisk(directory, ({ id }) => (id === 'stuck' ? new Promise(() => {}) : null));
    await first.start();
    for (let index = 0; index < 100; index++) first.pipeline.receive(eventFrame({ id: `e${index}` }), session);
    first.pipeline.receive(eventFrame({ id: 'stuck', content: { text: '卡住' } }), session);
    await first.until(() => first.count('acked') === 101 && first.count('handler_finished') === 100);
    await first.pipeline.stop({ drainMs: 0 });

    const seen: unknown[] = [];
    const second = new OnDisk(directory, async (event, { attempt }) => {
      seen.push([event.id, event.data, attempt]);
    });
    await second.start();
    for (let index = 0; index < 100; index++) second.pipeline.receive(eventFrame({ id: `e${index}` }), session);
    await second.until(() => second.count('handler_finished') === 1);
    expect(seen).toEqual([['stuck', { text: '卡住' }, 2]]);
    expect(second.count('duplicate')).toBe(100);
    expect(second.reports.find(({ type }) => type === 'journal_opened')).toMatchObject({
      unfinished: 1,
      remembered: 100,
    });
    await second.pipeline.stop({ drainMs: 0 });
  }));

/** An unfinished event as version 1 wrote it. */
function formerEntry(id: string): Buffer {
  const header = Buffer.from(JSON.stringify({ id, type: 'test', from: 'push', at: 1, lane: 'chat' }));
  const payload = JSON.stringify({ schema: '2.0', header: { event_id: id, event_type: 'test' }, event: { n: 1 } });
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return Buffer.concat([new Uint8Array([1]), length, header, Buffer.from(payload)]);
}

test('a journal of version 1 is taken over: what it remembers is known, and what was unfinished runs, in order', () =>
  withFiles({}, async (directory) => {
    const former = await openLmdbStore({ directory, durability: 'power', schema: { ...SCHEMA, version: 1 } });
    const row = `${String(systemClock.wallNow()).padStart(16, '0')}.1`;
    await former.commit([
      ...['a', 'b'].map((id, index) => ({
        table: 'entries',
        key: `000000000000000${index + 7}`,
        value: formerEntry(id),
      })),
      { table: 'progress', key: '0000000000000007', value: Buffer.from('{"failures":1,"runs":1,"isBegun":false}') },
      { table: 'remembered', key: 'id:done', value: Buffer.from(row) },
      { table: 'expiries', key: row, value: Buffer.from('["id:done"]') },
    ]);
    await former.close();
    const reader = await openLmdbReader({ directory, schema: SCHEMA });
    expect(surveyJournal(reader)).toMatchObject({ pendingCount: 2, oldestArrivedAt: 1 });
    await reader.close();

    const seen: unknown[] = [];
    const disk = new OnDisk(directory, async ({ id, data }, { attempt }) => {
      seen.push([id, data, attempt]);
    });
    await disk.start();
    const session = new StagedSession(1);
    disk.pipeline.receive(eventFrame({ id: 'done' }), session);
    await disk.until(() => disk.count('handler_finished') === 2);
    expect(seen).toEqual([
      ['a', { n: 1 }, 2],
      ['b', { n: 1 }, 1],
    ]);
    expect(disk.count('duplicate')).toBe(1);
    await disk.pipeline.stop({ drainMs: 0 });
    await expect(
      openLmdbStore({ directory, durability: 'power', schema: { ...SCHEMA, version: 1 } }),
    ).rejects.toMatchObject({ failure: 'newer_version' });
  }));
