import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { createConnector } from '../src/connector.js';
import type { FeishuEvent } from '../src/delivery/index.js';
import { createSimulator, DEFAULT_APP, messageEvent } from '../src/simulator/index.js';
import type { SinkLike } from '../src/sinks/index.js';
import { eventually } from './support/eventually.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function stage(sink: SinkLike, lines: string[] = []) {
  const simulator = createSimulator();
  const { url: domain } = await simulator.start();
  cleanups.push(() => simulator.stop());
  const connector = createConnector({
    ...DEFAULT_APP,
    domain,
    sink,
    logger: pino({ level: 'error' }, { write: (line) => void lines.push(line) }),
  });
  cleanups.push(() => connector.stop({ drainMs: 0 }));
  return { simulator, connector };
}

/** Takes every event, and writes down what it goes through. */
function recorder(changes: Partial<SinkLike> = {}) {
  const lived: string[] = [];
  const taken: FeishuEvent[] = [];
  const sink: SinkLike = {
    handles: () => true,
    eventTypes: [],
    answersEvents: false,
    dispatch: async (event) => void taken.push(event),
    start: async () => void lived.push('started'),
    stop: async () => void lived.push('stopped'),
    ...changes,
  };
  return { sink, lived, taken };
}

test('a sink starts and stops with the connector, and gets its events', async () => {
  const { sink, lived, taken } = recorder();
  const { simulator, connector } = await stage(sink);
  expect(lived).toEqual([]);
  await connector.start();
  await connector.ready();
  simulator.send(messageEvent({ text: 'hello' }));
  await eventually(() => taken.length === 1, 'the event');
  await connector.stop();
  expect(lived).toEqual(['started', 'stopped']);
  await connector.start();
  expect(lived).toEqual(['started', 'stopped', 'started']);
});

test('a sink that cannot stop keeps nothing else alive, and the connector starts again', async () => {
  const lines: string[] = [];
  const { sink } = recorder({ stop: () => Promise.reject(new Error('no answer')) });
  const { connector } = await stage(sink, lines);
  await connector.start();
  await connector.ready();
  await connector.stop();
  expect(connector.status().connected.state).toBe('stopped');
  expect(lines.filter((line) => line.includes('the sink did not stop cleanly'))).toHaveLength(1);
  await connector.start();
  await connector.ready();
});

test('a sink whose start throws fails the start, each time, and leaves nothing running', async () => {
  const start = () => {
    throw new Error('no broker');
  };
  const { connector } = await stage(recorder({ start }).sink);
  await expect(connector.start()).rejects.toThrow('no broker');
  expect(connector.status().connected.state).toBe('stopped');
  await expect(connector.start()).rejects.toThrow('no broker');
});

test('a plain dispatcher without a life of its own is a sink as well', async () => {
  const { sink, taken } = recorder();
  const { handles, eventTypes, answersEvents, dispatch } = sink;
  const { simulator, connector } = await stage({ handles, eventTypes, answersEvents, dispatch });
  await connector.start();
  await connector.ready();
  expect(connector.status()).not.toHaveProperty('sink');
  simulator.send(messageEvent({ text: 'hello' }));
  await eventually(() => taken.length === 1, 'the event');
});

test('a sink of somebody else that cannot start leaves nothing running', async () => {
  const { sink, lived } = recorder({ start: () => Promise.reject(new Error('no disk')) });
  const { connector } = await stage(sink);
  await expect(connector.start()).rejects.toThrow('no disk');
  expect(lived).toEqual(['stopped']);
  expect(connector.status().connected.state).toBe('stopped');
});

test('what a sink reports is heard by listeners, and its health by the status', async () => {
  const { createHandlerSink } = await import('../src/connector-sinks.js');
  const { connector, simulator } = await stage(createHandlerSink('handler', { '*': () => {} }));
  const told: string[] = [];
  connector.on('report', ({ room, report }) => room === 'sinks' && told.push(report.type));
  await connector.start();
  await connector.ready();
  simulator.send(messageEvent({ text: 'hello' }));
  await eventually(() => told.includes('sent'), 'the report');
  expect(told).toEqual(['sink_up', 'sent']);
  expect(connector.status().sink).toMatchObject({ kind: 'handler', state: 'up' });
});
