import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createNetwork, systemClock } from '../../../src/adapters/index.js';
import { createConnector } from '../../../src/connector.js';
import { openHttpSurface, type SurfaceApp, type SurfaceView } from '../../../src/daemon/http-surface.js';
import { record } from '../../../src/daemon/index.js';
import { HISTORY_BOUNDS } from '../../../src/daemon/page/history.js';
import { DEFAULT_APP } from '../../../src/simulator/index.js';
import { APP_ID, blankHistory, disconnected, statusWith } from '../../support/app-connector.js';
import { eventually } from '../../support/eventually.js';
import { BRISK_CONNECTION, realPlatform } from '../../support/real-world.js';
import { SecretHunt } from '../../support/secret-hunt.js';

function appOf(name: string): SurfaceApp {
  return {
    app: name,
    appId: APP_ID,
    status: () => statusWith({ app: name }),
    reconnect: () => false,
    catchUp: () => 1,
    history: blankHistory,
    deadLetters: null,
  };
}

async function surfaceOf(apps: readonly SurfaceApp[], changes: Partial<SurfaceView> = {}): Promise<string> {
  const surface = await openHttpSurface(
    { host: '127.0.0.1', port: 0 },
    {
      apps: () => apps,
      phase: () => 'running',
      scrape: async () => ({ contentType: 'text/plain', body: [] }),
      version: '1.2.3',
      startedAt: 0,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      ...changes,
    },
  );
  onTestFinished(() => surface.close());
  return surface.url;
}

test('the page is HTML that nobody stores, frames or shares', async () => {
  const url = await surfaceOf([appOf('bot')]);
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'sha256-/),
  });
  expect(await answer.text()).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const post = await fetch(url, { method: 'POST' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('an app whose status breaks is shown as that, without secrets', async () => {
  const broken: SurfaceApp = {
    ...appOf('bot'),
    status: () => {
      throw new Error('a bug with app_secret=hunter22');
    },
  };
  const text = await (await fetch(await surfaceOf([broken]))).text();
  expect(text).toContain('Its status cannot be read: a bug with app_secret=[redacted]');
});

test('/status/history is what is remembered of one app, by its name or id', async () => {
  const one = await surfaceOf([appOf('bot')]);
  const told = { app: 'bot', appId: APP_ID, ...blankHistory(), concerns: [] };
  for (const query of ['', '?app=bot', `?app=${APP_ID}`])
    expect(await (await fetch(`${one}/status/history${query}`)).json()).toEqual(told);
});

test('/status/history tells of one app at a time, and takes no misspelt question for another', async () => {
  const url = await surfaceOf([appOf('sales'), appOf('support')]);
  const ask = async (query: string) => {
    const answer = await fetch(`${url}/status/history${query}`);
    return [answer.status, await answer.json()];
  };
  expect(await ask('')).toEqual([
    400,
    { error: 'which app?', hint: 'Name one with app=<name>: there are sales, support.' },
  ]);
  expect(await ask('?app=sale')).toEqual([404, { error: 'no such app', hint: 'There are sales, support.' }]);
  expect(await ask('?ap=sales')).toMatchObject([400, { error: 'unknown query' }]);
  expect(await ask('?app=sales&app=support')).toMatchObject([400, { error: 'unknown query' }]);
  expect(await ask('?app=sales')).toMatchObject([200, { app: 'sales' }]);
});

test('without any app there is a page, and no history', async () => {
  const url = await surfaceOf([]);
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(`${url}/status/history`)).status).toBe(404);
});

test('many apps that are all down make a page of bounded size', async () => {
  const apps = Array.from({ length: 2_000 }, (_, index) => ({
    ...appOf(`app-${index}`),
    status: () => disconnected('waiting', { app: `app-${index}` }),
  }));
  const text = await (await fetch(await surfaceOf(apps))).text();
  expect(text.length).toBeLessThan(200_000);
  expect(text).toContain('and 1800 more, 1800 of them wrong');
});

test('no secret that passed between connector and platform is on the page or in the history', async () => {
  const hunt = new SecretHunt();
  const { url: domain, simulator } = await realPlatform();
  hunt.learn('app secret', DEFAULT_APP.appSecret);
  const network = createNetwork({ proxy: 'none' });
  onTestFinished(() => network.close());
  const connector = createConnector({
    ...DEFAULT_APP,
    app: 'bot',
    domain,
    connection: BRISK_CONNECTION,
    handlers: {},
    seams: hunt.wiretap(network.http, network.dial),
    logger: pino({ level: 'silent' }),
  });
  onTestFinished(() => connector.stop({ drainMs: 0 }));
  const recorded = record(connector, systemClock);
  await connector.start();
  await connector.ready();
  await eventually(() => connector.status().token.isValid, 'a token');
  simulator.inject({ fault: 'drop_socket' });
  await eventually(() => recorded.history().outages.length === 1, 'an outage');
  await connector.ready();
  const url = await surfaceOf([{ ...appOf('bot'), status: () => connector.status(), history: recorded.history }]);
  const page = await (await fetch(url)).text();
  const history = await (await fetch(`${url}/status/history`)).text();
  expect(page).toContain('connection_reset');
  expect([hunt.count('token') > 0, hunt.count('ticket') > 1]).toEqual([true, true]);
  expect(hunt.leaksIn({ page, history })).toEqual([]);
});

test('the documentation of the history names every field and every bound', () => {
  const text = readFileSync(new URL('../../../docs/status-page.md', import.meta.url), 'utf8');
  const { at: _at, since: _since, startedAt: _startedAt, lastRefresh: _lastRefresh, ...lists } = blankHistory();
  for (const field of ['at', 'since', 'startedAt', 'lastRefresh', 'concerns']) expect(text).toContain(`\`${field}\``);
  for (const field of Object.keys(lists)) expect(text).toMatch(new RegExp(`^\\| \`${field}\` \\| \\d+ \\|`, 'm'));
  const bounds = [...text.matchAll(/^\| `\w+` \| (\d+) \|/gm)].map(([, bound]) => Number(bound));
  expect(bounds).toEqual([...Object.values(HISTORY_BOUNDS), HISTORY_BOUNDS.minutes]);
});
