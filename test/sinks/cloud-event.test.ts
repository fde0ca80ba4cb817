import { expect, test } from 'vitest';
import { binaryHeadersOf, cloudEventOf } from '../../src/sinks/cloud-event.js';
import { eventOf } from '../support/sink-stage.js';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const setting = { app: 'support bot', attempt: 2, traceparent: TRACE };

test('an event is a CloudEvent with all that a receiver routes by', () => {
  expect(cloudEventOf(eventOf(), setting)).toEqual({
    specversion: '1.0',
    id: 'ev_1',
    source: 'urn:feishu:cli_0123456789abcdef',
    type: 'cn.feishu.im.message.receive_v1',
    subject: 'oc_1',
    time: '2026-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    feishuapp: 'support bot',
    feishutenant: 'tenant',
    feishusource: 'push',
    feishuattempt: 2,
    traceparent: TRACE,
    data: eventOf().data,
  });
});

test('what an event does not have is left out, never empty', () => {
  const bare = cloudEventOf(eventOf({ createTime: null, tenantKey: '', data: {} }), { ...setting, traceparent: null });
  expect(Object.keys(bare)).toEqual([
    'specversion',
    'id',
    'source',
    'type',
    'datacontenttype',
    'feishuapp',
    'feishusource',
    'feishuattempt',
    'data',
  ]);
});

test.each([8.64e15, 1e20, Number.NaN, -1e15])('a create time of %d is no time', (createTime) => {
  expect(cloudEventOf(eventOf({ createTime }), setting)).not.toHaveProperty('time');
});

test('a stale event says so', () => {
  expect(cloudEventOf(eventOf({ isStale: true }), setting)).toMatchObject({ feishustale: true });
});

test('the verification token of the envelope stays here', () => {
  expect(JSON.stringify(cloudEventOf(eventOf(), setting))).not.toContain('verification-token');
});

test('attribute names are what the specification allows: lower-case letters and digits, 20 at most', () => {
  for (const name of Object.keys(cloudEventOf(eventOf({ isStale: true }), setting))) {
    expect(name).toMatch(/^[a-z0-9]{1,20}$/);
  }
});

test('headers hold ASCII without spaces; the rest is percent-encoded UTF-8', () => {
  const headers = binaryHeadersOf(cloudEventOf(eventOf({ id: 'ein "é" 100%\r\n🤖\ud800' }), setting));
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'ce-id': 'ein%20%22%C3%A9%22%20100%25%0D%0A%F0%9F%A4%96%EF%BF%BD',
    'ce-feishuapp': 'support%20bot',
    'ce-feishuattempt': '2',
  });
  expect(headers).not.toHaveProperty('ce-data');
  expect(headers).not.toHaveProperty('ce-datacontenttype');
});
