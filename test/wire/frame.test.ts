import { expect, test } from 'vitest';
import { encodeFrame, frameTypeOf, headerOf, pingFrame, pongFrame } from '../../src/wire/index.js';
import { vector } from './vectors.js';

test('a ping is the one that the Node, Python and Java SDKs send', () => {
  expect(encodeFrame(pingFrame(33_554_678))).toEqual(vector('ping').bytes);
});

test('a pong with pacing and one without are the ones that the platform sends', () => {
  const ping = vector('ping').frame;
  const config = '{"ReconnectCount":-1,"ReconnectInterval":120,"ReconnectNonce":30,"PingInterval":120}';
  expect(encodeFrame(pongFrame(ping, config))).toEqual(vector('pong_with_config').bytes);
  expect(encodeFrame(pongFrame(ping))).toEqual(vector('pong_without_payload').bytes);
});

test('of a repeated header the last one counts, as in the maps of the SDKs', () => {
  const frame = { ...pingFrame(1), headers: [header('seq', '0'), header('sum', '1'), header('seq', '2')] };
  expect(headerOf(frame, 'seq')).toBe('2');
  expect(headerOf(frame, 'sum')).toBe('1');
  expect(headerOf(frame, 'toString')).toBeUndefined();
});

test.each(['ping', 'pong', 'event', 'card'])('a frame of type %s says so', (type) => {
  expect(frameTypeOf({ ...pingFrame(1), headers: [header('type', type)] })).toBe(type);
});

test('a frame without type, or of one nobody knows, is unknown', () => {
  expect(frameTypeOf({ ...pingFrame(1), headers: [] })).toBe('unknown');
  expect(frameTypeOf({ ...pingFrame(1), headers: [header('type', 'EVENT')] })).toBe('unknown');
});

function header(key: string, value: string) {
  return { key, value };
}
