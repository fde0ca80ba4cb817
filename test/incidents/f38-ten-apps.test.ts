import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { resolveAlertOptions, ruleFiles } from '../../src/alerts/index.js';
import type { Readiness } from '../../src/daemon/index.js';
import { type Sample, type Series, World } from '../alerts/support/world.js';
import { runTool } from '../support/run-tool.js';
import { withFiles } from '../support/temporary-folder.js';
import { MANNERS, type Manner, tenApps } from '../support/ten-apps.js';

const DEAF: readonly Manner[] = ['rejected', 'frozen'];
const HEALTHY: readonly Manner[] = ['calm', 'quiet'];
const CONNECTED = MANNERS.filter((manner) => !DEAF.includes(manner));
const STEP_S = 15;

const MESSAGE = 'event_type="im.message.receive_v1"';

/** Ten apps, all of them up that can be. */
async function up() {
  const world = await tenApps();
  const { clock, connectorOf } = world;
  const isUp = (manner: Manner) => connectorOf(manner).status().connected.is;
  expect(await clock.runUntil(() => MANNERS.every((manner) => manner === 'rejected' || isUp(manner)), 60_000)).toBe(
    true,
  );
  return world;
}

/** The same, each in its trouble. */
async function troubled() {
  const world = await up();
  const { clock, platform, appIdOf } = world;
  await clock.advanceBy(90_000);
  platform.inject({ fault: 'half_open', sockets: 'all', appId: appIdOf('frozen') });
  platform.inject({ fault: 'discovery_hang', appId: appIdOf('frozen') });
  return world;
}

test('F38: ten apps in one daemon: eight kinds of trouble stay with the app that has them', async () => {
  const world = await troubled();
  const { clock, daemon, connectorOf, watchOf, send, appIdOf, delaysMs } = world;
  const before = world.connections();
  const history: ReadonlyMap<string, number>[] = [];
  for (let second = 0; second < 1_200; second += 1) {
    if (second % STEP_S === 0) history.push(await world.samples());
    if (second < 1_000) for (const manner of MANNERS) if (second % 5 === 0) send(manner);
    if (second >= 60 && second < 90) for (let nth = 0; nth < 100; nth += 1) send('flooded');
    await clock.advanceBy(1_000);
  }

  // Whoever is not deaf by its own trouble kept the very connection that it had.
  expect(CONNECTED.map((manner) => [manner, watchOf(manner).entered.map(({ state }) => state)])).toEqual(
    CONNECTED.map((manner) => [manner, ['discovering', 'dialing', 'proving', 'connected']]),
  );
  expect(world.connections()).toMatchObject(Object.fromEntries(CONNECTED.map((manner) => [manner, before[manner]])));
  expect(DEAF.map((manner) => connectorOf(manner).status().connected.is)).toEqual([false, false]);
  expect(connectorOf('rejected').status().lastFailure?.code).toBe('credentials_rejected');
  expect(watchOf('frozen').entered.map(({ state }) => state)).toContain('suspect');

  // And whoever handles events handled each of them at once, the flooded one too.
  for (const manner of [...HEALTHY, 'flooded'] as const) {
    const delays = delaysMs[appIdOf(manner)] ?? [];
    expect(delays.length, manner).toBe(manner === 'flooded' ? 3_200 : 200);
    expect(Math.max(...delays), manner).toBeLessThan(100);
  }

  const now = await world.samples();
  const value = (name: string, manner: Manner, labels = '') => now.get(`${name}{app="${manner}"${labels}}`) ?? 0;
  const whoHas = (isMeant: (manner: Manner) => boolean) => MANNERS.filter(isMeant);
  expect(whoHas((manner) => value('feishu_ws_connected', manner) === 0)).toEqual(DEAF);
  expect(whoHas((manner) => value('feishu_ws_connect_attempts_total', manner) > 1)).toEqual(DEAF);
  expect(whoHas((manner) => value('feishu_events_received_total', manner, `,${MESSAGE}`) >= 200)).toEqual(CONNECTED);
  const sumOf = (metric: string, manner: Manner, part = '') =>
    [...now]
      .filter(
        ([series]) => series.startsWith(`${metric}{`) && series.includes(`app="${manner}"`) && series.includes(part),
      )
      .reduce((sum, [, each]) => sum + each, 0);
  const failed = (metric: string, part = '') => whoHas((manner) => sumOf(metric, manner, part) > 0);
  expect(failed('feishu_token_refresh_failures_total')).toEqual(['rejected']);
  expect(failed('feishu_sink_failures_total', 'sink="webhook"')).toEqual(['hookless']);
  expect(failed('feishu_journal_failures_total')).toEqual(['readonly']);
  expect(failed('feishu_event_handler_failures_total', 'reason="timeout"')).toEqual(['stuck']);
  expect(failed('feishu_event_handler_failures_total', 'reason="thrown"')).toEqual(['hookless', 'throwing']);

  const readiness = (await (await fetch(`${daemon.url}/readyz`)).json()) as Readiness;
  expect(readiness.apps.filter(({ isReady }) => !isReady).map(({ app }) => app)).toEqual(DEAF);
  expect(readiness.reason).toBe('2 of 10 apps not connected');

  // Prometheus, asked with every rule that ships, names nobody else.
  const expected: Readonly<Partial<Record<Manner, readonly string[]>>> = {
    stuck: ['FeishuAckBudgetBurn', 'FeishuAckLate', 'FeishuDuplicateDeliveries', 'FeishuHandlerErrors'],
    rejected: [
      ...['FeishuAppDeaf', 'FeishuConnectRejected', 'FeishuConnectivityBudgetBurn', 'FeishuTokenRefreshFailing'],
      'FeishuWsDisconnected',
    ],
    frozen: ['FeishuAppDeaf', 'FeishuConnectivityBudgetBurn', 'FeishuWsDisconnected'],
    readonly: ['FeishuJournalFailing'],
    hookless: ['FeishuSinkDown'],
    throwing: ['FeishuHandlerErrors'],
  };
  expect(await complaintsAbout(history, expected)).toBe('');
}, 120_000);

const OTHERS = (left: Manner) => MANNERS.filter((manner) => manner !== left);

/** What must not change for an app that a reload is not about. */
function standing(
  { connections, connectorOf, watchOf }: Awaited<ReturnType<typeof tenApps>>,
  manners: readonly Manner[],
) {
  return manners.map((manner) => ({
    manner,
    connection: connections()[manner],
    // The one with the wrong secret tries on, as it should.
    attempts: manner === 'rejected' ? null : connectorOf(manner).status().attempts.count,
    disconnects: watchOf(manner).count('disconnected'),
    connector: connectorOf(manner),
  }));
}

test('F38: a reload that changes, removes or adds one app leaves the connections of all others as they are', async () => {
  const world = await up();
  const { clock, daemon, write, reload, connectorOf, appIdOf } = world;
  const calm = connectorOf('calm');

  const before = standing(world, OTHERS('calm'));
  write((app) => (app.app === 'calm' ? { ...app, connection: { heartbeatMs: 30_000 } } : app));
  expect(await reload()).toMatchObject({ restarted: ['calm'], started: [], stopped: [], failed: [] });
  expect(connectorOf('calm')).not.toBe(calm);
  expect(await clock.runUntil(() => connectorOf('calm').status().connected.is, 60_000)).toBe(true);
  expect(standing(world, OTHERS('calm'))).toEqual(before);

  write((app) => (app.app === 'calm' ? null : app));
  expect(await reload()).toMatchObject({ restarted: [], started: [], stopped: ['calm'], failed: [] });
  expect(daemon.apps).toEqual(OTHERS('calm'));
  expect([...(await world.samples()).keys()].filter((series) => series.includes('app="calm"'))).toEqual([]);
  expect(standing(world, OTHERS('calm'))).toEqual(before);

  write((app) => (app.app === 'calm' ? null : app), [world.newcomer]);
  expect(await reload()).toMatchObject({ restarted: [], started: ['newcomer'], stopped: [], failed: [] });
  expect(await clock.runUntil(() => world.connections().newcomer !== null, 60_000)).toBe(true);
  expect(standing(world, OTHERS('calm'))).toEqual(before);

  // Nothing of it was ever noticed by those it was not about.
  for (const manner of OTHERS('calm')) world.send(manner);
  await clock.advanceBy(1_000);
  expect(world.delaysMs[appIdOf('quiet')]?.length).toBe(1);
});

test.each<[string, (world: Awaited<ReturnType<typeof tenApps>>) => void, RegExp]>([
  [
    'a value out of bounds',
    ({ write }) => write((app) => (app.app === 'quiet' ? { ...app, delivery: { concurrency: 0 } } : app)),
    /^feishu\.yaml:\d+ \(apps\[9\]\.delivery\.concurrency\): expected .+, got 0\. /,
  ],
  [
    'a misspelt key',
    ({ write }) => write((app) => (app.app === 'quiet' ? { ...app, handlr: './x.mjs' } : app)),
    /^feishu\.yaml:\d+ \(apps\[9\]\.handlr\): .+ Did you mean handler\?$/,
  ],
  [
    'the name of another app',
    ({ write }) => write((app) => (app.app === 'quiet' ? { ...app, app: 'calm' } : app)),
    /^feishu\.yaml:\d+ \(apps\[9\]\.app\): expected a name that no other app has, got "calm" again/,
  ],
  [
    'a handler that cannot be loaded',
    ({ write, folder }) => {
      writeFileSync(join(folder, 'broken.mjs'), "throw new Error('no database');");
      write((app) => (app.app === 'quiet' ? { ...app, handler: './broken.mjs' } : app));
    },
    /^quiet keeps every app from being reloaded: the handler module .+broken\.mjs cannot be loaded: Error: no database\. /,
  ],
  [
    'a secret that is not there',
    ({ write }) =>
      write(({ appSecret, ...app }) =>
        app.app === 'quiet' ? { ...app, appSecretFile: './none' } : { ...app, appSecret },
      ),
    /^feishu\.yaml:\d+ \(apps\[9\]\.appSecretFile\): expected a secret that can be read/,
  ],
])(
  'F38: a reload in which one of ten apps has %s is refused as a whole, and nothing that runs notices',
  async (_what, spoil, error) => {
    const world = await up();
    const before = standing(world, MANNERS);
    spoil(world);
    await expect(world.reload()).rejects.toThrow(error);
    expect(standing(world, MANNERS)).toEqual(before);
    expect(world.daemon.apps).toEqual(MANNERS);
    world.send('calm');
    await world.clock.advanceBy(1_000);
    expect(world.delaysMs[world.appIdOf('calm')]?.length).toBe(1);
  },
);

/** Plays what the scrapes found to the rules that ship. Returns promtool's complaints if other alerts fire, or for others. */
async function complaintsAbout(
  history: readonly ReadonlyMap<string, number>[],
  expected: Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  const rules = ruleFiles(resolveAlertOptions());
  const text = Object.values(rules).join('\n');
  const names = new Set(history.flatMap((scrape) => [...scrape.keys()]));
  const series: Series[] = [...names].flatMap((name) => {
    const [metric = '', labels = ''] = name.split(/[{}]/, 2);
    if (!text.includes(metric.replace(/_(bucket|sum|count)$/, ''))) return [];
    const signal = (at: number): Sample => history[at / STEP_S]?.get(name) ?? null;
    return [{ metric, labels: { job: 'feishu', instance: 'one', ...labelsOf(labels) }, signal }];
  });
  const until = (history.length - 1) * STEP_S;
  const suite = {
    rule_files: Object.keys(rules),
    evaluation_interval: `${STEP_S}s`,
    tests: [
      {
        interval: `${STEP_S}s`,
        input_series: new World(series).inputSeries(STEP_S, until),
        promql_expr_test: [
          {
            eval_time: `${until}s`,
            expr: 'group by (app, alertname) (ALERTS{alertstate="firing", app!=""})',
            exp_samples: Object.entries(expected).flatMap(([app, alerts]) =>
              alerts.map((alert) => ({ labels: `{alertname="${alert}",app="${app}"}`, value: 1 })),
            ),
          },
        ],
      },
    ],
  };
  const files = { ...rules, 'ten-apps.yml': stringify(suite, { lineWidth: 0, aliasDuplicateObjects: false }) };
  return withFiles(files, async (folder) => {
    const { exitCode, output } = await runTool('promtool', ['test', 'rules', 'ten-apps.yml'], folder);
    return exitCode === 0 ? '' : output;
  });
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]));
}
