import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EnvelopeError, parseEnvelope } from '../../src/wire/index.js';
import { vector } from './vectors.js';

const SEED = 20260706;

test('a message event of version 2.0', () => {
  const envelope = parseEnvelope(payloadOf('event_single'));
  expect(envelope).toMatchObject({
    schema: '2.0',
    id: '5e3702a84e847582be8db7fb73283c02',
    type: 'im.message.receive_v1',
    createTime: 1_767_225_600_000,
    appId: 'cli_a1b2c3d4e5f60718',
    tenantKey: '2ca1d211f64f6438',
    data: { message: { content: '{"text":"你好, world"}' } },
  });
  expect(envelope.raw.event).toBe(envelope.data);
});

test('a card press, whose create time is in microseconds', () => {
  expect(parseEnvelope(payloadOf('card_event'))).toMatchObject({
    id: 'f7984f25108f8137722bb63c1ee927e6',
    type: 'card.action.trigger',
    createTime: 1_767_225_600_456,
  });
});

test('an event of version 1.0, whose time is in seconds with a fraction', () => {
  const event = { type: 'message', app_id: 'cli_a', tenant_key: 'k', open_id: 'ou_1' };
  const raw = { ts: '1502199207.7171419', uuid: 'bc447199585340d1f3728d26b1c0297a', type: 'event_callback', event };
  expect(parse(raw)).toEqual({
    schema: '1.0',
    id: 'bc447199585340d1f3728d26b1c0297a',
    type: 'message',
    createTime: 1_502_199_207_717,
    appId: 'cli_a',
    tenantKey: 'k',
    data: event,
    raw,
  });
});

test.each([
  ['1767225600', 1_767_225_600_000],
  ['1767225600123', 1_767_225_600_123],
  ['1767225600123999', 1_767_225_600_123],
  [1_767_225_600_123, 1_767_225_600_123],
  ['1767225600.5', 1_767_225_600_500],
  ['', null],
  ['0', null],
  ['yesterday', null],
  ['-1767225600123', null],
  ['1767225600123.5', null],
  ['17672256001234567890', null],
  [undefined, null],
  [null, null],
  [{}, null],
])('create time %j is %j', (create_time, createTime) => {
  expect(parse({ schema: '2.0', header: { event_id: 'e', event_type: 't', create_time }, event: {} }).createTime).toBe(
    createTime,
  );
});

test('what is not needed to handle an event may be missing', () => {
  expect(parse({ schema: '2.0', header: { event_id: 'e', event_type: 't', app_id: 7 } })).toMatchObject({
    createTime: null,
    appId: '',
    tenantKey: '',
    data: {},
  });
  expect(parse({ schema: '2.0', header: { event_id: 'e', event_type: 't' }, event: null }).data).toEqual({});
});

test('a byte order mark before the JSON does no harm', () => {
  const text = '\ufeff{"schema":"2.0","header":{"event_id":"e","event_type":"t"},"event":{}}';
  expect(parseEnvelope(bytes(text)).id).toBe('e');
});

test.each([
  ['', 'the payload is empty'],
  ['<html>', 'the payload is not JSON: it breaks at character 0 of 6 characters'],
  ['{"schema":"2.0","header":{"eve', 'the payload is not JSON: it ends too early, after 30 characters'],
  ['{"schema":', 'the payload is not JSON: it ends too early, after 10 characters'],
  ['{"schema":"2.0","header":secret}', 'the payload is not JSON: it breaks at character 25 of 32 characters'],
  ['{"schema":"2.0"}}', 'the payload is not JSON: it breaks at character 16 of 17 characters'],
  ['null', 'the payload is JSON but no object: null'],
  ['[{}]', 'the payload is JSON but no object: array'],
  ['"event"', 'the payload is JSON but no object: string'],
  ['{}', 'the envelope has neither schema (version 2.0) nor uuid (version 1.0)'],
  [
    '{"type":"url_verification","challenge":"c"}',
    'the envelope has neither schema (version 2.0) nor uuid (version 1.0)',
  ],
  ['{"__proto__":{"uuid":"u"}}', 'the envelope has neither schema (version 2.0) nor uuid (version 1.0)'],
  ['{"encrypt":"q83v"}', 'the envelope is encrypted; encrypted envelopes exist for HTTP push only, not on this path'],
  ['{"schema":"2.0"}', 'the envelope has no header'],
  ['{"schema":"2.0","header":[]}', 'header of the envelope is no object: array'],
  ['{"schema":"2.0","header":null}', 'header of the envelope is no object: null'],
  ['{"schema":"2.0","header":{"event_type":"t"}}', 'the envelope has no header.event_id'],
  ['{"schema":"2.0","header":{"event_id":"","event_type":"t"}}', 'header.event_id of the envelope is empty'],
  ['{"schema":"2.0","header":{"event_id":7,"event_type":"t"}}', 'header.event_id of the envelope is no string: number'],
  ['{"schema":"2.0","header":{"event_id":"e"}}', 'the envelope has no header.event_type'],
  [
    '{"schema":"2.0","header":{"event_id":"e","event_type":"t"},"event":[]}',
    'event of the envelope is no object: array',
  ],
  ['{"uuid":"u"}', 'the envelope has no event'],
  ['{"uuid":"","event":{"type":"t"}}', 'uuid of the envelope is empty'],
  ['{"uuid":"u","event":{}}', 'the envelope has no event.type'],
  ['{"uuid":"u","event":"x"}', 'event of the envelope is no object: string'],
])('%s is no event', (payload, message) => {
  expect(() => parseEnvelope(bytes(payload))).toThrow(new EnvelopeError(message));
});

test('the vector without event_id is no event: it could not be told from its own repeat', () => {
  expect(() => parseEnvelope(payloadOf('event_uint64_ids'))).toThrow(
    new EnvelopeError('the envelope has no header.event_id'),
  );
});

test('a payload cut inside a character is not UTF-8', () => {
  const fragment = payloadOf('event_fragment_2_of_3');
  expect(() => parseEnvelope(fragment)).toThrow(
    new EnvelopeError(`the payload is not UTF-8 (${fragment.length} bytes)`),
  );
});

test('a member named __proto__ reaches nobody else', () => {
  const text =
    '{"schema":"2.0","__proto__":{"polluted":1},"header":{"event_id":"e","event_type":"t","__proto__":{"app_id":"x"}},"event":{"__proto__":{"polluted":1}}}';
  const envelope = parseEnvelope(bytes(text));
  expect(envelope.appId).toBe('');
  expect(Object.getPrototypeOf(envelope.data)).toBe(Object.prototype);
  expect(Object.hasOwn(envelope.data, '__proto__')).toBe(true);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('an error quotes nothing of the payload, wherever it breaks', () => {
  const whole = new TextDecoder().decode(payloadOf('event_single'));
  for (let at = 0; at < whole.length; at += 7) {
    const broken = `${whole.slice(0, at)}\u0000SECRET${whole.slice(at)}`;
    const error = errorOf(() => parseEnvelope(bytes(broken)));
    expect(error).toBeInstanceOf(EnvelopeError);
    expect(String(error)).not.toContain('SECRET');
    expect((error as EnvelopeError).cause).toBeUndefined();
  }
});

test('a long payload that breaks is told without a search for the place', () => {
  const text = `[${'1,'.repeat(40_000)}x]`;
  // Newer engines name the place themselves.
  expect(() => parseEnvelope(bytes(text))).toThrow(
    /JSON: it breaks (somewhere in|at character 80001 of) 80003 characters$/,
  );
});

test('no payload throws anything but EnvelopeError', () => {
  const member = fc.oneof(fc.jsonValue(), fc.constantFrom({ event_id: 'e' }, { event_id: 'e', event_type: 't' }));
  const envelope = fc.record(
    { schema: member, uuid: fc.oneof(fc.string(), member), header: member, event: member },
    { requiredKeys: [] },
  );
  const payload = fc.oneof(
    fc.uint8Array(),
    fc.json().map(bytes),
    envelope.map((value) => bytes(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(payload, (noise) => {
      const error = errorOf(() => {
        const { id, type } = parseEnvelope(noise);
        expect(id).not.toBe('');
        expect(type).not.toBe('');
      });
      if (error !== undefined) expect(error).toBeInstanceOf(EnvelopeError);
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});

test('where JSON breaks is found for any damage', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), (json, where) => {
      const at = where % (json.length + 1);
      const error = errorOf(() => parseEnvelope(bytes(`${json.slice(0, at)}\u0001${json.slice(at)}`)));
      // A control character is legal nowhere in JSON, so it is the fault itself, or what follows a complete value.
      expect(String(error)).toBe(
        `EnvelopeError: the payload is not JSON: it breaks at character ${at} of ${json.length + 1} characters`,
      );
    }),
    { seed: SEED, numRuns: 500 },
  );
});

function parse(envelope: unknown) {
  return parseEnvelope(bytes(JSON.stringify(envelope)));
}

function payloadOf(name: string): Uint8Array {
  const { payload } = vector(name).frame;
  if (payload === undefined) throw new Error(`${name} has no payload`);
  return payload;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}
