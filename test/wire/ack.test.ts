import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  AckError,
  ackBytes,
  ackFrame,
  decodeFrame,
  encodeFrame,
  type Frame,
  headerOf,
  METHOD,
  parseAck,
  withoutPayload,
} from '../../src/wire/index.js';
import { unhex, VECTORS, vector } from './vectors.js';

const EVENT = vector('event_single').frame;

test.each([
  ['event_single_ack_200', 'event_single', { code: 200, handlingMs: 12 }],
  ['event_single_ack_500', 'event_single', { code: 500, handlingMs: 12 }],
  ['event_fragments_ack_200', 'event_fragment_3_of_3', { code: 200, handlingMs: 15 }],
  [
    'card_event_ack_200_with_data',
    'card_event',
    { code: 200, handlingMs: 8, result: { toast: { type: 'success', content: '卡片交互成功' } } },
  ],
] as const)('the answer is %s to the byte', (answer, question, content) => {
  expect(encodeFrame(ackFrame(vector(question).frame, content))).toEqual(vector(answer).bytes);
  expect(hex(ackBytes(decodeFrame(vector(question).bytes), content))).toBe(hex(vector(answer).bytes));
});

const DATA_VECTORS = VECTORS.filter(({ frame }) => frame.method === METHOD.data);

test.each(DATA_VECTORS)(
  '$name is answered with the bytes that came, as if each field had been written anew',
  ({ bytes }) => {
    const frame = decodeFrame(bytes);
    expect(frame.shell).toBeDefined();
    for (const result of [undefined, { toast: { content: '好'.repeat(100) } }]) {
      const answer = { code: 200, result, handlingMs: 1_234 } as const;
      expect(hex(ackBytes(frame, answer))).toBe(hex(encodeFrame(ackFrame(frame, answer))));
    }
  },
);

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('é'.repeat(200), '\ufeff中文'));
const dataFrames = fc.record<Frame>(
  {
    seqId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    logId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    service: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    method: fc.constant(METHOD.data),
    headers: fc.array(fc.record({ key: text, value: text }), { maxLength: 5 }),
    payloadEncoding: text,
    payloadType: text,
    payload: fc.uint8Array({ maxLength: 300 }),
    logIdNew: text,
  },
  { requiredKeys: ['seqId', 'logId', 'service', 'method', 'headers'], noNullPrototype: true },
);

test('whatever a frame holds, both ways to its ack lead to the same bytes (seed 20261123)', () => {
  fc.assert(
    fc.property(
      dataFrames,
      fc.constantFrom(200, 500),
      fc.integer({ min: -5, max: 10 ** 8 }),
      (sent, code, handlingMs) => {
        const frame = decodeFrame(encodeFrame(sent));
        expect(frame.shell).toBeDefined();
        const answer = { code, handlingMs } as const;
        expect(hex(ackBytes(withoutPayload(frame), answer))).toBe(hex(encodeFrame(ackFrame(sent, answer))));
      },
    ),
    { seed: 20261123, numRuns: 500 },
  );
});

const HEADER = '2a06 0a016b 120176';
const PAYLOAD = '4201 7b';

test.each([
  ['a header behind the payload', `0801 1002 1803 2001 ${PAYLOAD} ${HEADER}`],
  ['the numbers behind the headers', `${HEADER} 0801 1002 1803 2001 ${PAYLOAD}`],
  ['a number twice', `0801 0801 1002 1803 2001 ${HEADER} ${PAYLOAD}`],
  ['two payloads', `0801 1002 1803 2001 ${HEADER} ${PAYLOAD} ${PAYLOAD}`],
  ['an unknown field at the end', `0801 1002 1803 2001 ${HEADER} ${PAYLOAD} 5001`],
])('what came in an unusual order is written anew, in the usual one: %s', (_, digits) => {
  const frame = decodeFrame(unhex(digits));
  expect(frame.shell).toBeUndefined();
  const usual = decodeFrame(unhex(`0801 1002 1803 2001 ${HEADER} ${PAYLOAD}`));
  const answer = { code: 200, handlingMs: 7 } as const;
  expect(hex(ackBytes(frame, answer))).toBe(hex(ackBytes(usual, answer)));
});

test('ids that a double cannot hold come back unchanged', () => {
  const ack = ackFrame(vector('event_uint64_ids').frame, { code: 200, handlingMs: 0 });
  expect(ack).toMatchObject({ seqId: 2n ** 53n + 1n, logId: 2n ** 64n - 1n });
});

test('everything is repeated: optional fields, unknown headers, their order and repetition', () => {
  const headers = ['instance_id', 'b', 'a', 'b'].map((key, at) => ({ key, value: String(at) }));
  const frame: Frame = { ...EVENT, headers, payloadEncoding: '', payloadType: 'json', logIdNew: 'x' };
  const ack = ackFrame(frame, { code: 200, handlingMs: 1 });
  expect(ack).toMatchObject({ payloadEncoding: '', payloadType: 'json', logIdNew: 'x' });
  expect(ack.headers).toEqual([...headers, { key: 'biz_rt', value: '1' }]);
});

test.each([
  [12.4, '12'],
  [12.5, '13'],
  [0.2, '0'],
  [-3, '0'],
])('handling time %d is told as %s', (handlingMs, told) => {
  expect(headerOf(ackFrame(EVENT, { code: 200, handlingMs }), 'biz_rt')).toBe(told);
});

test.each([[undefined], [null]])('%s is no result', (result) => {
  const ack = ackFrame(EVENT, { code: 200, result, handlingMs: 12 });
  expect(encodeFrame(ack)).toEqual(vector('event_single_ack_200').bytes);
});

test('a result that JSON cannot hold is refused by name', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const refused = (result: unknown) => () => ackFrame(EVENT, { code: 200, result, handlingMs: 1 });
  expect(refused({ id: 1n })).toThrow(
    new TypeError("the handler's result cannot be written as JSON: Do not know how to serialize a BigInt"),
  );
  expect(refused(cycle)).toThrow(
    new TypeError("the handler's result cannot be written as JSON: Converting circular structure to JSON"),
  );
  expect(refused(() => 1)).toThrow(new TypeError("the handler's result cannot be written as JSON: it is a function"));
  expect(refused(Symbol('s'))).toThrow(TypeError);
  expect(
    refused({
      toJSON() {
        throw new RangeError('no');
      },
    }),
  ).toThrow(new TypeError("the handler's result cannot be written as JSON: no"));
});

test('what a handler returned is what the platform reads', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ noUnicodeString: false }).filter((value) => value !== null),
      fc.nat(),
      (result, handlingMs) => {
        const ack = parseAck(ackFrame(EVENT, { code: 200, result, handlingMs }));
        expect(ack).toEqual({
          messageId: headerOf(EVENT, 'message_id'),
          code: 200,
          result: JSON.parse(JSON.stringify(result)),
          bizRtMs: handlingMs,
        });
      },
    ),
    { seed: 20260702 },
  );
});

test.each([
  ['event_single_ack_captured_node', -12],
  ['event_single_ack_captured_go', 1],
  ['event_single_ack_captured_python', 0],
  ['event_single_ack_captured_java', 6],
])('%s is understood', (name, bizRtMs) => {
  expect(parseAck(vector(name).frame)).toEqual({
    messageId: '0f4b7c1e-3a52-4d0e-9b36-6a1f2c7d8e90',
    code: 200,
    bizRtMs,
  });
});

test.each([
  ['no biz_rt', undefined, null],
  ['an empty one', '', null],
  ['one that is no number', '12ms', null],
  ['a fraction', '1.5', null],
])('biz_rt may be missing or odd: %s', (_, value, read) => {
  const headers = [{ key: 'message_id', value: 'm' }, ...(value === undefined ? [] : [{ key: 'biz_rt', value }])];
  expect(parseAck({ ...answering('{"code":200}'), headers }).bizRtMs).toBe(read);
});

test.each([
  ['{"code":500}', { code: 500 }],
  ['{"code":200,"headers":null,"data":null}', { code: 200 }],
  ['{ "code" : 200 , "headers" : {} , "data" : "" }', { code: 200 }],
  ['{"code":200,"data":"Im5vIHggZXZlbnQgaGFuZGxlIg=="}', { code: 200, result: 'no x event handle' }],
  ['{"code":200,"data":"bnVsbA=="}', { code: 200, result: null }],
])('the answer %s is understood', (payload, read) => {
  expect(parseAck(answering(payload))).toEqual({ messageId: 'm', bizRtMs: null, ...read });
});

test.each([
  ['', 'the ack has no payload'],
  ['<html>', 'the payload of the ack is not JSON in UTF-8 (6 bytes)'],
  ['[]', 'the payload of the ack is no JSON object'],
  ['null', 'the payload of the ack is no JSON object'],
  ['{}', 'the ack has no integer code'],
  ['{"code":"200"}', 'the ack has no integer code'],
  ['{"code":200,"data":{}}', 'data of the ack is no string but object'],
  ['{"code":200,"data":"%%%"}', 'data of the ack is not base64 of JSON (3 characters)'],
])('%s answers nothing', (payload, message) => {
  expect(() => parseAck(answering(payload))).toThrow(new AckError(message));
});

test('an answer to no message answers nothing', () => {
  const error = new AckError('the ack has no message_id');
  expect(() => parseAck({ ...answering('{"code":200}'), headers: [] })).toThrow(error);
  expect(() => parseAck({ ...answering('{"code":200}'), headers: [{ key: 'message_id', value: '' }] })).toThrow(error);
});

function answering(payload: string): Frame {
  return { ...EVENT, headers: [{ key: 'message_id', value: 'm' }], payload: new TextEncoder().encode(payload) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
