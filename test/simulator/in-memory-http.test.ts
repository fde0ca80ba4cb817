import { expect, test } from 'vitest';
import { after, BASE_URL, stage } from './stage.js';

const REQUEST = {
  method: 'GET',
  url: `${BASE_URL}/nowhere?secret=1`,
  route: '/nowhere',
  timeoutMs: 1000,
  maxBytes: 1000,
} as const;

test('an answer takes two latencies', async () => {
  const { clock, face } = stage({ link: { latencyMs: 40 } });
  await expect(after(clock, 79, face.http(REQUEST))).rejects.toThrow('nothing came of it');
  expect((await after(clock, 80, face.http(REQUEST))).status).toBe(404);
});

test('a deadline that passes on the way is a timeout, and the message holds no query', async () => {
  const { clock, face } = stage({ link: { latencyMs: 600 } });
  const late = after(clock, 1000, face.http(REQUEST));
  await expect(late).rejects.toMatchObject({ kind: 'timeout', message: 'GET /nowhere: no answer within 1000 ms' });
});

test('its own signal ends a request, before or in the middle, and nothing of it is left', async () => {
  const { clock, face } = stage();
  const aborter = new AbortController();
  const pending = face.http({ ...REQUEST, signal: aborter.signal });
  aborter.abort();
  await expect(pending).rejects.toMatchObject({ kind: 'aborted' });
  await expect(face.http({ ...REQUEST, signal: aborter.signal })).rejects.toMatchObject({ kind: 'aborted' });
  expect(clock.pendingTimers).toBe(0);
});

test('an answered request leaves no timer', async () => {
  const { clock, face } = stage();
  await after(clock, 10, face.http(REQUEST));
  expect(clock.pendingTimers).toBe(0);
});

test('an answer above the limit is not handed over', async () => {
  const { clock, face } = stage();
  await expect(after(clock, 10, face.http({ ...REQUEST, maxBytes: 10 }))).rejects.toMatchObject({ kind: 'too_large' });
});

test('a URL that is none is a protocol error', async () => {
  const { clock, face } = stage();
  const lost = after(clock, 10, face.http({ ...REQUEST, url: 'nonsense' }));
  await expect(lost).rejects.toMatchObject({ kind: 'protocol' });
});

test('jitter delays but never reorders the messages of a socket', async () => {
  const { clock, platform, visitor } = stage({ link: { latencyMs: 5, jitterMs: 500 } });
  const client = visitor();
  const found = client.discover();
  await clock.advanceBy(2000);
  client.dial(JSON.parse((await found).body).data.URL);
  await clock.advanceBy(2000);
  const sent = Array.from({ length: 50 }, () =>
    platform.send({ uuid: platform.ledger.summary.total.toString().padStart(3, 'e'), event: { type: 'x' } }),
  );
  await clock.advanceBy(2000);
  expect(client.events.map((frame) => JSON.parse(new TextDecoder().decode(frame.payload)).uuid)).toEqual(
    sent.map(({ eventId }) => eventId),
  );
});
