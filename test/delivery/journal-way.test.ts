import { expect, test, vi } from 'vitest';
import { RetryLater, Undeliverable } from '../../src/delivery/index.js';
import { StoreError } from '../../src/ports/index.js';
import { CARD, eventFrame, MESSAGE, payloadOf, StagedSession } from '../support/delivery-stage.js';
import { JournalStage, type JournalStageOptions } from '../support/journal-stage.js';

const NO_JITTER = { initialMs: 1_000, maxMs: 300_000, factor: 5, jitter: 'none' } as const;

async function started(options: JournalStageOptions = {}): Promise<JournalStage> {
  const { policy, ...rest } = options;
  const stage = new JournalStage({ policy: { retry: NO_JITTER, ...policy }, ...rest });
  await stage.start();
  // The opening notes something of its own, which an event would wait for.
  await stage.clock.advanceBy(20);
  return stage;
}

/** A message of a chat, which is its lane. */
const inChat = (id: string, chat: string, more: Parameters<typeof eventFrame>[0] = {}) =>
  eventFrame({ id, content: { message: { message_id: `om_${id}`, chat_id: chat } }, ...more });

test('an event is acked as soon as it is durable, while its handler still runs', async () => {
  const stage = await started({ store: { commitDelayMs: 3 } });
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.session.codes).toEqual([]);
  expect(stage.runs).toHaveLength(0);

  await stage.clock.advanceBy(3);
  expect(stage.session.codes).toEqual([200]);
  expect(stage.ran).toEqual(['e1']);
  expect(stage.run(0).context.attempt).toBe(1);
  expect(stage.told('journaled')).toMatchObject([{ eventId: 'e1', durationMs: 3 }]);
  expect(stage.told('acked')).toMatchObject([{ code: 200, latencyMs: 3, isLate: false }]);

  await stage.succeed(0);
  expect(stage.pipeline.snapshot()).toMatchObject({ depth: 0, oldestWallMs: 0 });
});

test('with durability power the ack waits for the disk', async () => {
  const stage = await started({ store: { durability: 'power', commitDelayMs: 1, flushDelayMs: 8 } });
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(8);
  expect(stage.session.codes).toEqual([]);
  await stage.clock.advanceBy(1);
  expect(stage.session.codes).toEqual([200]);
});

test('an event that the journal refuses is not acked, and its redelivery is news', async () => {
  const stage = await started();
  stage.store.failNext(1, 'disk_full');
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.session.codes).toEqual([]);
  expect(stage.runs).toHaveLength(0);
  expect(stage.told('journal_failed')).toMatchObject([{ reason: 'disk_full' }]);
  expect(stage.told('ack_failed')).toMatchObject([{ eventId: 'e1', failure: 'journal_refused' }]);
  expect(stage.pipeline.snapshot()).toMatchObject({ depth: 0, journal: { lastFailure: { reason: 'disk_full' } } });

  await stage.clock.advanceBy(15_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.session.codes).toEqual([200]);
  expect(stage.told('duplicate')).toEqual([]);
});

test('no copy slips in between the append and the commit', async () => {
  const stage = await started({ store: { commitDelayMs: 10 } });
  const other = new StagedSession(2);
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.bring(eventFrame({ id: 'e1' }), other);
  expect(stage.told('duplicate')).toMatchObject([{ of: 'in_flight' }]);
  await stage.clock.advanceBy(10);
  expect([stage.session.codes, other.codes]).toEqual([[200], [200]]);
  expect(stage.ran).toEqual(['e1']);
});

test('a copy of an event that is durable and unfinished is acked at once', async () => {
  const stage = await started();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.session.codes).toEqual([200, 200]);
  expect(stage.told('duplicate')).toMatchObject([{ of: 'in_flight' }]);
  expect(stage.told('event_received').map(({ source }) => source)).toEqual(['push', 'redelivery']);
});

test('the same message under a new event id is a duplicate', async () => {
  const stage = await started();
  const content = { message: { message_id: 'om_1', create_time: '1', update_time: '1', chat_id: 'oc_1' } };
  await stage.bring(eventFrame({ id: 'e1', content }));
  await stage.bring(eventFrame({ id: 'e2', content }));
  await stage.succeed(0);
  await stage.bring(eventFrame({ id: 'e3', content }));
  expect(stage.told('duplicate').map((report) => report.of)).toEqual(['in_flight', 'finished']);
  expect(stage.ran).toEqual(['e1']);
});

test('an edited message is news', async () => {
  const stage = await started();
  const revised = (update_time: string) => ({ message: { message_id: 'om_1', create_time: '1', update_time } });
  await stage.bring(eventFrame({ id: 'e1', content: revised('1') }));
  await stage.bring(eventFrame({ id: 'e2', content: revised('2') }));
  await stage.bring(eventFrame({ id: 'e3', content: revised('2') }));
  expect(stage.ran).toEqual(['e1', 'e2']);
});

test('events of one chat run one after the other, chats side by side', async () => {
  const stage = await started();
  await stage.bring(inChat('a1', 'A'));
  await stage.bring(inChat('a2', 'A'));
  await stage.bring(inChat('b1', 'B'));
  expect(stage.ran).toEqual(['a1', 'b1']);
  await stage.succeed(0);
  expect(stage.ran).toEqual(['a1', 'b1', 'a2']);
});

test('without an order, and by a key of the caller, lanes are what they should be', async () => {
  const none = await started({ policy: { orderBy: 'none' } });
  await none.bring(inChat('a1', 'A'));
  await none.bring(inChat('a2', 'A'));
  expect(none.ran).toEqual(['a1', 'a2']);

  const byTenant = await started({ policy: { orderBy: (event) => event.tenantKey } });
  await byTenant.bring(inChat('a1', 'A'));
  await byTenant.bring(inChat('b1', 'B'));
  expect(byTenant.ran).toEqual(['a1']);

  const broken = await started({
    policy: {
      orderBy: () => {
        throw new Error('no key');
      },
    },
  });
  await broken.bring(inChat('a1', 'A'));
  expect(broken.ran).toEqual(['a1']);
});

test('no more handlers run at a time than the policy says, and callbacks do not wait for them', async () => {
  const stage = await started({ policy: { concurrency: 2 } });
  for (const id of ['e1', 'e2', 'e3']) await stage.bring(eventFrame({ id }));
  expect(stage.ran).toEqual(['e1', 'e2']);
  await stage.bring(eventFrame({ id: 'c1', type: CARD }));
  expect(stage.ran).toEqual(['e1', 'e2', 'c1']);
  await stage.succeed(0);
  expect(stage.ran).toEqual(['e1', 'e2', 'c1', 'e3']);
});

test('a failed event runs again after its backoff, and holds its own chat alone', async () => {
  const stage = await started();
  await stage.bring(inChat('a1', 'A'));
  await stage.bring(inChat('a2', 'A'));
  await stage.fail(0, new Error('no database'));
  expect(stage.told('retry_scheduled')).toMatchObject([{ eventId: 'a1', attempt: 1, delayMs: 1_000, isCounted: true }]);
  await stage.bring(inChat('b1', 'B'));
  await stage.clock.advanceBy(999);
  expect(stage.ran).toEqual(['a1', 'b1']);
  await stage.clock.advanceBy(1);
  expect(stage.ran).toEqual(['a1', 'b1', 'a1']);
  expect(stage.run(2).context.attempt).toBe(2);
  expect(stage.run(2).event.data).toEqual(stage.run(0).event.data);
  await stage.succeed(2);
  expect(stage.ran).toEqual(['a1', 'b1', 'a1', 'a2']);
});

test('after so many failures an event is a dead letter, and its chat goes on', async () => {
  const stage = await started({ policy: { maxAttempts: 3 } });
  await stage.bring(inChat('a1', 'A'));
  await stage.bring(inChat('a2', 'A'));
  await stage.fail(0);
  await stage.clock.advanceBy(1_000);
  await stage.fail(1);
  await stage.clock.advanceBy(5_000);
  await stage.fail(2, new Error('for the third time'));
  expect(stage.told('dead_lettered')).toMatchObject([
    { eventId: 'a1', reason: 'attempts', attempts: 3, detail: 'for the third time' },
  ]);
  expect(stage.told('dead_letters').at(-1)).toMatchObject({ count: 1 });
  expect(stage.ran).toEqual(['a1', 'a1', 'a1', 'a2']);
  // What nobody handled is known all the same: its redelivery is no news.
  await stage.bring(inChat('a1', 'A'));
  expect(stage.told('duplicate')).toMatchObject([{ eventId: 'a1', of: 'finished' }]);
});

test('RetryLater does not count, and may say when', async () => {
  const stage = await started({ policy: { maxAttempts: 2 } });
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.fail(0, new RetryLater('the broker is down', { afterMs: 7_000 }));
  await stage.clock.advanceBy(7_000);
  await stage.fail(1, new RetryLater('still down'));
  await stage.clock.advanceBy(5_000);
  await stage.fail(2, new RetryLater('still', { afterMs: 0 }));
  expect(stage.told('retry_scheduled')).toMatchObject([
    { attempt: 1, delayMs: 7_000, isCounted: false },
    { attempt: 2, delayMs: 5_000, isCounted: false },
    { attempt: 3, delayMs: 100, isCounted: false },
  ]);
  await stage.clock.advanceBy(100);
  await stage.succeed(3);
  expect(stage.told('dead_lettered')).toEqual([]);
});

test('Undeliverable is a dead letter at once', async () => {
  const stage = await started();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.fail(0, new Undeliverable('nobody will ever take it'));
  expect(stage.told('dead_lettered')).toMatchObject([{ reason: 'undeliverable', attempts: 1 }]);
});

test('a handler that outlives its deadline is told so, and runs again only when it has settled or a window has passed', async () => {
  const stage = await started();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(60_000);
  expect(stage.run(0).context.signal.aborted).toBe(true);
  expect(stage.told('handler_finished')).toMatchObject([{ failure: 'timeout', attempt: 1 }]);
  await stage.clock.advanceBy(59_999);
  expect(stage.told('retry_scheduled')).toEqual([]);
  await stage.clock.advanceBy(1);
  expect(stage.told('retry_scheduled')).toMatchObject([{ delayMs: 1_000 }]);
  await stage.clock.advanceBy(1_000);
  expect(stage.ran).toEqual(['e1', 'e1']);
  // The run that was given up succeeds: the event is handled, and the newer run ends for nobody.
  await stage.succeed(0);
  await stage.fail(1);
  expect(stage.told('retry_scheduled')).toHaveLength(1);
  expect(stage.pipeline.snapshot()).toMatchObject({ depth: 0, abandonedCount: 0 });
});

test.each([
  ['succeeds', 0],
  ['fails', 1],
] as const)('a handler that %s after its deadline ends the wait for it', async (how, retries) => {
  const stage = await started();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(61_000);
  if (how === 'succeeds') await stage.succeed(0);
  else await stage.fail(0);
  expect(stage.told('retry_scheduled')).toHaveLength(retries);
  expect(stage.pipeline.snapshot()).toMatchObject({ depth: retries, abandonedCount: 0 });
});

test('what hangs takes no place from others once its deadline has passed', async () => {
  const stage = await started({ policy: { concurrency: 1 } });
  await stage.bring(inChat('a1', 'A'));
  await stage.bring(inChat('b1', 'B'));
  await stage.clock.advanceBy(60_000);
  expect(stage.ran).toEqual(['a1', 'b1']);
});

test('beyond the bound an event is neither journaled nor acked', async () => {
  const stage = await started({ policy: { maxPending: 2 } });
  for (const id of ['e1', 'e2', 'e3']) await stage.bring(eventFrame({ id }));
  expect(stage.session.codes).toEqual([200, 200]);
  expect(stage.told('dropped')).toMatchObject([{ reason: 'overloaded' }]);
  expect(stage.told('pending').at(-1)).toMatchObject({ depth: 2, capacity: 2 });
});

test('what waits far behind is read back from the journal when its turn comes', async () => {
  const stage = await started({ policy: { concurrency: 1 } });
  for (let index = 0; index < 1_100; index++) {
    stage.pipeline.receive(eventFrame({ id: `e${index}`, content: { index } }), stage.session);
  }
  await stage.settle();
  for (let index = 0; index < 1_100; index++) await stage.succeed(index);
  expect(stage.runs.map(({ event }) => event.data.index)).toEqual(stage.runs.map((_, index) => index));
  expect(stage.runs).toHaveLength(1_100);
});

test('after a crash what was acked runs again, in order and before anything newer of its chat', async () => {
  const stage = await started();
  await stage.bring(inChat('a1', 'A'));
  await stage.bring(inChat('a2', 'A'));
  await stage.crash();
  await stage.bring(inChat('a3', 'A'));
  expect(stage.told('journal_opened').at(-1)).toMatchObject({ unfinished: 2, deadLetters: 0 });
  await stage.succeed(1);
  await stage.succeed(2);
  await stage.succeed(3);
  expect(stage.ran).toEqual(['a1', 'a1', 'a2', 'a3']);
});

test('what was finished is known after a crash, by its id and by its message', async () => {
  const stage = await started();
  await stage.bring(inChat('a1', 'A'));
  await stage.succeed(0);
  await stage.crash();
  await stage.bring(inChat('a1', 'A'));
  await stage.bring(eventFrame({ id: 'x', content: { message: { message_id: 'om_a1' } } }));
  expect(stage.session.codes).toEqual([200, 200]);
  expect(stage.ran).toEqual(['a1']);
});

test('failures are counted over restarts', async () => {
  const stage = await started({ policy: { maxAttempts: 3 } });
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.fail(0);
  await stage.restart();
  expect(stage.run(1).context.attempt).toBe(2);
  await stage.fail(1);
  await stage.restart();
  await stage.fail(2);
  expect(stage.told('dead_lettered')).toMatchObject([{ attempts: 3 }]);
});

test('an event that kills the process is a dead letter after so many crashes, and takes no innocent with it', async () => {
  const stage = await started({ policy: { maxAttempts: 3 } });
  for (const chat of ['A', 'B', 'C']) await stage.bring(inChat(`poison ${chat}`, chat));
  // B is the poison: whenever it runs, the process dies. The others need until the next moment.
  let crashes = 0;
  let seen = 0;
  while (crashes < 10) {
    const fresh = stage.runs.slice(seen);
    seen = stage.runs.length;
    if (fresh.length === 0) break;
    if (fresh.some(({ event }) => event.id === 'poison B')) {
      crashes += 1;
      await stage.crash();
    } else {
      for (const run of fresh) run.succeed();
      await stage.settle();
    }
  }
  // One crash before anything was marked, then as many as it has attempts.
  expect(crashes).toBe(4);
  expect(stage.told('dead_lettered').map(({ eventId }) => eventId)).toEqual(['poison B']);
  expect(stage.pipeline.snapshot()).toMatchObject({ depth: 0, deadLetterCount: 1 });
});

test('suspects that leave without a run hand on: none of the others waits for ever', async () => {
  const stage = await started({ policy: { maxAgeMs: 60_000, staleEvents: 'drop' } });
  for (const chat of ['A', 'B', 'C']) await stage.bring(inChat(`suspect ${chat}`, chat));
  // The first crash marks all that ran, the second one makes suspects of them.
  await stage.crash();
  await stage.crash();
  const before = stage.runs.length;
  await stage.settle();
  expect(stage.runs.length - before).toBeLessThanOrEqual(1);
  await stage.clock.advanceBy(50_000);
  await stage.bring(inChat('young', 'D'));
  // Its handler is late, and meanwhile the others have grown too old to run at all.
  await stage.clock.advanceBy(30_000);
  for (const run of stage.runs.slice(-2)) run.succeed();
  await stage.clock.advanceBy(600_000);
  for (const run of stage.runs) run.succeed();
  await stage.clock.advanceBy(600_000);
  expect(stage.pipeline.snapshot().depth).toBe(0);
});

test('an ordinary first run costs no write of its own', async () => {
  const stage = await started();
  const before = stage.store.resolvedCount;
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.succeed(0);
  // The append and the finish.
  expect(stage.store.resolvedCount - before).toBe(2);
});

test('an entry that cannot be read is set aside, told, and blocks nothing', async () => {
  const stage = await started();
  await stage.bring(inChat('a1', 'A'));
  await stage.bring(inChat('a2', 'A'));
  const [[first] = ['']] = [...stage.store.range('entries')];
  await stage.store.commit([{ table: 'entries', key: first, value: new Uint8Array([9, 9]) }]);
  await stage.store.commit([{ table: 'entries', key: 'no number', value: new Uint8Array([1]) }]);
  await stage.crash();
  expect(stage.told('journal_failed').map(({ reason }) => reason)).toEqual(['recover', 'recover']);
  expect(stage.ran).toEqual(['a1', 'a2']);
  expect(stage.store.count('damaged')).toBe(2);
});

test('an entry whose payload rotted is set aside when its turn comes', async () => {
  const stage = await started();
  await stage.bring(inChat('a1', 'A'));
  const [[key, bytes] = ['', new Uint8Array()]] = [...stage.store.range('entries')];
  await stage.store.commit([{ table: 'entries', key, value: bytes.slice(0, -3) }]);
  await stage.crash();
  expect(stage.ran).toEqual(['a1']);
  expect(stage.told('journal_failed')).toMatchObject([{ reason: 'recover' }]);
  expect(stage.pipeline.snapshot().depth).toBe(0);
});

/** The store gives nothing more, until the function that is returned is called. */
function unreadable(stage: JournalStage): () => void {
  const spied = vi.spyOn(stage.store, 'get').mockImplementation(() => {
    throw new StoreError('failed', 'the disk does not answer');
  });
  return () => spied.mockRestore();
}

test('an event that the store does not give when its turn comes is asked for again until it does, in its order', async () => {
  const stage = await started({ random: () => 0 });
  await stage.bring(inChat('a1', 'A'));
  await stage.fail(0);
  await stage.bring(inChat('a2', 'A'));
  const mend = unreadable(stage);
  await stage.clock.advanceBy(1_000);
  const reads = () => stage.told('journal_failed').length;
  expect(stage.told('journal_failed')).toMatchObject([{ reason: 'recover', detail: 'the disk does not answer' }]);
  // Half of 1, 2, 4, … and at last 60 s.
  for (const [waitMs, count] of [
    [499, 1],
    [1, 2],
    [999, 2],
    [1, 3],
    [60_000, 8],
    [300_000, 18],
  ] as const) {
    await stage.clock.advanceBy(waitMs);
    expect(reads(), `${waitMs} ms later`).toBe(count);
  }
  expect(stage.ran).toEqual(['a1']);
  expect(stage.pipeline.snapshot().depth).toBe(2);

  mend();
  await stage.clock.advanceBy(60_000);
  expect(stage.ran).toEqual(['a1', 'a1']);
  expect(stage.run(1).context.attempt).toBe(2);
  await stage.succeed(1);
  await stage.succeed(2);
  expect(stage.ran).toEqual(['a1', 'a1', 'a2']);
  expect(stage.pipeline.snapshot().depth).toBe(0);
});

test('an event that was given up while the store cannot be read is a dead letter as soon as it can, and runs no more', async () => {
  const stage = await started({ policy: { maxAttempts: 1 } });
  await stage.bring(inChat('a1', 'A'));
  const mend = unreadable(stage);
  await stage.fail(0, new Undeliverable('it is nonsense'));
  await stage.clock.advanceBy(120_000);
  expect(stage.told('dead_lettered')).toEqual([]);
  expect(stage.pipeline.snapshot().depth).toBe(1);

  mend();
  await stage.clock.advanceBy(60_000);
  expect(stage.told('dead_lettered')).toMatchObject([
    { eventId: 'a1', reason: 'undeliverable', detail: 'it is nonsense', attempts: 1 },
  ]);
  expect(stage.ran).toEqual(['a1']);
  expect(stage.pipeline.snapshot().depth).toBe(0);
});

test('a store that could not flush the last of it when it is closed is told', async () => {
  const stage = await started();
  await stage.bring(inChat('a1', 'A'));
  await stage.succeed(0);
  const close = stage.store.close.bind(stage.store);
  vi.spyOn(stage.store, 'close').mockImplementation(async () => {
    await close();
    throw new StoreError('failed', 'the last flush failed');
  });
  await stage.stop();
  expect(stage.told('journal_failed')).toMatchObject([{ reason: 'sync', detail: 'the last flush failed' }]);
});

test('a stop does not wait for a store that cannot be read; the event is there for the next process', async () => {
  const stage = await started();
  await stage.bring(inChat('a1', 'A'));
  await stage.fail(0);
  const mend = unreadable(stage);
  await stage.clock.advanceBy(5_000);
  await stage.stop(10_000);
  expect(stage.clock.pendingTimers).toBe(0);
  mend();
  await stage.restart();
  expect(stage.ran).toEqual(['a1', 'a1']);
});

test('stop waits for what runs; what is not finished stays in the journal and runs after the next start', async () => {
  const stage = await started();
  await stage.bring(inChat('a1', 'A'));
  await stage.bring(inChat('a2', 'A'));
  const stopped = stage.pipeline.stop({ drainMs: 10_000 });
  await stage.bring(inChat('a3', 'A'));
  expect(stage.session.codes).toEqual([200, 200]);
  await stage.succeed(0);
  await expect(stopped).resolves.toEqual({ unfinished: 0 });
  expect(stage.pipeline.snapshot().journal).toMatchObject({ isOpen: false });
  expect(stage.clock.pendingTimers).toBe(0);

  await stage.start();
  expect(stage.ran).toEqual(['a1', 'a2']);
  await stage.bring(inChat('a1', 'A'));
  expect(stage.told('duplicate')).toMatchObject([{ eventId: 'a1' }]);
});

test('a handler that a stop cuts off runs again, as the next attempt, and has failed nothing', async () => {
  const stage = await started({ policy: { maxAttempts: 1 } });
  await stage.bring(eventFrame({ id: 'e1' }));
  const stopped = stage.pipeline.stop({ drainMs: 1_000 });
  await stage.clock.advanceBy(1_000);
  await expect(stopped).resolves.toEqual({ unfinished: 1 });
  expect(stage.run(0).context.signal.aborted).toBe(true);
  await stage.start();
  expect(stage.run(1).context.attempt).toBe(2);
  expect(stage.told('dead_lettered')).toEqual([]);
});

test('a stop during an append acks what becomes durable, if the session is still there', async () => {
  const stage = await started({ store: { commitDelayMs: 50 } });
  await stage.clock.advanceBy(100);
  const gone = new StagedSession(2);
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.bring(eventFrame({ id: 'e2' }), gone);
  gone.isOpen = false;
  const stopped = stage.pipeline.stop({ drainMs: 1_000 });
  await stage.clock.advanceBy(200);
  await stopped;
  expect(stage.session.codes).toEqual([200]);
  expect(stage.told('ack_failed')).toMatchObject([{ eventId: 'e2', failure: 'socket_gone' }]);
  expect(stage.runs).toHaveLength(0);
});

test('a stop ends though the disk hangs, and nothing that was not durable is acked', async () => {
  const stage = await started();
  stage.store.hang();
  await stage.bring(eventFrame({ id: 'e1' }));
  const fed = stage.pipeline.feed(payloadOf({ id: 'e2' }), { source: 'catchup' });
  const stopped = stage.pipeline.stop({ drainMs: 1_000 });
  await stage.clock.advanceBy(20_000);
  await stopped;
  expect(stage.session.codes).toEqual([]);
  expect(stage.told('ack_failed')).toMatchObject([{ eventId: 'e1', failure: 'journal_refused' }]);
  await expect(fed).resolves.toBe('refused');
  // What the disk takes in the end changes nothing here any more.
  stage.store.resume();
  await stage.settle();
  expect(stage.session.codes).toEqual([]);
  expect(stage.told('journal_failed').map(({ reason }) => reason)).toContain('sync');
  expect(stage.clock.pendingTimers).toBe(0);
});

test('a disk that takes no finish is asked until it does; the event is not handled again meanwhile', async () => {
  const stage = await started();
  await stage.bring(eventFrame({ id: 'e1' }));
  stage.store.failNext(3);
  await stage.succeed(0);
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.told('duplicate')).toMatchObject([{ of: 'finished' }]);
  await stage.clock.advanceBy(10_000);
  expect(stage.store.count('entries')).toBe(0);
  await stage.crash();
  expect(stage.ran).toEqual(['e1']);
});

test('a disk that hangs is told, and what it takes in the end is acked', async () => {
  const stage = await started();
  stage.store.hang();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(10_000);
  expect(stage.told('journal_failed')).toMatchObject([{ reason: 'append' }]);
  stage.store.resume();
  await stage.settle();
  expect(stage.session.codes).toEqual([200]);
  expect(stage.told('acked')).toMatchObject([{ isLate: true }]);
});

test('stale events are tagged, held for a human, or dropped, as the policy says', async () => {
  const old = (stage: JournalStage, id: string) =>
    stage.bring(eventFrame({ id, createTime: stage.clock.wallNow() - 60_001 }));

  const tag = await started({ policy: { maxAgeMs: 60_000 } });
  await old(tag, 'e1');
  expect(tag.run(0).event).toMatchObject({ isStale: true, ageMs: 60_001, source: 'redelivery' });

  const hold = await started({ policy: { maxAgeMs: 60_000, staleEvents: 'hold' } });
  await old(hold, 'e1');
  expect(hold.session.codes).toEqual([200]);
  expect(hold.told('dead_lettered')).toMatchObject([{ reason: 'held', attempts: 0 }]);
  expect(await hold.pipeline.deadLetters.replay('e1')).toBe(true);
  await hold.settle();
  expect(hold.run(0).event).toMatchObject({ id: 'e1', isStale: true });

  const drop = await started({ policy: { maxAgeMs: 60_000, staleEvents: 'drop' } });
  await old(drop, 'e1');
  expect(drop.session.codes).toEqual([200]);
  expect(drop.told('dropped')).toMatchObject([{ reason: 'too_old' }]);
  expect(drop.runs).toHaveLength(0);
});

test('an event may become stale while it waits, and is judged when its turn comes', async () => {
  const stage = await started({ policy: { maxAgeMs: 60_000, staleEvents: 'drop', concurrency: 1 } });
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.bring(eventFrame({ id: 'e2', createTime: stage.clock.wallNow() - 30_000 }));
  await stage.clock.advanceBy(31_000);
  await stage.succeed(0);
  expect(stage.ran).toEqual(['e1']);
  expect(stage.told('dropped')).toMatchObject([{ reason: 'too_old', eventType: MESSAGE }]);
  expect(stage.pipeline.snapshot().depth).toBe(0);
});

test('an event for which no handler is left after a restart is dropped with its reason', async () => {
  let hasHandler = true;
  const stage = await started({
    dispatcher: {
      handles: () => hasHandler,
      eventTypes: [],
      answersEvents: false,
      dispatch: () => new Promise(() => {}),
    },
  });
  await stage.bring(eventFrame({ id: 'e1' }));
  hasHandler = false;
  await stage.crash();
  expect(stage.told('dropped')).toMatchObject([{ reason: 'no_handler' }]);
  expect(stage.pipeline.snapshot().depth).toBe(0);
});

test('the journal keeps the trace of an arrival for the run after a restart', async () => {
  const traced: (string | null)[] = [];
  const stage = await started({
    traceparentOf: (eventId) => `00-${eventId}-01`,
    trace: (event, run) => {
      traced.push(event.traceparent);
      run(null);
    },
  });
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.crash();
  expect(traced).toEqual([null, '00-e1-01']);
});

test('catch-up feeds events, and is told what became of each', async () => {
  const stage = await started({ policy: { maxPending: 1 }, store: { commitDelayMs: 5 } });
  await stage.clock.advanceBy(10);
  const feed = (id: string) => stage.pipeline.feed(payloadOf({ id }), { source: 'catchup' });
  const first = feed('e1');
  await stage.clock.advanceBy(5);
  await expect(first).resolves.toBe('taken');
  expect(stage.run(0).event.source).toBe('catchup');
  await expect(feed('e1')).resolves.toBe('known');
  await expect(feed('e2')).resolves.toBe('refused');
  await stage.succeed(0);
  await expect(feed('e1')).resolves.toBe('known');
  await stage.clock.advanceBy(10);
  stage.store.failNext(1);
  const refused = feed('e3');
  await stage.clock.advanceBy(5);
  await expect(refused).resolves.toBe('refused');
  await expect(stage.pipeline.feed(new Uint8Array([1]), { source: 'catchup' })).rejects.toThrow('JSON');
  expect(stage.told('acked')).toEqual([]);
  expect(stage.told('ack_failed')).toEqual([]);
});

test('a pipeline with a journal takes nothing before it is open and started', async () => {
  const stage = new JournalStage();
  expect(() => stage.pipeline.start()).toThrow('open the journal before the start');
  await stage.bring(eventFrame());
  expect(stage.told('dropped')).toMatchObject([{ reason: 'stopping', detail: 'it came before the start' }]);
  expect(() => stage.pipeline.deadLetters).toThrow('the journal is not open');
});

test('a store that cannot be read leaves nothing open', async () => {
  const stage = new JournalStage();
  await stage.store.close();
  await expect(stage.pipeline.open()).rejects.toThrow('closed');
  expect(stage.clock.pendingTimers).toBe(0);
  expect(stage.pipeline.snapshot().journal).toMatchObject({ isOpen: false });
});

test('a burial that the store refuses leaves its slot to another chat at once', async () => {
  const stage = await started({ policy: { maxAttempts: 1, concurrency: 1 }, random: () => 1 });
  const inChat = (id: string, chat: string) => eventFrame({ id, content: { message: { chat_id: chat } } });
  await stage.bring(inChat('a1', 'A'));
  await stage.bring(inChat('b1', 'B'));
  const get = vi.spyOn(stage.store, 'get').mockImplementation(() => {
    throw new StoreError('failed', 'the disk does not answer');
  });
  await stage.fail(0, new Undeliverable('no'));
  expect(stage.ran).toEqual(['a1', 'b1']);
  get.mockRestore();
});
