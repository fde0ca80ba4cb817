import { expect, test } from 'vitest';
import { decodeFrame, headerOf, parseEnvelope } from '../../src/wire/index.js';

// The parts of the bench are plain JavaScript, so their types are said here.
interface Ledger {
  readonly openCount: number;
  sent(number: number, now: number): void;
  acked(number: number, now: number): void;
  begin(now: number): void;
  end(now: number): { readonly eventsPerSecond: number; readonly ackP50Ms: number; readonly ackP99Ms: number };
}
interface EventFrames {
  readonly last: number;
  take(count: number): Buffer;
}
interface ClientLine {
  read(chunk: Buffer, take: (opcode: number, payload: Buffer) => void): void;
}

async function part<Part>(file: string): Promise<Part> {
  return (await import(new URL(`../../bench/throughput/${file}`, import.meta.url).href)) as Part;
}
const { Ledger } = await part<{ Ledger: new () => Ledger }>('ledger.mjs');
const { ClientLine } = await part<{ ClientLine: new () => ClientLine }>('client-line.mjs');
const { EventFrames, numberOf } = await part<{
  EventFrames: new () => EventFrames;
  numberOf(ack: Uint8Array): number | null;
}>('event-frames.mjs');

const HEAD_BYTES = 4;

function payloadsOf(frames: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const length = frames.readUInt16BE(at + 2);
    payloads.push(frames.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length));
    at += HEAD_BYTES + length;
  }
  return payloads;
}

test('every event is of 1,024 bytes and has ids that no other has, so that deduplication works as it does in earnest', () => {
  const frames = new EventFrames();
  const earliest = Date.now();
  const taken = [...payloadsOf(frames.take(3)), ...payloadsOf(frames.take(250))].map((bytes) => ({
    bytes,
    frame: decodeFrame(bytes),
  }));
  const ids = taken.map(({ frame }) => {
    const payload = frame.payload ?? new Uint8Array();
    expect(payload).toHaveLength(1_024);
    const { id, data, createTime } = parseEnvelope(payload);
    // Just now, or it would count as a redelivery.
    expect(createTime).toBeGreaterThanOrEqual(earliest);
    const { message_id: message, chat_id: chat } = data.message as Record<string, string>;
    return { id, message, chat, frame: headerOf(frame, 'message_id'), trace: headerOf(frame, 'trace_id') };
  });
  for (const name of ['id', 'message', 'frame', 'trace'] as const) {
    expect(new Set(ids.map((each) => each[name])).size).toBe(253);
  }
  expect(new Set(ids.map(({ chat }) => chat)).size).toBe(100);
  expect(taken.map(({ bytes }) => numberOf(bytes))).toEqual(Array.from({ length: 253 }, (_, index) => index + 1));
  expect(frames.last).toBe(253);
});

test('a frame that repeats no event frame has no number', () => {
  expect(numberOf(Buffer.from('ping'))).toBeNull();
});

test('the ledger refuses an ack for what was never sent, and a second one for the same event', () => {
  const ledger = new Ledger();
  ledger.sent(1, 0);
  expect(() => ledger.acked(2, 1)).toThrow('an ack for event 2, which is not open');
  ledger.acked(1, 1);
  expect(() => ledger.acked(1, 2)).toThrow('an ack for event 1, which is not open');
  expect(ledger.openCount).toBe(0);
});

test('an event that is forgotten while 65,536 others pass is found out', () => {
  const ledger = new Ledger();
  ledger.sent(1, 0);
  expect(() => ledger.sent(65_537, 1)).toThrow('event 1 is unacknowledged at event 65537');
});

test('rates and latencies are of what was acknowledged while it measured', () => {
  const ledger = new Ledger();
  for (let number = 1; number <= 101; number += 1) ledger.sent(number, 0);
  ledger.acked(101, 1_000);
  ledger.begin(1_000);
  for (let number = 1; number <= 100; number += 1) ledger.acked(number, number === 100 ? 5_000 : 1_010);
  const { eventsPerSecond, ackP50Ms, ackP99Ms } = ledger.end(3_000);
  expect(eventsPerSecond).toBe(50);
  expect(ackP50Ms).toBeCloseTo(1_010, 1);
  expect(ackP99Ms).toBeCloseTo(1_010, 1);
});

test('latencies past the longest that is told apart share one step', () => {
  const ledger = new Ledger();
  ledger.begin(0);
  ledger.sent(1, 0);
  ledger.acked(1, 90_000);
  expect(ledger.end(90_000)).toMatchObject({ ackP50Ms: 20_000, ackP99Ms: 20_000 });
});

function masked(opcode: number, payload: string): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const { length } = payload;
  const head = length < 126 ? [0x80 | length] : [0x80 | 126, length >>> 8, length & 0xff];
  const body = Buffer.from(payload).map((byte, index) => byte ^ (mask[index & 3] ?? 0));
  return Buffer.concat([Buffer.from([0x80 | opcode, ...head]), mask, body]);
}

test('frames of a client are read however their bytes are cut', () => {
  const sent: [number, string][] = [
    [2, 'an ack'],
    [9, ''],
    [2, 'x'.repeat(300)],
    [8, 'bye'],
  ];
  const bytes = Buffer.concat(sent.map(([opcode, payload]) => masked(opcode, payload)));
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const line = new ClientLine();
    const read: [number, string][] = [];
    for (const chunk of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      line.read(Buffer.from(chunk), (opcode, payload) => read.push([opcode, payload.toString()]));
    }
    expect(read).toEqual(sent);
  }
});

test('a frame that is not masked, or not whole, breaks the run instead of being misread', () => {
  const refused = 'a WebSocket frame that is fragmented, unmasked or huge';
  expect(() => new ClientLine().read(Buffer.from([0x82, 0x01, 0x00]), () => {})).toThrow(refused);
  expect(() => new ClientLine().read(Buffer.from([0x02, 0x81, 0, 0, 0, 0, 0]), () => {})).toThrow(refused);
});
