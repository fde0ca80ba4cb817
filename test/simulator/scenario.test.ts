import { expect, test } from 'vitest';
import { FaultError, messageEvent, runScenario, SCENARIOS, type Scenario } from '../../src/simulator/index.js';
import { LATENCY_MS, stage, textOf } from './stage.js';

const SHORT: Scenario = {
  name: 'short',
  seed: 3,
  description: 'One message a second for a minute, and a hanging discovery in the middle.',
  eventsPerSecond: 1,
  durationMs: 60_000,
  faults: [
    { at: 20_000, fault: 'discovery_hang', forMs: 10_000 },
    { at: 50_000, fault: 'token_hang' },
  ],
};

test('faults begin and end at their times, and none outlives the scenario', async () => {
  const { clock, platform } = stage();
  const story: string[] = [];
  platform.subscribe(({ type, fault }) => story.push(`${clock.now()} ${type} ${fault.fault}`));
  const run = runScenario(platform, SHORT);
  await clock.advanceBy(60_000);
  await run.finished;
  expect(story).toEqual([
    '20000 fault_started discovery_hang',
    '30000 fault_ended discovery_hang',
    '50000 fault_started token_hang',
    '60000 fault_ended token_hang',
  ]);
});

test('messages come at random, at the rate it names, until the end', async () => {
  const { clock, platform } = stage();
  runScenario(platform, { ...SHORT, eventsPerSecond: 10 });
  await clock.advanceBy(60_000);
  const sentAts = platform.ledger.events.map(({ sentAt }) => sentAt);
  expect(sentAts.length).toBeGreaterThan(500);
  expect(sentAts.length).toBeLessThan(700);
  await clock.advanceBy(60_000);
  expect(platform.ledger.summary.total).toBe(sentAts.length);
});

test('a stopped scenario does nothing more', async () => {
  const { clock, platform } = stage();
  const run = runScenario(platform, SHORT);
  await clock.advanceBy(25_000);
  run.stop();
  run.stop();
  await run.finished;
  const total = platform.ledger.summary.total;
  expect(platform.activeFaults).toEqual([]);
  await clock.advanceBy(60_000);
  expect(platform.ledger.summary.total).toBe(total);
});

test('a scenario with a mistake does not begin', () => {
  const { clock, platform } = stage();
  const wrong = { ...SHORT, faults: [{ at: 0, fault: 'token_delay', delayMs: -1 } as const] };
  expect(() => runScenario(platform, wrong)).toThrow(FaultError);
  expect(() => runScenario(platform, { ...SHORT, faults: [{ at: -1, fault: 'token_hang' }] })).toThrow(
    'at must be >= 0',
  );
  expect(() => runScenario(platform, { ...SHORT, durationMs: Number.NaN })).toThrow('durationMs');
  expect(() => runScenario(platform, { ...SHORT, eventsPerSecond: -1 })).toThrow('eventsPerSecond');
  expect(clock.pendingTimers).toBe(0);
});

test.each(SCENARIOS)('the shipped scenario $name runs to its end and leaves the platform sound', async (scenario) => {
  const { clock, platform, visitor } = stage({ seed: scenario.seed });
  const run = runScenario(platform, scenario);
  await clock.advanceBy(scenario.durationMs);
  await run.finished;
  expect(platform.activeFaults).toEqual([]);
  expect(platform.ledger.summary.total).toBeGreaterThan(50);
  expect(scenario.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  expect((await visitor().connect()).isOpen).toBe(true);
});

/** Two clients that acknowledge what they can, and everything that happened to them and to the platform, as text. */
async function run(seed: number): Promise<string> {
  const { clock, platform, visitor } = stage({ seed, link: { latencyMs: LATENCY_MS, jitterMs: 3 } });
  const story: unknown[] = [];
  platform.subscribe(({ type, id }) => story.push([clock.now(), type, id]));
  const scenario: Scenario = {
    ...SHORT,
    eventsPerSecond: 5,
    faults: [
      { at: 5000, fault: 'fragment_events', parts: 3, order: 'random', times: 3 },
      { at: 10_000, fault: 'drop_socket', which: 'random' },
      { at: 20_000, fault: 'half_open', which: 'random', forMs: 10_000 },
    ],
  };
  runScenario(platform, scenario);
  const clients = [visitor(), visitor()];
  for (const client of clients) {
    client.acks = { code: 200 };
    const found = client.discover();
    await clock.advanceBy(20);
    client.dial(JSON.parse((await found).body).data.URL);
  }
  await clock.advanceTo(400_000);
  story.push(clients.map(({ log, events }) => ({ log, payloads: events.map(textOf) })));
  return JSON.stringify([story, platform.ledger.events, platform.traffic.recent('push')]);
}

test('the same seed tells the same story, another seed another', async () => {
  const [first, again, other] = [await run(11), await run(11), await run(12)];
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test('a stopped platform has no timers and no connections', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  platform.inject({ fault: 'dead_connection_kept', keptMs: 60_000, times: 1 });
  platform.inject({ fault: 'garbage_frame', times: 100 });
  platform.inject({ fault: 'discovery_hang', forMs: 100_000 });
  platform.send(messageEvent());
  platform.stop();
  await clock.advanceBy(2 * LATENCY_MS);
  expect(client.end).toMatchObject({ how: 'failed', error: 'reset' });
  expect(clock.pendingTimers).toBe(0);
});
