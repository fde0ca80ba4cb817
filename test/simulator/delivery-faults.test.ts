import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import type { Frame } from '../../src/wire/index.js';
import { envelopeOf, headersOf, stage } from './stage.js';

async function connected(options: Parameters<typeof stage>[0] = {}) {
  const set = stage(options);
  const client = await set.visitor().connect();
  await set.clock.advanceBy(10);
  return { ...set, client };
}

const seqs = (frames: readonly Frame[]) => frames.map((frame) => headersOf(frame).seq).join('');

test('fault fragment_events: the parts, joined in order, are the event', async () => {
  const { clock, client, platform } = await connected();
  platform.inject({ fault: 'fragment_events', parts: 4, times: 1 });
  const sent = platform.send(messageEvent({ text: '你好, world 你好' }));
  await clock.advanceBy(5);
  expect(client.events).toHaveLength(1);
  await clock.advanceBy(150);
  expect(seqs(client.events)).toBe('0123');
  const ids = client.events.map((frame) => headersOf(frame).message_id);
  expect(new Set(ids)).toEqual(new Set([sent.deliveries[0]?.messageId]));
  const joined = Buffer.concat(client.events.map((frame) => frame.payload ?? new Uint8Array()));
  expect(JSON.parse(joined.toString('utf8'))).toEqual(sent.envelope);
  platform.send(messageEvent());
  await clock.advanceBy(5);
  expect(headersOf(client.events.at(-1) as Frame).sum).toBe('1');
});

test.each([
  [{ order: 'reversed' }, /^3210$/],
  [{ order: 'forward', duplicateSeq: 1 }, /^01123$/],
  [{ missingSeq: 2 }, /^013$/],
  [{ order: 'random' }, /^(?!0123)[0-3]{4}$/],
] as const)('fault fragment_events %j', async (how, expected) => {
  const { clock, client, platform } = await connected();
  platform.inject({ fault: 'fragment_events', parts: 4, pauseMs: 10, ...how });
  platform.send(messageEvent());
  await clock.advanceBy(100);
  expect(seqs(client.events)).toMatch(expected);
});

test('the deadline of a fragmented event runs from its last fragment', async () => {
  const { clock, client, platform } = await connected();
  platform.inject({ fault: 'fragment_events', parts: 3, pauseMs: 2000, times: 1 });
  const sent = platform.send(messageEvent());
  await clock.advanceBy(6990);
  const [frame] = client.events;
  if (frame) client.ack(frame, 200);
  await clock.advanceBy(5);
  expect(sent).toMatchObject({ state: 'acknowledged', acks: [{ isLate: false }] });
});

test('fault duplicate_events: copies under new message ids, the same event id', async () => {
  const { clock, client, platform } = await connected();
  platform.inject({ fault: 'duplicate_events', copies: 2, times: 1 });
  const sent = platform.send(messageEvent());
  await clock.advanceBy(5);
  expect(client.eventIds).toEqual([sent.eventId, sent.eventId, sent.eventId]);
  expect(new Set(client.events.map((frame) => headersOf(frame).message_id)).size).toBe(3);
  expect(sent.deliveries.map(({ fate }) => fate)).toEqual(['sent', 'copy', 'copy']);
  const last = client.events.at(-1);
  if (last) client.ack(last, 200);
  await clock.advanceBy(5);
  expect(sent.state).toBe('acknowledged');
});

test('fault duplicate_events with the same message id', async () => {
  const { clock, client, platform } = await connected();
  platform.inject({ fault: 'duplicate_events', messageId: 'same' });
  platform.send(messageEvent());
  await clock.advanceBy(5);
  expect(new Set(client.events.map((frame) => headersOf(frame).message_id)).size).toBe(1);
  expect(client.events).toHaveLength(2);
});

test('fault change_event_ids: a redelivery looks like another event', async () => {
  const { clock, client, platform } = await connected();
  platform.inject({ fault: 'change_event_ids' });
  const sent = platform.send(messageEvent());
  await clock.advanceBy(19_000);
  const [first, second] = client.eventIds;
  expect(first).toBe(sent.eventId);
  expect(second).not.toBe(sent.eventId);
  expect(sent.deliveries[1]?.eventId).toBe(second);
  expect(envelopeOf(client.events[1]).event).toEqual(sent.envelope.event);
});

test('fault large_ids: SeqID and LogID that no double can hold', async () => {
  const { clock, client, platform } = await connected();
  platform.inject({ fault: 'large_ids' });
  platform.send(messageEvent());
  platform.send(messageEvent());
  await clock.advanceBy(5);
  for (const { seqId, logId } of client.events) {
    expect(BigInt(Number(seqId))).not.toBe(seqId);
    expect(BigInt(Number(logId))).not.toBe(logId);
  }
  expect(new Set(client.events.map(({ seqId }) => seqId)).size).toBe(2);
});

test('fault glue_to_101: a new message comes in the same breath as the opening', async () => {
  const { clock, platform, visitor } = stage();
  platform.inject({ fault: 'glue_to_101', times: 1 });
  const client = visitor();
  client.dial(await client.ticket());
  const arrival = clock.now() + 10;
  client.acks = { code: 200 };
  await clock.advanceTo(arrival);
  expect(client.log).toEqual(['opened', 'message']);
  await clock.advanceBy(5);
  expect(platform.ledger.events).toMatchObject([{ state: 'acknowledged', deliveries: [{ fate: 'sent' }] }]);
});

test('fault glue_to_101: an event that waits for its next rung is taken first', async () => {
  const { clock, platform, visitor } = stage();
  const waiting = platform.send(messageEvent({ eventId: 'waiting' }));
  platform.inject({ fault: 'glue_to_101', times: 1 });
  const client = await visitor().connect();
  expect(client.log).toEqual(['opened', 'message']);
  expect(client.eventIds).toEqual(['waiting']);
  expect(waiting.deliveries.map(({ rung }) => rung)).toEqual([0, 1]);
  await clock.advanceBy(400_000);
  expect(waiting.deliveries.length).toBe(3);
});

test('fault backlog_on_connect: everything that waited comes at once', async () => {
  const { clock, platform, visitor } = stage();
  platform.inject({ fault: 'backlog_on_connect', times: 1 });
  for (const eventId of ['a', 'b', 'c']) platform.send(messageEvent({ eventId }));
  const client = await visitor().connect();
  await clock.advanceBy(10);
  expect(client.eventIds).toEqual(['a', 'b', 'c']);
});

test('fault replay_events: old acknowledged events come again, the youngest of them', async () => {
  const { clock, client, platform } = await connected();
  client.acks = { code: 200 };
  for (const eventId of ['a', 'b', 'c']) platform.send(messageEvent({ eventId }));
  await clock.advanceBy(10);
  platform.inject({ fault: 'replay_events', count: 2 });
  await clock.advanceBy(10);
  expect(client.eventIds).toEqual(['a', 'b', 'c', 'b', 'c']);
  expect(platform.ledger.summary).toMatchObject({ total: 3, acknowledged: 3 });
});

test('fault mute: the connection answers pings but its events vanish, until a reconnect', async () => {
  const { clock, client, platform, visitor } = await connected();
  platform.inject({ fault: 'mute' });
  const sent = platform.send(messageEvent());
  client.sendPing();
  await clock.advanceBy(10);
  expect([client.events.length, client.pongs.length]).toEqual([0, 1]);
  expect(sent.deliveries).toMatchObject([{ fate: 'swallowed', connectionId: client.id }]);
  client.socket?.close(1000, '', 1000);
  const fresh = await visitor().connect();
  await clock.advanceBy(18_000);
  expect(fresh.eventIds).toEqual([sent.eventId]);
});

test('fault mute counted as delivered: the event is gone for good', async () => {
  const { clock, client, platform } = await connected();
  platform.inject({ fault: 'mute', sockets: 'all', isCountedDelivered: true });
  const sent = platform.send(messageEvent());
  await clock.advanceBy(100_000);
  expect(sent).toMatchObject({ state: 'acknowledged', acks: [] });
  expect(client.events).toHaveLength(0);
});

test('fault dead_connection_kept: the dead keep their share for a while', async () => {
  const { clock, client, platform } = await connected();
  platform.inject({ fault: 'dead_connection_kept', keptMs: 60_000 });
  client.socket?.terminate();
  await clock.advanceBy(5);
  const early = platform.send(messageEvent());
  expect(early.deliveries).toMatchObject([{ fate: 'swallowed', connectionId: client.id }]);
  await clock.advanceBy(60_000);
  const late = platform.send(messageEvent());
  expect(late.deliveries).toMatchObject([{ fate: 'nobody_online' }]);
});
