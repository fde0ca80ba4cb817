import { expect, test } from 'vitest';
import { createDiscovery } from '../../src/connection/discovery.js';
import { type ConnectionReport, TeamDriver } from '../../src/connection/index.js';
import { DEFAULT_CONNECTION_POLICY } from '../../src/connection/policy.js';
import { seededRandom } from '../../src/ports/index.js';
import { DEFAULT_APP, inMemoryFace } from '../../src/simulator/index.js';
import { Platform } from '../../src/simulator/platform.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';

const BASE_URL = 'http://platform.invalid';

/** A team on the in-memory platform, started, with all of its connections proven and stable. */
async function wholeTeam(size: number) {
  const clock = new VirtualClock();
  const platform = new Platform({ clock, random: seededRandom(1) });
  const { http, dial } = inMemoryFace(platform);
  const secret = async () => DEFAULT_APP.appSecret;
  const { discover, lookAt } = createDiscovery({ http, baseUrl: BASE_URL, appId: DEFAULT_APP.appId, secret });
  const reports: ConnectionReport[] = [];
  const ports = { clock, random: seededRandom(2), dial, discover, lookAt, receive: () => {} };
  const team = new TeamDriver(
    { ...ports, report: (report) => void reports.push(report) },
    DEFAULT_CONNECTION_POLICY,
    size,
  );
  team.start();
  expect(await clock.runUntil(() => team.whole.proven === size, 600_000)).toBe(true);
  await clock.advanceBy(120_000);
  return { clock, platform, team, reports };
}

const idsOf = (platform: Platform): string[] => platform.connections().map(({ id }) => id);

test('a replacement of all goes through them one after the other, and never leaves fewer than are wanted', async () => {
  const { clock, platform, team, reports } = await wholeTeam(3);
  const before = idsOf(platform);
  reports.length = 0;
  team.replace();
  team.replace();
  let fewest = 3;
  await clock.runUntil(() => {
    fewest = Math.min(fewest, platform.connections().length);
    return false;
  }, 60_000);
  expect(fewest).toBe(3);
  expect(idsOf(platform).filter((id) => before.includes(id))).toEqual([]);
  expect(reports.filter(({ type }) => type === 'attempt_started').length).toBe(3);
  expect(team.whole).toMatchObject({ state: 'connected', proven: 3, outage: null });
});

test('a stop in the midst of that leaves nothing behind', async () => {
  const { clock, platform, team } = await wholeTeam(3);
  team.replace();
  await clock.advanceBy(10);
  const stopped = team.stop();
  await clock.advanceBy(5_000);
  await stopped;
  expect(platform.connections()).toEqual([]);
  expect(team.whole).toMatchObject({ state: 'stopped', proven: 0, session: null });
  await clock.advanceBy(3_600_000);
  expect(platform.connections()).toEqual([]);
});

test('the session that speaks for all is the oldest that nothing is held against', async () => {
  const { clock, platform, team } = await wholeTeam(2);
  const [oldest, other] = idsOf(platform);
  expect(team.whole.session?.connectionId).toBe(oldest);
  platform.inject({ fault: 'half_open', which: 'oldest' });
  expect(await clock.runUntil(() => team.whole.session?.connectionId === other, 60_000)).toBe(true);
  expect(team.whole).toMatchObject({ state: 'connected', outage: null });
  expect(await clock.runUntil(() => !idsOf(platform).includes(oldest ?? ''), 600_000)).toBe(true);
});

test('a suspect standby seeks no successor: it is lost without harm, and comes back in its turn', async () => {
  const { clock, platform, team, reports } = await wholeTeam(2);
  reports.length = 0;
  platform.inject({ fault: 'half_open', which: 'newest' });
  await clock.runUntil(() => reports.some(({ type }) => type === 'disconnected'), 120_000);
  expect(reports.filter(({ type }) => type === 'attempt_started')).toEqual([]);
  expect(reports.find(({ type }) => type === 'disconnected')).toMatchObject({ isStandby: true, outage: null });
  expect(await clock.runUntil(() => team.whole.proven === 2, 120_000)).toBe(true);
  expect(reports.filter(({ type }) => type === 'outage_started')).toEqual([]);
});
