import { expect, test } from 'vitest';
import { judgeScopes, judgeSubscription } from '../../src/doctor/console-checks.js';

test('scopes that bring messages and read the history are fine', () => {
  expect(judgeScopes(['contact:user.base:readonly', 'im:message.p2p_msg:readonly', 'im:message:readonly'], [])).toEqual(
    {
      result: 'ok',
      evidence: '3 granted: im:message.p2p_msg:readonly, im:message:readonly, contact:user.base:readonly',
      advice: null,
      ageMs: null,
      tookMs: null,
    },
  );
});

test.each<[string, string[], string[], RegExp, RegExp]>([
  ['none at all', [], [], /^0 granted; none of them brings messages$/, /Permissions:/],
  ['none for messages', ['im:chat'], [], /none of them brings messages$/, /Version:/],
  ['one that waits', ['im:message'], ['im:chat'], /asked for and not granted: im:chat$/, /Version:/],
  ['none that reads', ['im:message.p2p_msg'], [], /none of them reads the history$/, /im:message:readonly/],
])('F10: %s is a warning', (_what, granted, waiting, evidence, advice) => {
  expect(judgeScopes(granted, waiting)).toMatchObject({
    result: 'warn',
    evidence: expect.stringMatching(evidence),
    advice: expect.stringMatching(advice),
  });
});

test('of many scopes some are shown, those of messages first', () => {
  const many = Array.from({ length: 20 }, (_none, index) => `drive:file.${index}`);
  expect(judgeScopes([...many, 'im:message'], []).evidence).toMatch(/^21 granted: im:message, .* and 13 more$/);
});

const GOOD = { mode: 'websocket', events: ['im.message.receive_v1'], callbackMode: 'websocket', callbacks: [] };

test('a subscription by long connection with events is fine', () => {
  expect(judgeSubscription(GOOD)).toMatchObject({
    result: 'ok',
    evidence: 'events go to websocket; added: im.message.receive_v1',
  });
  expect(judgeSubscription({ ...GOOD, mode: null, events: null }).result).toBe('ok');
});

test('F10: events that go to a webhook, and no events at all, are failures: connected and deaf by design', () => {
  expect(judgeSubscription({ ...GOOD, mode: 'webhook' })).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining('a webhook gets them'),
    advice: expect.stringContaining('long connection, not a request URL'),
  });
  expect(judgeSubscription({ ...GOOD, events: [] })).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining('deaf by design'),
    advice: expect.stringContaining('im.message.receive_v1'),
  });
});

test('callbacks that go elsewhere are a warning, and those that nobody added are none', () => {
  const elsewhere = { ...GOOD, callbackMode: 'webhook' };
  expect(judgeSubscription({ ...elsewhere, callbacks: ['card.action.trigger'] })).toMatchObject({
    result: 'warn',
    advice: expect.stringContaining('card actions'),
  });
  expect(judgeSubscription(elsewhere).result).toBe('ok');
});
