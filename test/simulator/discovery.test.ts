import { expect, test } from 'vitest';
import { DEFAULT_APP, DEFAULT_CLIENT_CONFIG } from '../../src/simulator/index.js';
import { after, post, stage } from './stage.js';

const PATH = '/callback/ws/endpoint';
const CREDENTIALS = { AppID: DEFAULT_APP.appId, AppSecret: DEFAULT_APP.appSecret };

function discoveryStage(options: Parameters<typeof stage>[0] = {}) {
  const set = stage(options);
  const ask = async (body: unknown = CREDENTIALS, path = PATH) => {
    const answer = await after(set.clock, 10, post(set.face.http, path, body));
    return { status: answer.status, body: JSON.parse(answer.body) };
  };
  return { ...set, ask };
}

test('the answer holds a socket URL and all four fields of the pacing', async () => {
  const { ask } = discoveryStage();
  const { status, body } = await ask();
  expect(status).toBe(200);
  expect(body).toEqual({
    code: 0,
    msg: '',
    data: { URL: expect.any(String), ClientConfig: DEFAULT_CLIENT_CONFIG },
  });
});

test('the socket URL starts its query with something harmless and points back to where discovery was asked', async () => {
  const { ask } = discoveryStage();
  const url = new URL((await ask()).body.data.URL);
  expect(url.origin).toBe('ws://platform.invalid');
  expect(url.pathname).toBe('/ws/v2');
  expect([...url.searchParams.keys()]).toEqual(['fpid', 'aid', 'device_id', 'access_key', 'service_id', 'ticket']);
  expect(url.searchParams.get('device_id')).toMatch(/^[1-9]\d{18}$/);
  const service = Number(url.searchParams.get('service_id'));
  expect(service | 0).toBe(service);
});

test('every answer holds a fresh ticket', async () => {
  const { ask } = discoveryStage();
  const urls = [await ask(), await ask()].map(({ body }) => new URL(body.data.URL).searchParams);
  for (const parameter of ['ticket', 'device_id', 'access_key'])
    expect(urls[0]?.get(parameter)).not.toBe(urls[1]?.get(parameter));
});

test('the content type does not matter, unknown keys do no harm, a doubled slash is forgiven', async () => {
  const { ask } = discoveryStage();
  expect((await ask({ ...CREDENTIALS, ClientAssertion: '', ChannelTag: 'x' }, `/${PATH}`)).body.code).toBe(0);
});

test('refusals come with HTTP 200, a code and an object as data', async () => {
  const { ask } = discoveryStage();
  const wrong = { code: 1000040345, msg: expect.any(String), data: {} };
  expect(await ask({ ...CREDENTIALS, AppSecret: 'x' })).toEqual({ status: 200, body: wrong });
  expect(await ask({ ...CREDENTIALS, AppID: 'cli_0000000000000000' })).toEqual({ status: 200, body: wrong });
  const empty = { code: 1000040344, msg: expect.any(String), data: {} };
  expect(await ask({ AppID: '', AppSecret: '' })).toEqual({ status: 200, body: empty });
  expect(await ask('not json')).toEqual({ status: 200, body: empty });
});

test('the pacing is what the platform was told to send', async () => {
  const { ask } = discoveryStage({ clientConfig: { ReconnectCount: 1, PingInterval: 90 } });
  expect((await ask()).body.data.ClientConfig).toEqual({
    ...DEFAULT_CLIENT_CONFIG,
    ReconnectCount: 1,
    PingInterval: 90,
  });
});

test.each([
  ['object', { code: 1, msg: 'busy', data: {} }],
  ['null', { code: 1, msg: 'busy', data: null }],
  ['absent', { code: 1, msg: 'busy' }],
] as const)('fault discovery_code with data %s', async (shape, body) => {
  const { ask, platform } = discoveryStage();
  platform.inject({ fault: 'discovery_code', code: 1, message: 'busy', shape, times: 1 });
  expect(await ask()).toEqual({ status: 200, body });
  expect((await ask()).body.code).toBe(0);
});

test('fault discovery_status: an HTTP error with HTML', async () => {
  const { clock, face, platform } = discoveryStage();
  platform.inject({ fault: 'discovery_status', status: 500 });
  const answer = await after(clock, 10, post(face.http, PATH, CREDENTIALS));
  expect([answer.status, answer.headers['content-type']]).toEqual([500, 'text/html']);
});

test('fault discovery_delay: a good answer, late', async () => {
  const { clock, face, platform } = discoveryStage();
  platform.inject({ fault: 'discovery_delay', delayMs: 3000 });
  await expect(after(clock, 3009, post(face.http, PATH, CREDENTIALS))).rejects.toThrow('nothing came of it');
  expect(JSON.parse((await after(clock, 3010, post(face.http, PATH, CREDENTIALS))).body).code).toBe(0);
});

test('fault discovery_hang: no answer while it lasts', async () => {
  const { clock, face, platform } = discoveryStage();
  platform.inject({ fault: 'discovery_hang', forMs: 20_000 });
  await expect(after(clock, 15_000, post(face.http, PATH, CREDENTIALS))).rejects.toMatchObject({ kind: 'timeout' });
  await clock.advanceTo(20_000);
  expect((await after(clock, 10, post(face.http, PATH, CREDENTIALS))).status).toBe(200);
});

test.each([
  ['html', /^<html>.*<\/html>$/],
  ['empty', /^$/],
  ['truncated', /^\{"code":0,"msg":"","data":\{"URL":"wss:\/\/$/],
  ['object', /^\{\}$/],
  ['no_url', /^\{"code":0,"msg":"","data":\{"ClientConfig":\{.*\}\}\}$/],
  ['no_config', /^\{"code":0,"msg":"","data":\{"URL":"ws:[^"]+"\}\}$/],
] as const)('fault discovery_body %s: HTTP 200 without a whole ticket', async (body, expected) => {
  const { clock, face, platform } = discoveryStage();
  platform.inject({ fault: 'discovery_body', body });
  const answer = await after(clock, 10, post(face.http, PATH, CREDENTIALS));
  expect(answer.status).toBe(200);
  expect(answer.body).toMatch(expected);
});

test('fault discovery_body huge: more than a reader should take', async () => {
  const { clock, face, platform } = discoveryStage();
  platform.inject({ fault: 'discovery_body', body: 'huge' });
  await expect(after(clock, 10, post(face.http, PATH, CREDENTIALS))).rejects.toMatchObject({ kind: 'too_large' });
});

test.each([
  ['empty', {}],
  ['partial', { ReconnectCount: -1, ReconnectNonce: 30 }],
  ['not_a_number', { ReconnectCount: null, ReconnectInterval: null, ReconnectNonce: null, PingInterval: null }],
  ['text', { ReconnectCount: 'soon', ReconnectInterval: 'soon', ReconnectNonce: 'soon', PingInterval: 'soon' }],
  ['zero', { ReconnectCount: 0, ReconnectInterval: 0, ReconnectNonce: 0, PingInterval: 0 }],
  ['negative', { ReconnectCount: -120, ReconnectInterval: -120, ReconnectNonce: -120, PingInterval: -120 }],
  ['huge', { ReconnectCount: 1e15, ReconnectInterval: 1e15, ReconnectNonce: 1e15, PingInterval: 1e15 }],
  [{ PingInterval: 30 }, { ...DEFAULT_CLIENT_CONFIG, PingInterval: 30 }],
] as const)('fault discovery_config %j: a good URL with that pacing', async (config, expected) => {
  const { ask, platform } = discoveryStage();
  platform.inject({ fault: 'discovery_config', config });
  const { data } = (await ask()).body;
  expect(data.URL).toMatch(/^ws:/);
  expect(data.ClientConfig).toEqual(expected);
});

test('a fault for one app leaves the others alone', async () => {
  const other = { appId: 'cli_00000000000000ff', appSecret: 'other' };
  const { ask, platform } = discoveryStage({ apps: [DEFAULT_APP, other] });
  platform.inject({ fault: 'discovery_code', code: 1, appId: other.appId });
  expect((await ask()).body.code).toBe(0);
  expect((await ask({ AppID: other.appId, AppSecret: other.appSecret })).body.code).toBe(1);
});

test('faults refuse_tcp and dns_failure: there is no connection to be had for HTTP', async () => {
  const { clock, face, platform } = discoveryStage();
  platform.inject({ fault: 'refuse_tcp', via: 'http', times: 1 });
  await expect(after(clock, 10, post(face.http, PATH, CREDENTIALS))).rejects.toMatchObject({ kind: 'refused' });
  platform.inject({ fault: 'dns_failure', forMs: 1000 });
  await expect(after(clock, 10, post(face.http, PATH, CREDENTIALS))).rejects.toMatchObject({ kind: 'dns' });
  await clock.advanceBy(1000);
  expect((await after(clock, 10, post(face.http, PATH, CREDENTIALS))).status).toBe(200);
});
