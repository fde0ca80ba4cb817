import { afterEach, expect, test } from 'vitest';
import type { BrokerLink, BrokerMessage } from '../../src/sinks/broker.js';
import { createJetStreamSink, type JetStreamSettings } from '../../src/sinks/jetstream.js';
import { SendError } from '../../src/sinks/send-error.js';
import { HandClock, settled } from '../support/hand-clock.js';
import { contextOf, deadlinePassed, eventOf, refusalOf, reportsOf } from '../support/sink-stage.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

/** A broker in the test's hand: every connection and every publish waits for its word. */
class Broker {
  readonly tries: { readonly accept: () => Link; readonly refuse: (error: SendError) => void }[] = [];

  readonly connect = (): Promise<BrokerLink> =>
    new Promise((resolve, reject) => {
      this.tries.push({
        accept: () => {
          const link = new Link();
          resolve(link);
          return link;
        },
        refuse: reject,
      });
    });

  /** The try that waits now. */
  get pending() {
    const last = this.tries.at(-1);
    if (last === undefined) throw new Error('nobody tried to connect');
    return last;
  }
}

class Link implements BrokerLink {
  readonly server = '127.0.0.1:4222';
  readonly published: BrokerMessage[] = [];
  readonly closes: number[] = [];
  /** What publishes are answered with from now on; null lets them wait for ever. */
  answer: SendError | { readonly isDuplicate: boolean; readonly stream: string } | null = {
    isDuplicate: false,
    stream: 'FEISHU',
  };
  lose: (why: SendError | null) => void = () => {};
  readonly closed = new Promise<SendError | null>((resolve) => {
    this.lose = resolve;
  });

  publish(message: BrokerMessage): Promise<{ readonly isDuplicate: boolean; readonly stream: string }> {
    this.published.push(message);
    const { answer } = this;
    if (answer === null) return new Promise(() => {});
    return answer instanceof SendError ? Promise.reject(answer) : Promise.resolve(answer);
  }

  async close(timeoutMs: number): Promise<void> {
    this.closes.push(timeoutMs);
    this.lose(null);
  }
}

const gone = new SendError('unreachable', 'later', 'connection refused');

async function stage(settings: JetStreamSettings = {}) {
  const clock = new HandClock();
  const broker = new Broker();
  const traceparent = () => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const sink = createJetStreamSink(settings, {
    app: 'bot',
    clock,
    random: () => 0.5,
    connect: broker.connect,
    traceparent,
  });
  const reports = reportsOf(sink);
  await sink.start();
  cleanups.push(() => sink.stop());
  const send = (changes = {}) => refusalOf(sink.dispatch(eventOf(changes), contextOf()));
  return { clock, broker, sink, reports, send };
}

test('an event is published as a CloudEvent under its subject, with the key that makes a repeat known', async () => {
  const { broker, sink, reports } = await stage();
  const link = broker.pending.accept();
  await settled();
  await sink.dispatch(eventOf(), contextOf({ attempt: 2 }));
  const [{ subject, body, headers, messageId } = {} as BrokerMessage] = link.published;
  expect(subject).toBe('feishu.bot.im.message.receive_v1');
  expect(messageId).toBe('cli_0123456789abcdef:message:om_1');
  expect(headers).toEqual({
    'content-type': 'application/cloudevents+json; charset=UTF-8',
    'feishu-app': 'bot',
    'feishu-event-type': 'im.message.receive_v1',
    'feishu-source': 'push',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
  expect(JSON.parse(body)).toMatchObject({ id: 'ev_1', feishuattempt: 2, data: eventOf().data });
  expect(reports).toMatchObject([
    { type: 'sink_up', sink: 'jetstream', downForMs: null, detail: 'connected to 127.0.0.1:4222' },
    { type: 'sent', sink: 'jetstream', eventId: 'ev_1', isDuplicate: false },
  ]);
});

test('what the stream had before counts as sent', async () => {
  const { broker, reports, send } = await stage();
  const link = broker.pending.accept();
  link.answer = { isDuplicate: true, stream: 'FEISHU' };
  await settled();
  expect(await send()).toBe('answered undefined');
  expect(reports.at(-1)).toMatchObject({ type: 'sent', isDuplicate: true });
});

test('a start without a broker succeeds; events are refused for later, and say why', async () => {
  const { broker, sink, reports, send } = await stage();
  expect(await send()).toBe('later');
  broker.pending.refuse(gone);
  await settled();
  expect(await send()).toBe('later');
  expect(sink.health()).toMatchObject({ state: 'down', evidence: 'connection refused' });
  expect(reports).toMatchObject([
    { type: 'send_failed', failure: 'unreachable', detail: 'the broker is not connected yet' },
    { type: 'sink_down', failure: 'unreachable' },
    { type: 'connect_failed', attempt: 1, retryInMs: 125 },
    { type: 'send_failed', failure: 'unreachable', detail: 'the broker is not connected: connection refused' },
  ]);
});

test('it never gives up: a day of refusals, whatever their reason, costs a few calls a minute and ends in a connection', async () => {
  const { clock, broker, sink, reports } = await stage();
  const refused = new SendError('misconfigured', 'later', 'the broker refuses our credentials');
  const day = 86_400_000;
  while (clock.now() < day) {
    broker.pending.refuse(clock.now() % 2 === 0 ? gone : refused);
    await clock.advanceBy(15_000);
  }
  expect(broker.tries.length).toBeGreaterThanOrEqual(day / 15_000);
  expect(broker.tries.length).toBeLessThan(day / 7_500 + 20);
  expect(reports.filter(({ type }) => type === 'sink_down')).toHaveLength(1);
  broker.pending.accept();
  await settled();
  expect(sink.health().state).toBe('up');
  expect(reports.at(-1)).toMatchObject({ type: 'sink_up', downForMs: clock.now() });
});

test('a connection that is lost is made anew, and only a stable one earns a fresh backoff', async () => {
  const { clock, broker, reports } = await stage();
  const waits: number[] = [];
  const flap = async (livedMs: number) => {
    const link = broker.pending.accept();
    await clock.advanceBy(livedMs);
    link.lose(gone);
    await settled();
    const tries = broker.tries.length;
    const lostAt = clock.now();
    while (broker.tries.length === tries) await clock.advanceBy(1);
    waits.push(clock.now() - lostAt);
  };
  for (const livedMs of [1_000, 1_000, 1_000, 10_000, 1_000]) await flap(livedMs);
  expect(waits).toEqual([125, 250, 500, 125, 250]);
  expect(reports.filter(({ type }) => type === 'connect_failed')).toEqual([]);
  expect(reports.filter(({ type }) => type === 'sink_down')).toHaveLength(5);
});

test('three confirmations in a row that never came end the connection: another server may answer', async () => {
  const { clock, broker, reports, send } = await stage();
  const link = broker.pending.accept();
  await settled();
  link.answer = new SendError('timeout', 'later', 'the stream confirmed nothing within 5000 ms');
  for (let nth = 0; nth < 3; nth += 1) expect(await send()).toBe('later');
  expect(link.closes).toEqual([0]);
  await clock.advanceBy(125);
  expect(broker.tries).toHaveLength(2);
  broker.pending.accept();
  await settled();
  expect(await send()).toBe('answered undefined');
  expect(reports.filter(({ type }) => type.startsWith('sink_')).map(({ type }) => type)).toEqual([
    'sink_up',
    'sink_down',
    'sink_up',
  ]);
});

test('what a stream refuses for good is a dead letter at once; what it has no room for waits', async () => {
  const { broker, send } = await stage();
  const link = broker.pending.accept();
  await settled();
  link.answer = new SendError('rejected', 'never', 'the stream refuses: message size exceeds maximum allowed');
  expect(await send()).toBe('never');
  link.answer = new SendError('busy', 'later', 'the stream is short of room: maximum bytes exceeded');
  expect(await send()).toBe('later');
});

test('the delivery that stops waiting gets its word at once; the publish stays where it is', async () => {
  const { broker, sink, reports } = await stage();
  const link = broker.pending.accept();
  await settled();
  link.answer = null;
  const abortion = new AbortController();
  const sending = refusalOf(sink.dispatch(eventOf(), contextOf({ signal: abortion.signal })));
  await settled();
  abortion.abort(deadlinePassed());
  expect(await sending).toBe('later');
  expect(reports.at(-1)).toMatchObject({ type: 'send_failed', failure: 'timeout' });
});

test('stopping closes the connection, also one that only now comes about, and owes no timer', async () => {
  const first = await stage();
  const link = first.broker.pending.accept();
  await settled();
  await first.sink.stop();
  expect(link.closes).toEqual([3_000]);
  expect(first.clock.pending).toBe(0);

  const second = await stage();
  await second.sink.stop();
  const late = second.broker.pending.accept();
  await settled();
  expect(late.closes).toEqual([0]);
  expect(second.sink.health().state).toBe('stopped');

  const third = await stage();
  third.broker.pending.refuse(gone);
  await settled();
  await third.sink.stop();
  expect(third.clock.pending).toBe(0);
  await third.sink.start();
  expect(third.broker.tries).toHaveLength(2);
});
