import { expect, test } from 'vitest';
import { openLmdbStore, systemClock } from '../../src/adapters/index.js';
import { type DeliveryReport, type Handler, handlersDispatcher, Pipeline } from '../../src/delivery/index.js';
import { eventFrame, SILENT_LOGGER, StagedSession } from '../support/delivery-stage.js';
import { withFiles } from '../support/temporary-folder.js';

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
        open: () => openLmdbStore({ directory, durability: 'power', schema: { name: 'test', version: 1 } }),
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
