// The clients that are compared. Each is started against the gateway's base URL and says how many events it has dealt with:
// handled, where it has handlers, acknowledged where it has none. Handlers do nothing else.

import { EVENT_TYPE, SERVICE_ID } from './event-frames.mjs';

const APP = { appId: 'cli_0123456789abcdef', appSecret: 'bench' };
const SAMPLED_SHARE = 0.01;

/**
 * By name. `start({ url, directory })` resolves once it is connected, with `count()`, and `stop()` which resolves when all
 * that it was given is dealt with. `directory` is empty, and for a journal.
 */
export const VARIANTS = {
  bare: { what: 'ws, our frame codec, ack at once', start: (at) => startBare(at, () => {}) },
  'bare-json': { what: 'the same and one JSON.parse of the payload', start: (at) => startBare(at, parse) },
  sdk: { what: "the official SDK's WSClient", start: (at) => startWsClient(at, importSdkClient) },
  rooms: { what: 'our connection and delivery, nobody observing', start: startRooms },
  ours: { what: 'our connector, no journal', start: (at) => startConnector(at) },
  'journal-process': { what: 'with a journal, durability process', start: (at) => startJournal(at, 'process') },
  'journal-power': { what: 'with a journal, durability power', start: (at) => startJournal(at, 'power') },
  'drop-in': { what: 'our WSClient in place of the SDK’s', start: (at) => startWsClient(at, importOurClient) },
  tracing: { what: 'no journal, OpenTelemetry samples 1 %', start: (at) => startTraced(at, samplerOf) },
  'tracing-daemon': {
    what: 'the same as the daemon sets it up: failures are kept',
    start: (at) => startTraced(at, keepingSamplerOf),
  },
};

/** As little as a client of `ws` has to write: each ack as it comes, a write of its own. What is left is socket and protocol. */
async function startBare({ url }, look) {
  const { WebSocket } = await import('ws');
  const { ackBytes, decodeFrame, encodeFrame, METHOD, pingFrame } = await import('../../build/wire/index.js');
  const response = await fetch(`${url}/callback/ws/endpoint`, { method: 'POST', body: JSON.stringify(APP) });
  const { data } = await response.json();
  const socket = new WebSocket(data.URL, { perMessageDeflate: false });
  let count = 0;
  await new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(encodeFrame(pingFrame(SERVICE_ID))));
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      const frame = decodeFrame(bytes);
      if (frame.method === METHOD.control) {
        resolve();
        return;
      }
      look(frame.payload);
      socket.send(ackBytes(frame, { code: 200, handlingMs: 0 }));
      count += 1;
    });
  });
  return { count: () => count, stop: async () => socket.close(1000) };
}

function parse(payload) {
  JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'));
}

async function importSdkClient() {
  const { WSClient } = await import('@larksuiteoapi/node-sdk');
  return WSClient;
}

async function importOurClient() {
  const { WSClient } = await import('../../dist/index.js');
  return WSClient;
}

/** The same lines for both clients, but for where the class comes from. */
async function startWsClient({ url }, importClient) {
  const WSClient = await importClient();
  const { EventDispatcher } = await import('@larksuiteoapi/node-sdk');
  let count = 0;
  const eventDispatcher = new EventDispatcher({}).register({
    [EVENT_TYPE]: async () => {
      count += 1;
    },
  });
  let client;
  await new Promise((resolve, reject) => {
    client = new WSClient({ ...APP, domain: url, onReady: resolve, onError: reject });
    client.start({ eventDispatcher }).catch(reject);
  });
  return { count: () => count, stop: async () => client.close() };
}

async function startConnector({ url }, options = {}) {
  const { createConnector } = await import('../../dist/index.js');
  let count = 0;
  const connector = createConnector({
    ...APP,
    domain: url,
    handlers: {
      [EVENT_TYPE]: async () => {
        count += 1;
      },
    },
    ...options,
  });
  await connector.start();
  await connector.ready();
  return {
    count: () => count,
    async stop() {
      // What was acknowledged before it is handled waits for its turn in the journal.
      while (connector.status().delivery.pending > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await connector.stop();
    },
  };
}

function startJournal({ url, directory }, durability) {
  return startConnector({ url }, { journal: { directory, durability } });
}

/**
 * The connector without metrics, spans, logs, facts and listeners. There is no option that gives this: it is put together
 * here, from the same rooms, to see what it costs to be observed.
 */
async function startRooms({ url }) {
  const { createNetwork, systemClock } = await import('../../build/adapters/index.js');
  const { createDiscovery, DEFAULT_CONNECTION_POLICY, TeamDriver } = await import('../../build/connection/index.js');
  const { handlersDispatcher, Pipeline } = await import('../../build/delivery/index.js');
  let count = 0;
  const pipeline = new Pipeline({
    clock: systemClock,
    report: () => {},
    dispatcher: handlersDispatcher({
      [EVENT_TYPE]: async () => {
        count += 1;
      },
    }),
    contextOf: (_event, run) => run, // this handler looks at nothing
  });
  const network = createNetwork({ proxy: 'none' });
  const { http, dial, reach } = network;
  const discovery = createDiscovery({
    http,
    probeHttp: http,
    reach,
    baseUrl: url,
    appId: APP.appId,
    secret: async () => APP.appSecret,
  });
  let team;
  await new Promise((resolve) => {
    const ports = {
      clock: systemClock,
      random: Math.random,
      dial,
      discover: discovery.discover,
      receive: pipeline.receive,
      report: ({ type }) => {
        if (type === 'connected') resolve();
      },
    };
    team = new TeamDriver(ports, DEFAULT_CONNECTION_POLICY, 1);
    pipeline.start();
    team.start();
  });
  return {
    count: () => count,
    async stop() {
      await pipeline.stop({ drainMs: 10_000 });
      await team.stop();
      await network.close();
    },
  };
}

/** OpenTelemetry as an application registers it, with an exporter that keeps what it is given. */
async function startTraced(at, setUp) {
  const { context, trace } = await import('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const sdk = await import('@opentelemetry/sdk-trace-base');
  const { keepFailures, recordUnsampled } = await import('../../build/daemon/failure-keeper.js');
  const exporter = new sdk.InMemorySpanExporter();
  const { sampler, processor } = setUp(sdk, new sdk.BatchSpanProcessor(exporter), { keepFailures, recordUnsampled });
  const provider = new sdk.BasicTracerProvider({ sampler, spanProcessors: [processor] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const { count, stop } = await startConnector(at);
  return {
    count,
    async stop() {
      await stop();
      await provider.forceFlush();
      const spanCount = exporter.getFinishedSpans().length;
      await provider.shutdown();
      if (spanCount === 0 && count() > 10_000) throw new Error('of all events not one was traced');
    },
  };
}

function samplerOf({ ParentBasedSampler, TraceIdRatioBasedSampler }, processor) {
  return { sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(SAMPLED_SHARE) }), processor };
}

function keepingSamplerOf(sdk, batches, { keepFailures, recordUnsampled }) {
  const { sampler, processor } = samplerOf(sdk, batches);
  return { sampler: recordUnsampled(sampler, sdk.SamplingDecision), processor: keepFailures(processor) };
}
