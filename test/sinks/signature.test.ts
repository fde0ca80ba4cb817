import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signingKeyOf, signWebhook, verifyWebhook } from '../../src/sinks/signature.js';

// The vector of the reference implementation, libraries/javascript of standard-webhooks.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const AT = 1_614_265_330;
const BODY = '{"test": 2432232314}';
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

const HEADERS = { 'webhook-id': ID, 'webhook-timestamp': String(AT), 'webhook-signature': SIGNATURE };
const verify = (changes: Partial<Parameters<typeof verifyWebhook>[0]> = {}) =>
  verifyWebhook({ secrets: [SECRET], headers: HEADERS, body: BODY, nowMs: AT * 1_000, ...changes });

test('the signature is the one of the reference implementation', () => {
  expect(signWebhook(signingKeyOf(SECRET), ID, AT, BODY)).toEqual(HEADERS);
  expect(verify()).toBe(true);
  expect(verify({ body: new TextEncoder().encode(BODY) })).toBe(true);
});

test('one byte more or less anywhere is another webhook', () => {
  expect(verify({ body: `${BODY} ` })).toBe(false);
  expect(verify({ headers: { ...HEADERS, 'webhook-id': `${ID}x` } })).toBe(false);
  expect(verify({ headers: { ...HEADERS, 'webhook-timestamp': String(AT + 1) } })).toBe(false);
  expect(verify({ headers: { ...HEADERS, 'webhook-signature': SIGNATURE.slice(0, -4) } })).toBe(false);
  expect(verify({ headers: { ...HEADERS, 'webhook-signature': SIGNATURE.replace('v1', 'v1a') } })).toBe(false);
  expect(verify({ secrets: ['a secret of somebody else entirely'] })).toBe(false);
});

test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s nothing is verified', (name) => {
  expect(verify({ headers: { ...HEADERS, [name]: undefined } })).toBe(false);
  expect(verify({ headers: { ...HEADERS, [name]: '' } })).toBe(false);
});

test('five minutes are the longest that a recorded webhook can be played again', () => {
  expect(verify({ nowMs: (AT + 300) * 1_000 })).toBe(true);
  expect(verify({ nowMs: (AT + 301) * 1_000 })).toBe(false);
  expect(verify({ nowMs: (AT - 301) * 1_000 })).toBe(false);
  expect(verify({ nowMs: (AT + 301) * 1_000, toleranceSeconds: 400 })).toBe(true);
  expect(verify({ headers: { ...HEADERS, 'webhook-timestamp': 'soon' } })).toBe(false);
});

test('while a secret is replaced, either one verifies, and one of several signatures is enough', () => {
  expect(verify({ secrets: [`whsec_${randomBytes(32).toString('base64')}`, SECRET] })).toBe(true);
  const several = `v1,bm8gc2lnbmF0dXJl v2,${SIGNATURE} ${SIGNATURE}`;
  expect(verify({ headers: { ...HEADERS, 'webhook-signature': several } })).toBe(true);
});

test('a secret is base64 after whsec_, plain text otherwise, and never short', () => {
  expect(signingKeyOf(SECRET)).toHaveLength(24);
  expect(signingKeyOf('just a text of more than 24 bytes')).toHaveLength(33);
  for (const short of ['', 'whsec_AAAA', 'whsec_', 'short', 'whsec_not base64 at all, whatever it says']) {
    expect(() => signingKeyOf(short)).toThrow(RangeError);
  }
  expect(() => signingKeyOf('hunter2')).toThrow(/7 bytes/);
  expect(() => signingKeyOf('hunter2')).not.toThrow(/hunter2/);
});

test('whatever is signed is verified (fast-check, seed 1)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uint8Array({ minLength: 24, maxLength: 64 }), (body, key) => {
      const secret = `whsec_${Buffer.from(key).toString('base64')}`;
      const headers = { ...signWebhook(signingKeyOf(secret), ID, AT, body) };
      return verifyWebhook({ secrets: [secret], headers, body, nowMs: AT * 1_000 });
    }),
    { seed: 1, numRuns: 200 },
  );
});
