import { expect, test } from 'vitest';
import { cardActionEvent, customEvent, DEFAULT_APP, messageEvent, version1Event } from '../../src/simulator/index.js';
import { envelopeOf, headersOf, stage } from './stage.js';

const HOUR_MS = 3_600_000;

test('an event is one data frame with all the headers that any SDK asks for', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  await clock.advanceBy(10);
  const sent = platform.send(messageEvent({ text: '你好' }));
  await clock.advanceBy(5);
  const [frame] = client.events;
  expect(frame).toMatchObject({ method: 1, service: Number(new URL(client.url).searchParams.get('service_id')) });
  expect(frame && headersOf(frame)).toEqual({
    type: 'event',
    message_id: sent.deliveries[0]?.messageId,
    sum: '1',
    seq: '0',
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    timestamp: String(sent.sentWallAt),
  });
  expect(envelopeOf(frame)).toEqual(sent.envelope);
});

test('the first data frame waits until 10 ms after the upgrade', async () => {
  const { clock, platform, visitor } = stage();
  const client = visitor();
  client.dial(await client.ticket());
  await clock.advanceBy(5);
  platform.send(messageEvent());
  await clock.advanceBy(14);
  expect(client.log).toEqual(['opened']);
  await clock.advanceBy(1);
  expect(client.log).toEqual(['opened', 'message']);
});

test('an acknowledged event is done', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  client.acks = { code: 200 };
  await clock.advanceBy(10);
  const sent = platform.send(messageEvent());
  await clock.advanceBy(24 * HOUR_MS);
  expect(sent).toMatchObject({ state: 'acknowledged', settledAt: sent.sentAt + 10, result: null });
  expect(sent.deliveries).toHaveLength(1);
  expect(sent.acks).toMatchObject([{ code: 200, latencyMs: 10, isLate: false, connectionId: client.id, bizRtMs: 1 }]);
});

test('an event that nobody acknowledges comes again after 15 s, 5 min, 1 h and 6 h, and then no more', async () => {
  const { clock, platform, visitor } = stage({ missedPingLimit: null });
  const client = await visitor().connect();
  await clock.advanceBy(10);
  const sent = platform.send(messageEvent());
  await clock.advanceBy(24 * HOUR_MS);
  const ats = sent.deliveries.map(({ at }) => at - sent.sentAt);
  expect(ats).toEqual([0, 18_000, 321_000, 3_924_000, 25_527_000]);
  expect(sent.deliveries.map(({ rung }) => rung)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(sent.deliveries.map(({ messageId }) => messageId)).size).toBe(5);
  expect(new Set(client.eventIds)).toEqual(new Set([sent.eventId]));
  expect(sent).toMatchObject({ state: 'exhausted', settledAt: sent.sentAt + 25_530_000 });
});

test('code 500 starts the pause at once instead of after the deadline', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  client.acks = { code: 500 };
  await clock.advanceBy(10);
  const sent = platform.send(messageEvent());
  await clock.advanceBy(15_009);
  expect(sent.deliveries).toHaveLength(1);
  await clock.advanceBy(1);
  expect(sent.deliveries).toHaveLength(2);
});

test('an acknowledgement after 3 s is written down but changes nothing', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  await clock.advanceBy(10);
  const sent = platform.send(messageEvent());
  await clock.advanceBy(2996);
  const [frame] = client.events;
  if (frame) client.ack(frame, 200);
  await clock.advanceBy(5);
  expect(sent.acks).toMatchObject([{ isLate: true, latencyMs: 3001 }]);
  expect(sent.state).toBe('pending');
  await clock.advanceBy(15_000);
  expect(sent.deliveries).toHaveLength(2);
});

test('an acknowledgement counts on any connection of the app, and on none of another app', async () => {
  const other = { appId: 'cli_00000000000000ff', appSecret: 'other' };
  const { clock, platform, visitor } = stage({ apps: [DEFAULT_APP, other] });
  const first = await visitor().connect();
  await clock.advanceBy(10);
  const sent = platform.send(messageEvent());
  await clock.advanceBy(5);
  const [frame] = first.events;
  if (!frame) throw new Error('the event did not come');
  first.socket?.terminate();
  const stranger = await visitor(other).connect();
  stranger.ack(frame, 200);
  await clock.advanceBy(5);
  expect(sent.state).toBe('pending');
  const second = await visitor().connect();
  second.ack(frame, 200);
  await clock.advanceBy(5);
  expect(sent.state).toBe('acknowledged');
  expect(sent.acks).toMatchObject([{ connectionId: second.id }]);
});

test('an acknowledgement of nothing known is counted and harmless', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  const headers = [{ key: 'message_id', value: 'unheard-of' }];
  client.ack({ seqId: 0n, logId: 0n, service: 1, method: 1, headers }, 200);
  await clock.advanceBy(5);
  expect(platform.traffic.recent('ack')).toMatchObject([{ outcome: 'unknown_message' }]);
});

test('every event goes to one connection, chosen at random, with equal chances', async () => {
  const { clock, platform, visitor } = stage();
  const clients = [await visitor().connect(), await visitor().connect(), await visitor().connect()];
  for (const client of clients) client.acks = { code: 200 };
  await clock.advanceBy(10);
  for (let count = 0; count < 900; count++) platform.send(messageEvent());
  await clock.advanceBy(100);
  const shares = clients.map((client) => client.events.length);
  expect(shares.reduce((sum, share) => sum + share)).toBe(900);
  for (const share of shares) expect(share).toBeGreaterThan(240);
});

test('events of one app never reach another', async () => {
  const other = { appId: 'cli_00000000000000ff', appSecret: 'other' };
  const { clock, platform, visitor } = stage({ apps: [DEFAULT_APP, other] });
  const [mine, theirs] = [await visitor().connect(), await visitor(other).connect()];
  await clock.advanceBy(10);
  platform.send(messageEvent(), { appId: other.appId });
  await clock.advanceBy(10);
  expect([mine.events.length, theirs.events.length]).toEqual([0, 1]);
  expect(envelopeOf(theirs.events[0]).header.app_id).toBe(other.appId);
  expect(() => platform.send(messageEvent(), { appId: 'cli_0' })).toThrow('there is no app cli_0');
});

test('with nobody online the rung is spent and the ladder goes on', async () => {
  const { clock, platform, visitor } = stage();
  const sent = platform.send(messageEvent());
  expect(sent.deliveries).toMatchObject([{ fate: 'nobody_online', connectionId: null }]);
  const client = await visitor().connect();
  client.acks = { code: 200 };
  await clock.advanceTo(15_020);
  expect(sent.state).toBe('acknowledged');
  expect(sent.deliveries.map(({ fate }) => fate)).toEqual(['nobody_online', 'sent']);
});

test('with nobody online for seven hours the event is lost', async () => {
  const { clock, platform } = stage();
  const sent = platform.send(messageEvent());
  await clock.advanceBy(8 * HOUR_MS);
  expect(sent.state).toBe('exhausted');
  expect(sent.deliveries.map(({ at }) => at)).toEqual([0, 15_000, 315_000, 3_915_000, 25_515_000]);
});

test('told so, the platform gives an event up when nobody is online', async () => {
  const { platform } = stage({ whenNobodyOnline: 'lost' });
  expect(platform.send(messageEvent())).toMatchObject({ state: 'exhausted' });
});

test('the ladder can be made short', async () => {
  const { clock, platform } = stage({ redeliveryScale: 0.001 });
  const sent = platform.send(messageEvent());
  await clock.advanceBy(30_000);
  expect(sent.deliveries.map(({ at }) => at)).toEqual([0, 15, 315, 3915, 25_515]);
});

test("a callback's answer is written down", async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  const result = { toast: { type: 'success', content: '卡片交互成功' } };
  client.acks = { code: 200, result };
  await clock.advanceBy(10);
  const sent = platform.send(cardActionEvent());
  await clock.advanceBy(10);
  expect(sent).toMatchObject({ kind: 'callback', state: 'acknowledged', result });
});

test('a callback is never delivered again', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  await clock.advanceBy(10);
  const silent = platform.send(cardActionEvent());
  await clock.advanceBy(2999);
  expect(silent.state).toBe('pending');
  await clock.advanceBy(1);
  expect(silent.state).toBe('timed_out');
  client.acks = { code: 500 };
  const failed = platform.send(cardActionEvent());
  await clock.advanceBy(10);
  expect(failed).toMatchObject({ state: 'exhausted', acks: [{ code: 500 }] });
  client.socket?.terminate();
  await clock.advanceBy(10);
  expect(platform.send(cardActionEvent())).toMatchObject({ state: 'timed_out' });
  await clock.advanceBy(24 * HOUR_MS);
  expect(client.events).toHaveLength(2);
});

test('version 1.0 events and events of any type travel too', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  await clock.advanceBy(10);
  expect(platform.send(version1Event({ uuid: 'u-1' }))).toMatchObject({ eventId: 'u-1', eventType: 'message' });
  expect(platform.send(customEvent('drive.file.edit_v1', { file: 1 }))).toMatchObject({
    eventType: 'drive.file.edit_v1',
  });
  await clock.advanceBy(5);
  expect(client.events).toHaveLength(2);
  expect(envelopeOf(client.events[0])).not.toHaveProperty('schema');
  expect(envelopeOf(client.events[1])).toMatchObject({ schema: '2.0', event: { file: 1 } });
});

test('an envelope without id or type is refused', () => {
  const { platform } = stage();
  expect(() => platform.send({ schema: '2.0', header: { event_type: 'x' } })).toThrow('header.event_id');
  expect(() => platform.send({ schema: '2.0', header: { event_id: 'x' } })).toThrow('header.event_type');
  expect(() => platform.send({ event: { type: 'x' } })).toThrow('uuid');
  expect(() => platform.send({ uuid: 'x' })).toThrow('event.type');
  expect(platform.ledger.summary.total).toBe(0);
});

test('an event of more than 512 KiB comes in fragments of its own accord, all below 1 MiB', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  await clock.advanceBy(10);
  platform.send(messageEvent({ text: '字'.repeat(500_000) }));
  await clock.advanceBy(1000);
  expect(client.events.map((frame) => headersOf(frame).seq)).toEqual(['0', '1', '2']);
  for (const frame of client.events) expect(frame.payload?.length).toBeLessThan(1_000_000);
});
