import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createSink, type WebhookOptions } from '../../src/connector-sinks.js';
import { type Sink, verifyWebhook } from '../../src/sinks/index.js';
import { HandClock } from '../support/hand-clock.js';
import { serveHttp, serveTcp } from '../support/loopback.js';
import { contextOf, deadlinePassed, eventOf, refusalOf, reportsOf } from '../support/sink-stage.js';
import { withFiles } from '../support/temporary-folder.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

/** A receiver, and the sink that posts to it. */
async function stage(
  answer: (call: Call) => void,
  { clock, path = '/hook', ...options }: Partial<WebhookOptions> & { clock?: HandClock; path?: string } = {},
) {
  const calls: Call[] = [];
  let connections = 0;
  const receiver = await serveHttp(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const call = { request, response, body };
    calls.push(call);
    answer(call);
  });
  receiver.server.on('connection', () => {
    connections += 1;
  });
  cleanups.push(() => receiver.close());
  const sink = await started({ url: `${receiver.url}${path}`, ...options }, clock);
  return { calls, sink, receiver, connections: () => connections, reports: reportsOf(sink) };
}

async function started(options: WebhookOptions, clock?: HandClock): Promise<Sink> {
  const sink = createSink({ webhook: options }, { app: 'bot', proxy: 'none', ...(clock && { clock }) });
  await sink.start();
  cleanups.push(() => sink.stop());
  return sink;
}

const status =
  (code: number, headers: Record<string, string> = {}, body = '') =>
  ({ response }: Call) =>
    void response.writeHead(code, headers).end(body);
const ok = status(204);

test('an event is posted as one signed CloudEvent, and 2xx is all it takes', async () => {
  const { calls, sink, reports } = await stage(ok, { secret: SECRET });
  expect(sink.handles('whatever')).toBe(true);
  expect(await sink.dispatch(eventOf(), contextOf({ attempt: 3 }))).toBeUndefined();
  const [{ request, body } = {} as Call] = calls;
  expect(request).toMatchObject({ method: 'POST', url: '/hook' });
  expect(request.headers).toMatchObject({
    'content-type': 'application/cloudevents+json; charset=UTF-8',
    'webhook-id': 'cli_0123456789abcdef:message:om_1',
    'content-length': String(Buffer.byteLength(body)),
  });
  expect(JSON.parse(body)).toMatchObject({ specversion: '1.0', id: 'ev_1', feishuapp: 'bot', feishuattempt: 3 });
  expect(verifyWebhook({ secrets: [SECRET], headers: request.headers, body })).toBe(true);
  expect(reports).toMatchObject([
    { type: 'sink_up', sink: 'webhook', downForMs: null },
    { type: 'sent', eventType: 'im.message.receive_v1', eventId: 'ev_1', attempt: 3, isDuplicate: false },
  ]);
  expect(sink.health()).toMatchObject({ kind: 'webhook', state: 'up', evidence: 'the receiver answered 204' });
});

test('binary mode has the attributes as headers and the event alone as the body, signed as well', async () => {
  const { calls, sink } = await stage(ok, { mode: 'binary', secret: SECRET });
  await sink.dispatch(eventOf(), contextOf());
  const [{ request, body } = {} as Call] = calls;
  expect(request.headers).toMatchObject({
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-type': 'cn.feishu.im.message.receive_v1',
    'ce-subject': 'oc_1',
  });
  expect(JSON.parse(body)).toEqual(eventOf().data);
  expect(verifyWebhook({ secrets: [SECRET], headers: request.headers, body })).toBe(true);
});

test('connections are kept, and used for the next event', async () => {
  const { sink, connections } = await stage(ok);
  for (let nth = 0; nth < 20; nth += 1) await sink.dispatch(eventOf({ id: `ev_${nth}` }), contextOf());
  // The second event may come in the moment in which the first one's connection is not free yet.
  expect(connections()).toBeLessThanOrEqual(2);
});

test.each([
  // What says "not now" is tried as often as it takes.
  [408, {}, 'later', 'busy'],
  [425, {}, 'later', 'busy'],
  [429, {}, 'later', 'busy'],
  [503, {}, 'later', 'busy'],
  [429, { 'retry-after': '7' }, 'later, after 7000', 'busy'],
  [503, { 'retry-after': 'nonsense' }, 'later', 'busy'],
  [503, { 'retry-after': '999999' }, 'later, after 3600000', 'busy'],
  [500, {}, 'later', 'failing'],
  [502, { 'retry-after': '1' }, 'later, after 1000', 'failing'],
  [599, {}, 'later', 'failing'],
  // What says that nobody there knows us is the configuration's fault: no event is buried for it.
  [401, {}, 'later', 'misconfigured'],
  [403, {}, 'later', 'misconfigured'],
  [404, {}, 'later', 'misconfigured'],
  [405, {}, 'later', 'misconfigured'],
  [410, {}, 'later', 'misconfigured'],
  [301, { location: '/elsewhere' }, 'later', 'misconfigured'],
  [307, { location: '/elsewhere' }, 'later', 'misconfigured'],
  // What is said of this one event counts, so that it ends as a dead letter and the others go on.
  [400, {}, 'counted', 'rejected'],
  [409, {}, 'counted', 'rejected'],
  [413, {}, 'counted', 'rejected'],
  [415, {}, 'counted', 'rejected'],
  [422, {}, 'counted', 'rejected'],
])('an answer of %i %j asks for: %s (%s)', async (code, headers, refusal, failure) => {
  const { calls, sink, reports } = await stage(status(code, headers));
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe(refusal);
  expect(calls).toHaveLength(1); // a redirect above all is not followed
  expect(reports.find(({ type }) => type === 'send_failed')).toMatchObject({ failure, sink: 'webhook' });
});

test('a date in Retry-After counts from now, and until then nobody else is sent', async () => {
  const clock = new HandClock();
  let code = 503;
  const { calls, sink } = await stage(
    ({ response }) => {
      const at = new Date(clock.wallNow() + 90_000).toUTCString();
      response.writeHead(code, code === 503 ? { 'retry-after': at } : {}).end();
    },
    { clock },
  );
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later, after 90000');
  await clock.advanceBy(30_000);
  expect(await refusalOf(sink.dispatch(eventOf({ id: 'ev_2' }), contextOf()))).toBe('later, after 60000');
  expect(calls).toHaveLength(1);
  // A user waits for the answer to a callback, so that one is tried all the same.
  expect(await refusalOf(sink.dispatch(eventOf({ type: 'card.action.trigger' }), contextOf()))).toMatch(/^later/);
  expect(calls).toHaveLength(2);
  code = 200;
  await clock.advanceBy(90_000);
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('answered undefined');
});

test("a callback's answer is the body, as JSON; no body is no answer", async () => {
  const card = eventOf({ type: 'card.action.trigger' });
  let body = '{"toast":{"type":"success"}}';
  const { sink, reports } = await stage((call) => status(200, {}, body)(call));
  expect(await sink.dispatch(card, contextOf())).toEqual({ toast: { type: 'success' } });
  body = '';
  expect(await sink.dispatch(card, contextOf())).toBeUndefined();
  body = '<html>';
  expect(await refusalOf(sink.dispatch(card, contextOf()))).toBe('counted');
  expect(reports.at(-1)).toMatchObject({ type: 'send_failed', failure: 'bad_answer' });
  body = '{"not":"for an event"}';
  expect(await sink.dispatch(eventOf(), contextOf())).toBeUndefined();
});

test('a huge answer is cut, and the event is delivered all the same', async () => {
  const { sink } = await stage(({ response }) => {
    response.writeHead(200);
    const fill = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', fill);
    fill(); // and never ends
  });
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('answered undefined');
});

test('a receiver that hangs costs the deadline, and no more', async () => {
  const { sink, reports } = await stage(() => {}, { timeoutMs: 100 });
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later');
  expect(reports).toMatchObject([{ type: 'send_failed', failure: 'timeout', remedy: 'later' }]);
});

test('a receiver that answers and then drips is no different', async () => {
  const { sink, reports } = await stage(({ response }) => void response.writeHead(200).write('{'), { timeoutMs: 100 });
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later');
  expect(reports).toMatchObject([{ failure: 'timeout' }]);
});

test('the delivery that stops waiting ends the request', async () => {
  const abortion = new AbortController();
  const { sink, reports } = await stage(() => abortion.abort(deadlinePassed()));
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf({ signal: abortion.signal })))).toBe('later');
  expect(reports).toMatchObject([{ failure: 'timeout' }]);
  const gone = contextOf({ signal: AbortSignal.abort(new Error('stopping')) });
  expect(await refusalOf(sink.dispatch(eventOf(), gone))).toBe('later');
  expect(reports[1]).toMatchObject({ failure: 'aborted' });
});

test('nobody there, and somebody who speaks no HTTP, have names of their own, without the address', async () => {
  const garbage = await serveTcp((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  cleanups.push(() => garbage.close());
  const closed = await serveTcp(() => {});
  await closed.close();
  const sinks = [
    await started({ url: `${closed.url}/?key=hush-hush` }),
    await started({ url: `${garbage.url}/?key=hush-hush` }),
  ];
  const told = sinks.map(reportsOf);
  for (const sink of sinks) expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later');
  expect(told.map(([first]) => first)).toMatchObject([{ failure: 'unreachable' }, { failure: 'failing' }]);
  expect(JSON.stringify([told, sinks.map((sink) => sink.health())])).not.toContain('hush');
});

test('down after three failures in a row, up with the first success, each told once', async () => {
  let code = 500;
  const clock = new HandClock();
  const { sink, reports } = await stage((call) => status(code)(call), { clock });
  const send = async (times: number) => {
    for (let nth = 0; nth < times; nth += 1) await refusalOf(sink.dispatch(eventOf(), contextOf()));
  };
  await send(2);
  expect(sink.health()).toMatchObject({ state: 'unknown', ageMs: null, lastError: { failure: 'failing' } });
  await send(3);
  await clock.advanceBy(5_000);
  expect(sink.health()).toMatchObject({ state: 'down', ageMs: 5_000 });
  code = 422; // somebody is there again, and dislikes the event
  await send(1);
  code = 200;
  await send(2);
  expect(reports.filter(({ type }) => type === 'sink_up' || type === 'sink_down')).toMatchObject([
    { type: 'sink_down', failure: 'failing' },
    { type: 'sink_up', downForMs: 5_000 },
  ]);
});

test('no more than so many requests are under way; the others wait their turn, and may stop waiting', async () => {
  const open: Call[] = [];
  const arrived: (() => void)[] = [];
  const { sink } = await stage(
    (call) => {
      open.push(call);
      arrived.shift()?.();
    },
    { maxInFlight: 2 },
  );
  const counts: number[] = [];
  sink.subscribe((report) => report.type === 'in_flight' && counts.push(report.count));
  const next = () => new Promise<void>((resolve) => arrived.push(resolve));
  const both = [next(), next()];
  const abortion = new AbortController();
  const sends = [
    sink.dispatch(eventOf({ id: 'a' }), contextOf()),
    sink.dispatch(eventOf({ id: 'b' }), contextOf()),
    refusalOf(sink.dispatch(eventOf({ id: 'c' }), contextOf({ signal: abortion.signal }))),
    sink.dispatch(eventOf({ id: 'd' }), contextOf()),
  ];
  await Promise.all(both);
  expect(counts).toEqual([1, 2]);
  abortion.abort(new Error('not any more'));
  expect(await sends[2]).toBe('later');
  const third = next();
  open[0]?.response.end();
  await third;
  expect(open.map(({ body }) => JSON.parse(body).id).sort()).toEqual(['a', 'b', 'd'].sort());
  for (const { response } of open) response.end();
  await Promise.all(sends);
  expect(counts).toEqual([1, 2, 1, 0]);
});

test('a secret file that is replaced signs the next event; one that is gone keeps events here', async () => {
  await withFiles({ secret: `${SECRET}\n` }, async (folder) => {
    const { writeFile, rm } = await import('node:fs/promises');
    const { calls, sink, reports } = await stage(ok, { secretFile: `${folder}/secret` });
    await sink.dispatch(eventOf(), contextOf());
    await writeFile(`${folder}/secret`, 'another secret, longer than twenty-four bytes');
    await sink.dispatch(eventOf(), contextOf());
    const verified = (secret: string) =>
      calls.map(({ request, body }) => verifyWebhook({ secrets: [secret], headers: request.headers, body }));
    expect(verified(SECRET)).toEqual([true, false]);
    expect(verified('another secret, longer than twenty-four bytes')).toEqual([false, true]);
    for (const content of ['short', null]) {
      if (content === null) await rm(`${folder}/secret`);
      else await writeFile(`${folder}/secret`, content);
      expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later');
      expect(reports.at(-1)).toMatchObject({ type: 'send_failed', failure: 'misconfigured' });
    }
    expect(calls).toHaveLength(2);
    expect(JSON.stringify(reports)).not.toContain('another secret');
  });
});

test('a stopped sink sends nothing, and can be started again', async () => {
  const { calls, sink } = await stage(ok);
  await sink.stop();
  expect(sink.health().state).toBe('stopped');
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later');
  expect(calls).toHaveLength(0);
  await sink.start();
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('answered undefined');
});

test('stopping waits for what is under way, up to a limit', async () => {
  const clock = new HandClock();
  let arrive: () => void = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const { sink } = await stage(() => arrive(), { clock });
  const hanging = refusalOf(sink.dispatch(eventOf(), contextOf()));
  await arrived;
  const stopped = sink.stop();
  await clock.advanceBy(4_999);
  expect(sink.health().state).not.toBe('stopped');
  await clock.advanceBy(1);
  await stopped;
  expect(await hanging).toBe('later');
});
