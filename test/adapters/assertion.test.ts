import { expect, test } from 'vitest';
import { assertionOf } from '../../src/adapters/index.js';
import { learnSecret, redact, SecretError, type SignedAssertion } from '../../src/ports/index.js';
import { HandClock } from '../support/hand-clock.js';

const AUDIENCE = 'open.feishu.cn';
const VALUE = 'header.payload.signature';

const asked = (answer: unknown) =>
  assertionOf({ retrieveToken: async () => answer as SignedAssertion })(AUDIENCE).catch((error: unknown) => error);

test('an assertion is asked for its audience, and comes with the relay that it names, if it names one', async () => {
  const audiences: string[] = [];
  const source = assertionOf({
    retrieveToken: (audience) => {
      audiences.push(audience);
      return { value: VALUE };
    },
  });
  expect(await source(AUDIENCE)).toEqual({ value: VALUE, relayUrl: null });
  expect(audiences).toEqual([AUDIENCE]);
});

test.each([
  [{ targetService: 'relay.example' }, 'https://relay.example'],
  [
    { targetService: 'https://relay.example:8443/ignored', targetPrefix: '/eu//feishu/' },
    'https://relay.example:8443/eu/feishu',
  ],
  [{ targetService: 'https://relay.example', targetPrefix: 'eu' }, 'https://relay.example/eu'],
])('the relay %o is %s', async (targetInfo, relayUrl) => {
  expect(await asked({ value: VALUE, targetInfo })).toEqual({ value: VALUE, relayUrl });
});

test.each([
  ['nothing', undefined, 'gave no assertion'],
  ['an empty one', { value: '  ' }, 'gave no assertion'],
  ['another kind', { value: 7 }, 'gave no assertion'],
  ['a flood', { value: 'x'.repeat(65_537) }, 'gave more than 65536 characters'],
  ['a relay in clear text', { value: VALUE, targetInfo: { targetService: 'http://relay.example' } }, 'no https host'],
  ['a relay with a password', { value: VALUE, targetInfo: { targetService: 'https://u:p@relay' } }, 'no https host'],
  ['a relay that is none', { value: VALUE, targetInfo: { targetService: '::' } }, 'no https host'],
  [
    'a way out of its path',
    { value: VALUE, targetInfo: { targetService: 'r', targetPrefix: '/../x' } },
    'no plain path',
  ],
  [
    'an encoded way out',
    { value: VALUE, targetInfo: { targetService: 'r', targetPrefix: '/%2e%2e' } },
    'no plain path',
  ],
])('%s is a precise error that holds no assertion', async (_what, answer, words) => {
  const error = await asked(answer);
  expect(error).toBeInstanceOf(SecretError);
  expect(String(error)).toContain(words);
  expect(String(error)).not.toContain(VALUE);
});

test('F43: what a provider throws is told by its name alone', async () => {
  const source = assertionOf({
    retrieveToken: () => {
      throw new RangeError(`cannot sign ${VALUE}`);
    },
  });
  await expect(source(AUDIENCE)).rejects.toThrow(
    new SecretError('the clientAssertionProvider threw RangeError; call it by itself to see why'),
  );
});

test('F43: assertions, ever new ones, push no secret out that lasts', async () => {
  learnSecret('a-lasting-secret-of-ours');
  let count = 0;
  const source = assertionOf({ retrieveToken: () => ({ value: `an-assertion-of-ours-${count++}` }) });
  for (let round = 0; round < 10_000; round++) await source(AUDIENCE);
  expect(redact('a-lasting-secret-of-ours, an-assertion-of-ours-9999')).toBe('[redacted], [redacted]');
});

test('F26: a provider that never answers is given up after five seconds', async () => {
  const clock = new HandClock();
  const timer: HandClock['timer'] = (delayMs, fire) => clock.timer(delayMs, fire);
  const outcome = assertionOf({ retrieveToken: () => new Promise(() => {}) }, timer)(AUDIENCE).catch(String);
  await clock.advanceBy(5_000);
  expect(await outcome).toContain('did not answer within 5 s');
});
