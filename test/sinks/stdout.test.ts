import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { FeishuEvent } from '../../src/delivery/index.js';
import { createStdoutSink, SinkClosedError } from '../../src/sinks/stdout.js';

/** A reader that takes one chunk at a time, when it is told to. */
class SlowReader extends Writable {
  readonly taken: string[] = [];
  #waiting: ((error?: Error) => void) | null = null;

  constructor() {
    super({ highWaterMark: 1, decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error) => void): void {
    this.taken.push(chunk);
    this.#waiting = done;
  }

  take(error?: Error): void {
    const done = this.#waiting;
    this.#waiting = null;
    if (error) done?.(error);
    else done?.();
  }
}

function event(id: string): FeishuEvent {
  return {
    id,
    type: 'im.message.receive_v1',
    createTime: 1_000,
    appId: 'cli_a',
    tenantKey: 't',
    source: 'push',
    ageMs: 5,
    isStale: false,
    data: { text: 'line\nbreak' },
    raw: { secret: 'only in raw' },
  };
}

function sinkOn(stream: Writable) {
  const closings: string[] = [];
  const sink = createStdoutSink(stream, (reason) => closings.push(reason));
  const handle = sink.handlers['*'];
  if (!handle) throw new Error('the sink takes every type');
  const write = (id: string, signal = new AbortController().signal) =>
    Promise.resolve(handle(event(id), { signal } as Parameters<typeof handle>[1]));
  return { sink, closings, write };
}

test('an event is one JSON line, handled when the reader took it', async () => {
  const reader = new SlowReader();
  const { write } = sinkOn(reader);
  let isHandled = false;
  const writing = write('1').then(() => {
    isHandled = true;
  });
  await nextTurn();
  expect(isHandled).toBe(false);
  expect(reader.taken).toEqual([
    '{"id":"1","type":"im.message.receive_v1","createTime":1000,"appId":"cli_a","tenantKey":"t","source":"push","ageMs":5,"data":{"text":"line\\nbreak"}}\n',
  ]);
  reader.take();
  await writing;
});

test('a stalled reader is given one line, and the others wait their turn', async () => {
  const reader = new SlowReader();
  const { write } = sinkOn(reader);
  const writes = ['1', '2', '3'].map((id) => write(id));
  await nextTurn();
  expect([reader.taken.length, reader.writableLength > 0]).toEqual([1, true]);
  for (const expected of [2, 3, 3]) {
    reader.take();
    await nextTurn();
    expect(reader.taken).toHaveLength(expected);
  }
  await Promise.all(writes);
});

test('whoever gave up waiting has written nothing', async () => {
  const reader = new SlowReader();
  const { write } = sinkOn(reader);
  const first = write('1');
  const deadline = new AbortController();
  const second = write('2', deadline.signal);
  deadline.abort(new Error('the deadline has passed'));
  await expect(second).rejects.toThrow('the deadline has passed');
  reader.take();
  await first;
  await nextTurn();
  expect(reader.taken).toHaveLength(1);
});

test('a reader that went away fails what waits and what comes, and is told once', async () => {
  const reader = new SlowReader();
  const { write, closings } = sinkOn(reader);
  const written = write('1');
  const waiting = write('2');
  const outcomes = Promise.allSettled([written, waiting]);
  reader.take(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(write('3')).rejects.toThrow(SinkClosedError);
  expect(closings).toEqual(['the reader of standard output is gone']);
});

test('a full disk is told by its own words', async () => {
  const reader = new SlowReader();
  const { write, closings } = sinkOn(reader);
  const written = expect(write('1')).rejects.toThrow('ENOSPC');
  reader.take(new Error('ENOSPC: no space left on device'));
  await written;
  await nextTurn(); // a stream tells the writer first, its listeners then
  expect(closings).toEqual(['standard output failed: ENOSPC: no space left on device']);
});

test('closing lets go of the stream', () => {
  const reader = new SlowReader();
  const before = reader.eventNames().length;
  const { sink, closings } = sinkOn(reader);
  sink.close();
  reader.destroy();
  expect([reader.eventNames().length, closings]).toEqual([before, []]);
});
