import { expect, test } from 'vitest';
import { type ConnectorOptions, createConnector, type GapRecord } from '../src/index.js';
import { DEFAULT_APP, messageEvent } from '../src/simulator/index.js';
import { eventually } from './support/eventually.js';
import { MemoryStore } from './support/memory-store.js';
import { realConnector, realPlatform } from './support/real-world.js';
import { virtualWorld } from './support/world.js';

test.each<[unknown, RegExp]>([
  ['yes', /catchup must be options, true or false/],
  [null, /catchup must be options, true or false/],
  [{ view: 5 }, /catchup\.view must be options, true or false, got 5/],
  [{ budget: false }, /catchup\.budget must be options, got false/],
  [{ view: { isEnabled: 'no' } }, /catchup\.view\.isEnabled must be true or false/],
  [{ view: { intervalMs: 1 } }, /catchup\.view\.intervalMs must be from \d+ to 86400000, got 1/],
  [{ veiw: false }, /unknown option catchup\.veiw; known are view/],
  [{ catchup: { rememberedMs: 1 } }, /unknown option catchup\.catchup\.rememberedMs/],
  [{ canary: { canary: {}, schedule: { everyMs: 1 } } }, /canary\.everyMs/],
])('catchup: %j is a bad option, and says why', (catchup, said) => {
  const options = { ...DEFAULT_APP, handlers: {}, catchup } as unknown as ConnectorOptions;
  expect(() => createConnector(options)).toThrow(
    expect.objectContaining({ code: 'bad_option', message: expect.stringMatching(said) }),
  );
});

test('switched off, nothing is asked and nothing is claimed', async () => {
  const world = virtualWorld({ connector: { catchup: false } });
  await world.connect();
  await world.clock.advanceBy(3_600_000);
  expect(world.platform.traffic.count('api')).toBe(0);
  expect(world.connector.status()).toMatchObject({ serverView: null, gaps: null, budget: null, baseline: null });
  expect(() => world.connector.catchUp()).toThrow(expect.objectContaining({ code: 'bad_option' }));
  await world.stop();
});

test('the count alone may be switched off: gaps are told all the same', async () => {
  const world = virtualWorld({ connector: { catchup: { view: false } } });
  await world.connect();
  world.platform.inject({ fault: 'drop_socket' });
  await world.clock.advanceBy(3_600_000);
  expect(world.platform.traffic.count('api')).toBe(0);
  expect(world.connector.status()).toMatchObject({ serverView: { verdict: 'unknown' }, gaps: { openCount: 0 } });
  expect(world.connector.status().gaps?.latest).toMatchObject([{ cause: 'outage' }]);
  await world.stop();
});

test('a disk that hangs does not hold up the stop', async () => {
  const world = virtualWorld();
  const store = new MemoryStore({ clock: world.clock, commitDelayMs: 3_600_000 });
  const hung = virtualWorld(
    { connector: { journal: { directory: 'in memory' } } },
    { clock: world.clock, store: async () => store },
  );
  await hung.connector.start();
  let isStopped = false;
  const stopped = hung.connector.stop({ drainMs: 0 }).then(() => {
    isStopped = true;
  });
  await world.clock.advanceBy(60_000);
  expect(isStopped).toBe(true);
  await stopped;
});

test('over real sockets, what an outage swallowed is fetched from the history and handled once', async () => {
  const platform = await realPlatform({ whenNobodyOnline: 'lost' });
  const { connector, handled, connect } = realConnector(platform.url, {
    catchup: {
      view: false,
      catchup: { isEnabled: true, settleMs: 10, briefMs: 0, gatherMs: 0 },
      callIntervalMs: 0,
    },
  });
  const gaps: GapRecord[] = [];
  connector.on('gap', (record) => gaps.push(record));
  await connect();
  platform.simulator.platform.send(messageEvent({ messageId: 'om_before' }));
  await eventually(() => handled.length === 1, 'the first message');
  const fault = platform.simulator.platform.inject({ fault: 'refuse_tcp' });
  platform.simulator.platform.inject({ fault: 'drop_socket' });
  await eventually(() => !connector.status().connected.is, 'the outage');
  const missed = ['om_1', 'om_2', 'om_3'];
  for (const messageId of missed) platform.simulator.platform.send(messageEvent({ messageId }));
  platform.simulator.platform.clear(fault);
  await eventually(() => gaps.length === 1, 'the end of the gap');
  expect(gaps).toMatchObject([{ cause: 'outage', recovered: 'yes', found: 3, alreadyKnown: 1 }]);
  expect(handled.map(({ data }) => (data.message as { message_id: string }).message_id)).toEqual([
    'om_before',
    ...missed,
  ]);
  expect(handled.map(({ source }) => source)).toEqual(['push', 'catchup', 'catchup', 'catchup']);
});
