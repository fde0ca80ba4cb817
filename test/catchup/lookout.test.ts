import { expect, test } from 'vitest';
import { seededRandom } from '../../src/ports/index.js';
import { simulatorCanary } from '../../src/simulator/index.js';
import { DAY, HOUR, MINUTE, type Scene, SECOND, scene } from './scene.js';

const VIEW = '/open-apis/event/v1/connection';
const MESSAGES = '/open-apis/im/v1/messages';
/** Muted for good, pongs go on: the zombie of F04. The platform believes that its events were taken. */
const MUTE = { fault: 'mute', isCountedDelivered: true } as const;

/** An app with a pattern of one message every `everyMs`, which has kept to it for an hour. */
async function taught(everyMs: number): Promise<Scene> {
  const world = await scene({ eventsPerHour: HOUR / everyMs });
  while (world.clock.now() < HOUR) {
    world.send();
    await world.clock.advanceBy(everyMs);
  }
  return world;
}

test('two polls agree with us, and nothing follows', async () => {
  const world = await scene();
  await world.clock.advanceBy(20 * MINUTE);
  expect(world.of('server_view')).toMatchObject([
    { seen: 1, expected: 1, verdict: 'agrees', isChange: true },
    { seen: 1, expected: 1, verdict: 'agrees', isChange: false },
  ]);
  expect(world.of('suspected')).toEqual([]);
});

test('a zombie that the platform does not count is confirmed half a minute after the first doubt, and replaced (F04, F08)', async () => {
  const world = await scene();
  await world.hear();
  await world.clock.advanceBy(2 * MINUTE);
  world.platform.inject({ ...MUTE, isUncounted: true });
  const deafAt = world.clock.now();
  const lost = world.send();
  await world.clock.runUntil(() => world.replacements > 0, HOUR);
  expect(world.clock.now() - deafAt).toBeLessThan(20 * MINUTE);
  expect(world.of('suspected')).toMatchObject([{ suspicion: 'server_view' }]);
  const [advice] = world.of('replace_advised');
  expect(advice?.proofs).toContain('count_below');
  await world.clock.advanceBy(2 * MINUTE);
  expect(world.messages.get(lost)).toBe('catchup');
  await world.hear();
  expect(world.of('replace_judged')).toMatchObject([{ isEffective: true }]);
  expect(world.replacements).toBe(1);
});

test('one low reading alone replaces nothing', async () => {
  const world = await scene();
  await world.hear();
  await world.clock.advanceBy(2 * MINUTE);
  const fault = world.platform.inject({ fault: 'mute', isUncounted: true });
  await world.clock.runUntil(() => world.of('suspected').length > 0, HOUR);
  world.platform.clear(fault);
  await world.clock.advanceBy(10 * MINUTE);
  expect(world.replacements).toBe(0);
  expect(world.of('cleared')).toMatchObject([{ suspicion: 'server_view' }]);
});

test('while nothing heals it, replacing becomes rarer and rarer', async () => {
  const world = await scene();
  await world.hear();
  await world.clock.advanceBy(2 * MINUTE);
  world.platform.inject({ ...MUTE, sockets: 'all', isUncounted: true });
  await world.clock.advanceBy(DAY);
  expect(world.replacements).toBeGreaterThan(3);
  expect(world.replacements).toBeLessThan(18);
  expect(world.of('replace_judged').every(({ isEffective }) => !isEffective)).toBe(true);
});

test('somebody else on our app is told after two polls in a row, and nothing is replaced (F07)', async () => {
  const world = await scene();
  const other = await scene({ clock: world.clock, store: null, policy: { view: { isEnabled: false } } });
  other.platform.stop();
  // A second client of the same app, with nobody's leave.
  await world.connect();
  world.lookout.connections(1);
  await world.clock.advanceBy(3 * MINUTE);
  expect(world.of('server_view').map(({ seen, verdict }) => [seen, verdict])).toEqual([
    [2, 'unknown'],
    [2, 'foreign_consumer'],
  ]);
  expect(world.replacements).toBe(0);
});

test('connections of the fleet that we were told of are no strangers', async () => {
  const world = await scene({ policy: { fleet: { others: 1, isDeduplicated: true } } });
  await world.connect();
  world.lookout.connections(1);
  await world.clock.advanceBy(HOUR);
  expect(new Set(world.of('server_view').map(({ verdict }) => verdict))).toEqual(new Set(['agrees']));
});

test('our own dead connection is called a ghost, and its share of the time is caught up (F08)', async () => {
  const world = await scene();
  await world.hear();
  await world.clock.advanceBy(2 * MINUTE);
  world.platform.inject({ fault: 'dead_connection_kept', keptMs: 20 * MINUTE, times: 1 });
  await world.outage(5 * SECOND, { isClean: false });
  const sent = Array.from({ length: 20 }, () => world.send());
  await world.clock.advanceBy(HOUR);
  expect(world.of('server_view').map(({ verdict }) => verdict)).toContain('ghost');
  expect(world.of('server_view').at(-1)?.verdict).toBe('agrees');
  expect(world.of('gap_closed').map(({ record }) => record.cause)).toContain('aftermath');
  expect(sent.filter((id) => !world.messages.has(id))).toEqual([]);
  expect(world.replacements).toBe(0);
});

test('a view that is not permitted says so, and proves nothing', async () => {
  const world = await scene();
  world.platform.inject({ fault: 'api_code', code: 99991672, path: VIEW });
  await world.clock.advanceBy(HOUR);
  expect(world.of('view_failed')[0]).toMatchObject({ failure: 'scope_missing', verdict: 'operator' });
  expect(world.lookout.snapshot().view.verdict).toBe('unknown');
  expect(world.of('suspected')).toEqual([]);
});

test('a busy bot that goes deaf is replaced within two minutes, though platform and pongs say that all is well', async () => {
  const world = await taught(5 * SECOND);
  world.platform.inject({ ...MUTE });
  const deafAt = world.clock.now();
  const lost: string[] = [];
  while (world.replacements === 0 && world.clock.now() - deafAt < HOUR) {
    lost.push(world.send());
    await world.clock.advanceBy(5 * SECOND);
  }
  expect(world.clock.now() - deafAt).toBeLessThan(2 * MINUTE);
  expect(world.of('replace_advised')).toMatchObject([
    { proofs: expect.arrayContaining(['silence', 'unseen_message']) },
  ]);
  await world.hear();
  await world.clock.advanceBy(2 * MINUTE);
  expect(lost.filter((id) => !world.messages.has(id))).toEqual([]);
  expect(world.of('reconciled')[0]).toMatchObject({ trigger: 'silence', verdict: 'deaf' });
});

test('a busy bot that nobody writes to costs three calls, once, until the next event (F31)', async () => {
  const world = await taught(10 * SECOND);
  const { calls } = world;
  const regular = world.of('server_view').length;
  await world.clock.advanceBy(8 * HOUR);
  expect(world.of('suspected')).toMatchObject([{ suspicion: 'silence' }]);
  expect(world.of('cleared')).toMatchObject([{ suspicion: 'silence' }]);
  expect(world.replacements).toBe(0);
  expect(world.calls - calls - (world.of('server_view').length - regular)).toBe(1);
}, 60_000);

test('a quiet bot that goes deaf behind a right count is found within twenty minutes, if history is compared on a schedule', async () => {
  const world = await scene({ policy: { reconcile: { everyMs: 15 * MINUTE } } });
  await world.hear();
  await world.clock.advanceBy(40 * MINUTE);
  world.platform.inject({ ...MUTE });
  const lost = world.send();
  const deafAt = world.clock.now();
  await world.clock.runUntil(() => world.replacements > 0, DAY);
  expect(world.clock.now() - deafAt).toBeLessThan(20 * MINUTE);
  await world.clock.advanceBy(2 * MINUTE);
  expect(world.messages.get(lost)).toBe('catchup');
});

test('what is missing because of an outage, and is being caught up, does not speak against the new connection', async () => {
  const world = await scene({ platform: { whenNobodyOnline: 'lost' } });
  await world.hear();
  world.platform.inject({ fault: 'api_status', status: 503, path: '/open-apis/im/v1/chats', forMs: 20 * MINUTE });
  await world.drop();
  world.send();
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(2 * MINUTE);
  world.lookout.lookNow();
  await world.clock.advanceBy(5 * MINUTE);
  expect(world.of('reconciled')).toMatchObject([{ trigger: 'operator', verdict: 'agrees' }]);
  expect(world.replacements).toBe(0);
});

test('a missing message that is known to be missing, and cannot be handed over yet, is no new proof', async () => {
  let isFull = true;
  const policy = { reconcile: { everyMs: 15 * MINUTE, windowMs: HOUR } };
  const world = await scene({ policy, feed: async () => (isFull ? 'refused' : 'taken') });
  await world.hear();
  await world.clock.advanceBy(5 * MINUTE);
  const fault = world.platform.inject({ ...MUTE });
  const lost = world.send();
  await world.clock.runUntil(() => world.replacements > 0, HOUR);
  world.platform.clear(fault);
  await world.clock.advanceBy(5 * MINUTE);
  await world.hear();
  await world.clock.advanceBy(2 * HOUR);
  expect(world.of('reconciled').filter(({ verdict }) => verdict === 'deaf')).toHaveLength(1);
  expect(world.replacements).toBe(1);
  isFull = false;
  await world.clock.advanceBy(2 * HOUR);
  expect(world.messages.get(lost)).toBe('catchup');
});

test('an idle bot costs at most a hundred calls a day, and nothing is done to its healthy link in thirty days', async () => {
  const world = await scene();
  await world.hear();
  await world.clock.advanceBy(30 * DAY);
  expect(world.calls / 30).toBeLessThanOrEqual(100);
  expect(world.of('suspected')).toEqual([]);
  expect(world.of('catchup_started')).toEqual([]);
  expect(world.of('budget')).toEqual([]);
  expect(world.replacements).toBe(0);
}, 60_000);

test('a bot with a life of its own is left alone for thirty days: no suspicion, no comparison, no replacement', async () => {
  const world = await scene();
  const random = seededRandom(12);
  const until = world.clock.now() + 30 * DAY;
  while (world.clock.now() < until) {
    const hour = Math.floor(world.clock.wallNow() / HOUR) % 24;
    const share = hour >= 8 && hour < 20 ? 1 : 1 / 40;
    await world.clock.advanceBy(-Math.log(1 - random()) * 3 * MINUTE);
    if (random() < share) world.send();
  }
  expect(world.messages.size).toBeGreaterThan(5_000);
  expect([world.of('suspected'), world.of('reconciled'), world.replacements]).toEqual([[], [], 0]);
  expect(world.calls / 30).toBeLessThanOrEqual(100);
}, 60_000);

test('one deaf connection of two is found by what is missing, though the other brings events', async () => {
  const world = await scene({ policy: { reconcile: { everyMs: 15 * MINUTE } } });
  await world.connect();
  await world.hear();
  await world.clock.advanceBy(5 * MINUTE);
  world.platform.inject({ ...MUTE, which: 'oldest' });
  const sent: string[] = [];
  for (let minute = 0; minute < 20; minute++) {
    sent.push(world.send());
    await world.clock.advanceBy(MINUTE);
  }
  expect(world.of('replace_advised')).toMatchObject([{ proofs: ['unseen_message'] }]);
  await world.clock.advanceBy(30 * MINUTE);
  expect(sent.filter((id) => !world.messages.has(id))).toEqual([]);
});

test('the application may go on calling after stop, and no timer is set for it', async () => {
  const world = await scene();
  await world.hear();
  await world.stop();
  world.platform.stop();
  await world.clock.advanceBy(3 * HOUR);
  world.lookout.countCall('/open-apis/im/v1/messages');
  expect(world.clock.pendingTimers).toBe(0);
});

test('the budget slows what is voluntary before the quota is in danger, and the month goes on', async () => {
  const world = await scene({ policy: { budget: { monthlyQuota: 2_000 } } });
  await world.clock.advanceBy(29 * DAY);
  expect(world.of('budget').map(({ level }) => level)).toContain('slowed');
  expect(world.calls).toBeLessThan(2_000 * 0.95);
  expect(world.of('server_view').length).toBeGreaterThan(500);
}, 60_000);

test('when the platform says that the quota is used up nothing is called for a day', async () => {
  const world = await scene();
  await world.clock.advanceBy(5 * MINUTE);
  world.platform.inject({ fault: 'api_code', code: 99991403, times: 1 });
  await world.clock.advanceBy(20 * MINUTE);
  const { calls } = world;
  expect(world.of('view_failed')[0]).toMatchObject({ failure: 'quota_exhausted' });
  await world.clock.advanceBy(23 * HOUR);
  expect(world.calls).toBe(calls);
  await world.clock.advanceBy(2 * HOUR + DAY);
  expect(world.calls).toBeGreaterThan(calls);
});

test('a restart does not forget the month, the pattern, or who the bot is', async () => {
  const world = await scene();
  world.lookout.countCall('/open-apis/im/v1/messages');
  for (let hour = 0; hour < 8 * 24; hour++) {
    await world.hear();
    await world.clock.advanceBy(HOUR);
  }
  const before = world.lookout.snapshot().budget;
  await world.end();
  await world.begin();
  expect(world.lookout.snapshot().budget).toEqual(before);
  await world.clock.advanceBy(30 * HOUR);
  expect(world.lookout.snapshot().missedEvents).toBeGreaterThanOrEqual(0);
});

test('canaries come home, and are no chat', async () => {
  const world = await scene({
    canary: (platform) => ({ canary: simulatorCanary(platform), schedule: { everyMs: 5 * MINUTE } }),
  });
  await world.clock.advanceBy(HOUR);
  const seen = world.of('canary_seen');
  expect(seen.length).toBeGreaterThanOrEqual(9);
  expect(seen.every(({ roundTripMs }) => roundTripMs < 100)).toBe(true);
  expect(world.of('canary_missing')).toEqual([]);
});

test('two canaries in a row that do not come are proof, one is not', async () => {
  const world = await scene({
    canary: (platform) => ({ canary: simulatorCanary(platform), schedule: { everyMs: 5 * MINUTE } }),
  });
  await world.clock.advanceBy(10 * MINUTE);
  world.platform.inject({ ...MUTE, times: 1 });
  await world.clock.advanceBy(10 * MINUTE);
  expect(world.of('canary_missing')).toMatchObject([{ missed: 1 }]);
  expect(world.replacements).toBe(0);
  world.platform.inject({ ...MUTE });
  await world.clock.runUntil(() => world.replacements > 0, HOUR);
  expect(world.of('replace_advised')).toMatchObject([{ proofs: ['canary_missing'] }]);
  await world.clock.advanceBy(10 * MINUTE);
  expect(world.of('canary_seen').at(-1)?.at).toBeGreaterThan(world.of('replace_advised')[0]?.at ?? 0);
});

test('a canary that cannot be caused, or never answers, says nothing about the connection', async () => {
  let mode: 'throw' | 'hang' = 'throw';
  const canary = {
    cause: (): Promise<string> => (mode === 'throw' ? Promise.reject(new Error('no room')) : new Promise(() => {})),
    sees: () => false,
  };
  const world = await scene({ canary: () => ({ canary, schedule: { everyMs: 5 * MINUTE } }) });
  await world.clock.advanceBy(20 * MINUTE);
  mode = 'hang';
  await world.clock.advanceBy(20 * MINUTE);
  expect(world.of('canary_failed').map(({ detail }) => detail)).toEqual(
    expect.arrayContaining(['no room', 'it took longer than 30000 ms']),
  );
  expect(world.of('suspected')).toEqual([]);
});

test('a look that hangs ends with its deadline, and stop does not wait for it', async () => {
  const world = await scene();
  await world.hear();
  await world.clock.advanceBy(2 * MINUTE);
  world.platform.inject({ fault: 'api_hang' });
  world.lookout.lookNow();
  await world.clock.advanceBy(40 * SECOND);
  expect(world.of('view_failed')).toMatchObject([{ failure: 'unreachable' }]);
  expect(world.of('cleared')).toMatchObject([{ suspicion: 'operator' }]);
  world.lookout.lookNow();
  await world.clock.advanceBy(SECOND);
  const before = world.clock.now();
  await world.stop();
  expect(world.clock.now()).toBe(before);
});

test('suspicions without end are looked into twelve times an hour at most', async () => {
  const world = await scene();
  await world.hear();
  await world.clock.advanceBy(2 * MINUTE);
  for (let minute = 0; minute < 60; minute++) {
    world.lookout.wokeUp();
    await world.clock.advanceBy(MINUTE);
  }
  expect(world.of('cleared').length).toBe(12);
  expect(world.callsTo(MESSAGES)).toBe(12);
});

test('the console advice stands in the snapshot when nothing ever came', async () => {
  const world = await scene();
  await world.clock.advanceBy(5 * MINUTE);
  expect(world.lookout.snapshot().console).toBeNull();
  await world.clock.advanceBy(6 * MINUTE);
  expect(world.lookout.snapshot().console?.advice[0]).toContain('Subscription mode');
  await world.hear();
  expect(world.lookout.snapshot().console).toBeNull();
});
