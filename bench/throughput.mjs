// What a client makes of events that come as fast as it acknowledges them: the bare socket, the official SDK, and ours in
// each of its ways. Real sockets on loopback, a sender in a process of its own, each client in a fresh process of its own,
// and all of them in every round, so that a busy machine slows neighbours alike. Read the ratios, not the numbers.
//
//   npm run bench -- [--rounds 5] [--seconds 2] [--only ours,sdk] [--json result.json] [--short]
//                    [--directory .] [--profile profiles]
//
// --seconds   measured per variant and round. Half of it goes before, unmeasured, and at least 10,000 events: until then
//             the compiler is what is measured.
// --only      these variants alone, and no start-up; the names are the table's.
// --json      also writes everything into this file.
// --short     one round, a fraction of a second each: says whether every variant works and every event is acknowledged.
// --directory where journals are put while it runs: the disk that you want to know about. Default: the system's temporary.
// --profile   writes a CPU profile of every client into this directory; the numbers are not to be used then.
//
// It fails if a variant breaks, if an event is not acknowledged with code 200, or is not handled once. It never fails for
// being slow. Acks wait in a full window, so their latency is that of a client under full load.
//
// There is no row "metrics off": the connector has no such option, since what is not counted cannot be alerted on. The row
// `rooms` is the nearest that can be had, put together by hand: it leaves out spans, logs and facts as well.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startChild } from './throughput/call.mjs';
import { COMPARISONS, isOnTarget, START_UP_TARGETS, targetOf } from './throughput/comparisons.mjs';
import { PAYLOAD_BYTES, WINDOW } from './throughput/event-frames.mjs';
import { measureStartUp } from './throughput/start-up.mjs';
import { summaryOf, tableOf } from './throughput/summary.mjs';
import { VARIANTS } from './throughput/variants.mjs';

const SHORT_SECONDS = 0.2;
const WARM_UP_EVENTS = 10_000;
const WARM_UP_LIMIT_MS = 30_000;
const FIGURES = {
  eventsPerSecond: { title: 'events/s', digits: 0 },
  cpuMicrosPerEvent: { title: 'CPU µs/event', digits: 1 },
  ackP50Ms: { title: 'ack p50 ms', digits: 1 },
  ackP99Ms: { title: 'p99 ms', digits: 1 },
  loopDelayP99Ms: { title: 'loop p99 ms', digits: 1 },
  loopDelayMaxMs: { title: 'max ms', digits: 1 },
  peakRssMb: { title: 'peak MB', digits: 0 },
};
const RATIO_TITLES = ['ratio', 'in', 'median', 'quartiles', 'wanted', ''];
const START_UP_TITLES = ['start-up', 'ms', 'added', 'CPU ms', 'added', 'MB', 'added', 'wanted', ''];

try {
  await main(settingsOf());
} catch (error) {
  progress('');
  console.error(`throughput: ${error.message}`);
  process.exitCode = 1;
}

async function main({ rounds, seconds, warmUpEvents, names, json, profile, withStartUp, directory }) {
  const measured = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of orderOf(names, round)) {
      progress(`round ${round + 1} of ${rounds}: ${name}`);
      // Made and removed here: a client that dies cannot clean up.
      const journal = mkdtempSync(join(directory, 'throughput-'));
      try {
        measured[name].push(await measure(name, { seconds, warmUpEvents, profile, directory: journal }));
      } finally {
        rmSync(journal, { recursive: true });
      }
    }
  }
  progress('start-up');
  const startUp = withStartUp ? await measureStartUp(rounds) : null;
  progress('');
  const result = {
    benchmark: 'throughput',
    node: process.versions.node,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    rounds,
    seconds,
    window: WINDOW,
    payloadBytes: PAYLOAD_BYTES,
    variants: Object.fromEntries(names.map((name) => [name, variantOf(name, measured[name])])),
    ratios: ratiosOf(measured),
    startUp,
  };
  print(result);
  if (json !== null) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
}

/** Forward, then backward, each time from another start: nobody has always the same neighbour before it. */
function orderOf(names, round) {
  const from = Math.floor(round / 2) % names.length;
  const turned = [...names.slice(from), ...names.slice(0, from)];
  return round % 2 === 0 ? turned : turned.reverse();
}

async function measure(name, { seconds, warmUpEvents, directory, profile }) {
  const profiling = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${name}`];
  const gateway = startChild('gateway.mjs');
  const client = startChild('client.mjs', [name], profiling);
  try {
    await client.ask('connect', { url: await gateway.ask('listen'), directory });
    await gateway.ask('start');
    await warmUp(gateway, seconds * 500, warmUpEvents);
    await Promise.all([gateway.ask('begin'), client.ask('begin')]);
    await sleep(seconds * 1_000);
    const [told, used] = await Promise.all([gateway.ask('end'), client.ask('end')]);
    const { sent, acked } = await gateway.ask('drain');
    const { handled, peakRssMb } = await client.ask('stop');
    if (acked !== sent || handled !== sent || sent === 0) {
      throw new Error(`of ${sent} events ${acked} were acknowledged and ${handled} handled`);
    }
    return { ...told, ...used, peakRssMb, sent };
  } catch (error) {
    throw new Error(`${name} failed: ${error.message}`, { cause: error });
  } finally {
    await client.stop();
    await gateway.stop();
  }
}

async function warmUp(gateway, leastMs, leastEvents) {
  const limitAt = performance.now() + WARM_UP_LIMIT_MS;
  await sleep(leastMs);
  while ((await gateway.ask('acked')) < leastEvents) {
    if (performance.now() > limitAt) throw new Error(`fewer than ${leastEvents} events in ${WARM_UP_LIMIT_MS} ms`);
    await sleep(20);
  }
}

function variantOf(name, runs) {
  const figures = Object.keys(FIGURES).map((figure) => [figure, summaryOf(runs.map((run) => run[figure]))]);
  const events = runs.reduce((sum, { sent }) => sum + sent, 0);
  return { what: VARIANTS[name].what, events, ...Object.fromEntries(figures) };
}

/** Of the two variants' figures in the same round, then the median of these. */
function ratiosOf(measured) {
  return COMPARISONS.filter(({ of, to }) => of in measured && to in measured).map((comparison) => {
    const { of, to, in: figure } = comparison;
    const ratio = summaryOf(measured[of].map((run, round) => run[figure] / measured[to][round][figure]));
    return { ...comparison, ratio, isOnTarget: isOnTarget(comparison, ratio.median) };
  });
}

function print({ rounds, seconds, variants, ratios, startUp }) {
  const figures = Object.entries(FIGURES);
  console.log(
    `Events of ${PAYLOAD_BYTES} bytes, ${WINDOW} unacknowledged; medians of ${rounds} rounds of ${seconds} s\n`,
  );
  console.log(
    tableOf([
      ['', ...figures.map(([, { title }]) => title)],
      ...Object.entries(variants).map(([name, variant]) => [
        name,
        ...figures.map(([figure, { digits }]) => variant[figure].median.toFixed(digits)),
      ]),
    ]),
  );
  console.log(
    `\n${Object.entries(variants)
      .map(([name, { what }]) => `${name}: ${what}`)
      .join('\n')}`,
  );
  if (ratios.length > 0) console.log(`\n${tableOf([RATIO_TITLES, ...ratios.map(ratioRow)])}`);
  if (startUp !== null) console.log(`\n${tableOf([START_UP_TITLES, ...Object.entries(startUp).map(startUpRow)])}`);
}

function ratioRow({ ratio, ...comparison }) {
  const { of, to, in: figure } = comparison;
  return [
    `${of} / ${to}`,
    FIGURES[figure].title === 'p99 ms' ? 'ack p99' : FIGURES[figure].title,
    ratio.median.toFixed(2),
    `${ratio.lower.toFixed(2)}–${ratio.upper.toFixed(2)}`,
    targetOf(comparison),
    verdict(comparison.isOnTarget),
  ];
}

function startUpRow([name, { ms, cpuMs, rssMb }]) {
  const isOurs = name === 'feishu-connector';
  const fits = ms.added.median <= START_UP_TARGETS.ms && rssMb.added.median <= START_UP_TARGETS.rssMb;
  return [
    name,
    ...[ms, cpuMs, rssMb].flatMap(({ total, added }) => [total.median.toFixed(0), added.median.toFixed(0)]),
    isOurs ? `≤ ${START_UP_TARGETS.ms} ms and ${START_UP_TARGETS.rssMb} MB added` : '',
    verdict(isOurs ? fits : null),
  ];
}

function verdict(isOnTarget) {
  if (isOnTarget === null) return '';
  return isOnTarget ? 'yes' : 'no';
}

/** On a terminal alone, on one line that the next takes the place of. */
function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\x1b[K`);
}

function settingsOf() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
      short: { type: 'boolean', default: false },
      directory: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
    },
  });
  const { short } = values;
  const rounds = Number(values.rounds ?? (short ? 1 : 5));
  const seconds = Number(values.seconds ?? (short ? SHORT_SECONDS : 2));
  if (!(Number.isInteger(rounds) && rounds >= 1)) throw new RangeError('--rounds must be a whole number from 1');
  if (!(seconds > 0 && seconds <= 600)) throw new RangeError('--seconds must be more than 0 and at most 600');
  const names = values.only?.split(',') ?? Object.keys(VARIANTS);
  for (const name of names) {
    if (!Object.hasOwn(VARIANTS, name)) {
      throw new RangeError(`--only knows no ${name}; known are ${Object.keys(VARIANTS).join(', ')}`);
    }
  }
  return {
    rounds,
    seconds,
    warmUpEvents: short ? 0 : WARM_UP_EVENTS,
    names,
    json: values.json ?? null,
    directory: resolve(values.directory),
    profile: values.profile === undefined ? null : resolve(values.profile),
    withStartUp: values.only === undefined,
  };
}
