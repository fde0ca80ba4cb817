// What tracing costs a connector: the same events through the same pipeline in memory, in rounds that alternate between no
// spans at all, our spans without an OpenTelemetry SDK, and our spans with one that samples 1 %. That one needs a context
// that follows every promise (AsyncLocalStorage), which costs by itself, whoever uses it: it has a row of its own.
//
//   npm run bench:tracing -- [--rounds 60] [--events 5000] [--json]
//
// The answer is the ratio of CPU time per event, with the middle half of the rounds beside it: times of a shared machine
// say little, ratios of neighbours say more. The order changes from round to round, so that a drift hits all alike, and
// the base is played twice: its ratio to itself is the noise that any other ratio is to be read against.

import { parseArgs } from 'node:util';
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { systemClock } from '../build/adapters/index.js';
import { handlersDispatcher, Pipeline } from '../build/delivery/index.js';
import { createSpans } from '../build/observe/index.js';
import { decodeFrame, encodeFrame, METHOD } from '../build/wire/index.js';

const TYPE = 'im.message.receive_v1';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    events: { type: 'string', default: '5000' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const eventsPerRound = Number(values.events);
if (!(rounds >= 2 && eventsPerRound >= 1)) throw new RangeError('--rounds must be at least 2, --events at least 1');

const SAMPLED_SHARE = 0.01;
const EXPORTER = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {}, forceFlush: async () => {} };
const provider = new BasicTracerProvider({
  sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(SAMPLED_SHARE) }),
  spanProcessors: [new BatchSpanProcessor(EXPORTER)],
});

/** Parts of the pipeline, and whether a context follows its promises. */
const VARIANTS = {
  'no spans': { parts: () => ({ report: () => {} }), hasContext: false },
  'spans, no SDK': { parts: () => spanParts({}), hasContext: false },
  'context alone': {
    parts: () => ({ report: () => {}, trace: (_event, handle) => context.with(SOME_CONTEXT, handle) }),
    hasContext: true,
  },
  'spans, 1 %': { parts: () => spanParts({ tracerProvider: provider }), hasContext: true },
};
const SOME_CONTEXT = ROOT_CONTEXT.setValue(createContextKey('bench'), 1);
const [BASE, TRACED] = Object.keys(VARIANTS);
const AGAIN = 'no spans, again';
const NAMES = [...Object.keys(VARIANTS), AGAIN];

function spanParts(options) {
  const spans = createSpans({ app: 'bench', eventTypes: [TYPE], clock: systemClock, ...options });
  return { report: spans.onDelivery, trace: spans.traceDelivery };
}

/** Frames as they come off a socket, each with an event of its own. */
function framesOf(round) {
  const encoder = new TextEncoder();
  return Array.from({ length: eventsPerRound }, (_, index) => {
    const id = `e-${round}-${index}`;
    const header = { event_id: id, event_type: TYPE, create_time: String(systemClock.wallNow()), tenant_key: 't' };
    const event = { message: { message_id: `om_${id}`, content: '{"text":"hello, this is a message"}' } };
    const headers = { type: 'event', message_id: id, sum: '1', seq: '0', trace_id: id };
    return encodeFrame({
      seqId: BigInt(index),
      logId: 7n,
      service: 1,
      method: METHOD.data,
      headers: Object.entries(headers).map(([key, value]) => ({ key, value })),
      payload: encoder.encode(JSON.stringify({ schema: '2.0', header, event })),
    });
  });
}

/** CPU time of one event, from its bytes to its ack, in microseconds. */
async function play(name, frames) {
  const { parts, hasContext } = VARIANTS[name === AGAIN ? BASE : name];
  if (hasContext) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  let acked = 0;
  let finish = () => {};
  const allAcked = new Promise((resolve) => {
    finish = resolve;
  });
  const session = {
    attempt: 1,
    isOpen: true,
    send: () => {
      acked += 1;
      if (acked === frames.length) finish();
      return true;
    },
  };
  const pipeline = new Pipeline({
    clock: systemClock,
    dispatcher: handlersDispatcher({ [TYPE]: async () => {} }),
    contextOf: (_event, run) => run, // this handler looks at nothing
    policy: { maxPending: 10_000 },
    ...parts(),
  });
  pipeline.start();
  globalThis.gc?.();
  const before = process.cpuUsage();
  for (let index = 0; index < frames.length; index += 1) {
    pipeline.receive(decodeFrame(frames[index]), session);
    // As on a socket: a few frames a turn, so that handlers and acks come in between.
    if (index % 16 === 15) await new Promise(setImmediate);
  }
  await allAcked;
  const { user, system } = process.cpuUsage(before);
  await pipeline.stop({ drainMs: 0 });
  if (hasContext) context.disable();
  return (user + system) / frames.length;
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function summary(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), lower: quantile(sorted, 0.25), upper: quantile(sorted, 0.75) };
}

/** Forward, then backward, each time from another start: nobody has always the same neighbour before it. */
function orderOf(round) {
  const from = Math.floor(round / 2) % NAMES.length;
  const turned = [...NAMES.slice(from), ...NAMES.slice(0, from)];
  return round % 2 === 0 ? turned : turned.reverse();
}

const micros = Object.fromEntries(NAMES.map((name) => [name, []]));
for (const turn of [1, 2]) for (const name of NAMES) await play(name, framesOf(`warm-up-${turn}-${name}`));
for (let round = 0; round < rounds; round += 1) {
  const frames = framesOf(round);
  for (const name of orderOf(round)) micros[name].push(await play(name, frames));
}
/** To the base of the same round. */
const ratioOf = (name) => summary(micros[name].map((each, round) => each / micros[BASE][round]));

const result = {
  benchmark: 'tracing',
  node: process.versions.node,
  rounds,
  eventsPerRound,
  cpuMicrosecondsPerEvent: Object.fromEntries(Object.entries(micros).map(([name, all]) => [name, summary(all)])),
  ratio: ratioOf(TRACED),
  contextRatio: ratioOf('context alone'),
  sampledRatio: ratioOf('spans, 1 %'),
  noiseRatio: ratioOf(AGAIN),
};
if (values.json) {
  console.log(JSON.stringify(result));
} else {
  const row = (name, { median, lower, upper }, unit) =>
    `  ${name.padEnd(16)}${median.toFixed(3).padStart(9)}  (${lower.toFixed(3)} to ${upper.toFixed(3)}) ${unit}`;
  console.log(`CPU time per event, median and middle half of ${rounds} rounds of ${eventsPerRound} events`);
  for (const [name, numbers] of Object.entries(result.cpuMicrosecondsPerEvent)) console.log(row(name, numbers, 'µs'));
  console.log(row('ratio, no SDK', result.ratio, 'times'));
  console.log(row('ratio, context', result.contextRatio, 'times'));
  console.log(row('ratio, 1 %', result.sampledRatio, 'times'));
  console.log(row('ratio of noise', result.noiseRatio, 'times'));
}
