import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { errorTextOf } from '../../src/token/error-text.js';

const LONG_MS = 5_000;

test('bytes and streams are read as text, whatever else is parsed already', async () => {
  expect(await errorTextOf(Buffer.from('{"code":1}'), LONG_MS)).toBe('{"code":1}');
  expect(await errorTextOf(new TextEncoder().encode('{}').buffer, LONG_MS)).toBe('{}');
  expect(await errorTextOf(Readable.from([Buffer.from('{"co'), Buffer.from('de":1}')]), LONG_MS)).toBe('{"code":1}');
  expect(await errorTextOf({ code: 1 }, LONG_MS)).toBeNull();
  expect(await errorTextOf(undefined, LONG_MS)).toBeNull();
});

test('an endless stream is read to the bound, and destroyed', async () => {
  const endless = new Readable({
    read() {
      this.push(Buffer.alloc(10_000, 'x'));
    },
  });
  expect(await errorTextOf(endless, LONG_MS)).toHaveLength(65_536);
  expect(endless.destroyed).toBe(true);
});

test('a stream that breaks or stalls gives what came, and is destroyed', async () => {
  const broken = new PassThrough();
  broken.write('half');
  setImmediate(() => broken.destroy(new Error('reset')));
  expect(await errorTextOf(broken, LONG_MS)).toBe('half');
  const stalled = new PassThrough();
  stalled.write('half');
  expect(await errorTextOf(stalled, 1)).toBe('half');
  expect(stalled.destroyed).toBe(true);
});
