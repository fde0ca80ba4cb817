import { createContext, runInContext } from 'node:vm';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/adapters/index.js';
import { openHttpSurface } from '../../../src/daemon/http-surface.js';
import { PANEL_HEADER, PANEL_PATH, PANEL_SCRIPT, type Panel } from '../../../src/daemon/page/panel.js';
import { APP_ID, blankHistory, statusWith } from '../../support/app-connector.js';
import { settled } from '../../support/hand-clock.js';

const CUT = { id: 'cut', does: 'Cut <it>', incident: 'F11', shows: 'It comes back.' } as const;

function panelOf(changes: Partial<Panel> = {}): Panel & { readonly pressed: string[] } {
  const pressed: string[] = [];
  return {
    pressed,
    buttons: [CUT],
    press: (id) => void pressed.push(id),
    inForce: () => ['the gateway is <silent>'],
    isFree: () => true,
    ...changes,
  };
}

async function surfaceOf(panel: Panel | null): Promise<string> {
  const app = {
    app: 'bot',
    appId: APP_ID,
    status: () => statusWith(),
    reconnect: () => false,
    catchUp: () => 1,
    history: blankHistory,
    deadLetters: null,
  };
  const surface = await openHttpSurface(
    { host: '127.0.0.1', port: 0 },
    {
      apps: () => [app],
      phase: () => 'running',
      scrape: async () => ({ contentType: 'text/plain', body: [] }),
      version: '1.2.3',
      startedAt: 0,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      ...(panel && { panel }),
    },
  );
  onTestFinished(() => surface.close());
  return surface.url;
}

const pageAt = async (url: string) => (await fetch(url)).text();
const tokenOn = (text: string) => /data-panel="([0-9a-f]{64})"/.exec(text)?.[1] ?? '';

function press(url: string, headers: Record<string, string>, button = 'cut'): Promise<Response> {
  return fetch(`${url}${PANEL_PATH}?button=${button}`, { method: 'POST', headers });
}

test('the page of a daemon has no buttons, no script for any, and no route', async () => {
  const url = await surfaceOf(null);
  const text = await pageAt(url);
  for (const part of ['data-panel', 'data-press', PANEL_HEADER, 'Break the platform']) expect(text).not.toContain(part);
  expect(text.match(/<script>/g)).toHaveLength(1);
  const answer = await press(url, { origin: url, [PANEL_HEADER]: 'x'.repeat(64) });
  expect(answer.status).toBe(405);
  expect((await fetch(url + PANEL_PATH)).status).toBe(404);
  expect(await (await fetch(`${url}/nothing`)).text()).not.toContain('demo');
});

test('a button is pressed from its own page, with the token that stands there, and the page says what will be seen', async () => {
  const panel = panelOf();
  const url = await surfaceOf(panel);
  const before = await pageAt(url);
  expect(before).toContain('Nothing was pressed yet.');
  expect(before).toContain('In force: the gateway is &lt;silent&gt;');
  expect(before).toContain('Cut &lt;it&gt; <small>F11</small>');
  const answer = await press(url, { origin: url, [PANEL_HEADER]: tokenOn(before) });
  expect([answer.status, await answer.json(), panel.pressed]).toEqual([200, { pressed: 'cut' }, ['cut']]);
  expect(await pageAt(url)).toContain('Pressed: Cut &lt;it&gt;. It comes back.');
});

test('nobody else presses a button: not without the token, not from another page, not from no page', async () => {
  const panel = panelOf();
  const url = await surfaceOf(panel);
  const other = tokenOn(await pageAt(await surfaceOf(panelOf())));
  const token = tokenOn(await pageAt(url));
  expect(other).not.toBe(token);
  const refused = [
    { origin: url },
    { origin: url, [PANEL_HEADER]: '' },
    { origin: url, [PANEL_HEADER]: other },
    { origin: url, [PANEL_HEADER]: 'ü'.repeat(64) },
    { origin: 'http://evil.example', [PANEL_HEADER]: token },
    { origin: 'null', [PANEL_HEADER]: token },
    { [PANEL_HEADER]: token },
  ];
  for (const headers of refused) expect((await press(url, headers)).status).toBe(403);
  expect(panel.pressed).toEqual([]);
  // Nor may another page read the answer, or ask whether it may.
  const asked = await fetch(url + PANEL_PATH, { method: 'OPTIONS', headers: { origin: 'http://evil.example' } });
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([405, null]);
});

test('a button that is none, and one that is pressed too early, do nothing', async () => {
  const panel = panelOf({ isFree: () => false });
  const url = await surfaceOf(panel);
  const text = await pageAt(url);
  expect(text).toMatch(/<button [^>]* disabled>/);
  expect(text).toContain('The story is still being told');
  const headers = { origin: url, [PANEL_HEADER]: tokenOn(text) };
  expect((await press(url, headers)).status).toBe(409);
  expect((await press(url, headers, 'toString')).status).toBe(404);
  expect(panel.pressed).toEqual([]);
});

test('in the browser a press is sent with the token, and the page asks at once or says what went wrong', async () => {
  const told = { textContent: '' };
  const asked: { url: string; options: { headers: Record<string, string> } }[] = [];
  const events: string[] = [];
  let click: (event: object) => void = () => {};
  let status = 200;
  const element = (name: string, value: string) => ({
    getAttribute: (asked: string) => (asked === name ? value : null),
  });
  const window = {
    document: {
      querySelector: (selector: string) => (selector === '#pressed' ? told : element('data-panel', 'secret')),
      addEventListener: (_type: string, listener: (event: object) => void) => {
        click = listener;
      },
    },
    location: { origin: 'http://127.0.0.1:9464', pathname: '/behind/' },
    AbortController,
    Event,
    fetch: async (url: string, options: { headers: Record<string, string> }) => {
      asked.push({ url, options });
      return { ok: status === 200, status };
    },
    setTimeout: () => 0,
    clearTimeout: () => {},
    dispatchEvent: ({ type }: Event) => void events.push(type),
  };
  runInContext(PANEL_SCRIPT, createContext({ window, encodeURIComponent }));
  const on = (button: object | null) => click({ target: { closest: () => button } });
  on(null);
  on(element('data-press', 'a&b'));
  await settled();
  expect(asked).toMatchObject([
    {
      // Never one that is told from the address of the page: that may hold a password, which no browser asks with.
      url: 'http://127.0.0.1:9464/behind/demo/press?button=a%26b',
      options: { method: 'POST', credentials: 'same-origin', headers: { [PANEL_HEADER]: 'secret' } },
    },
  ]);
  expect([events, told.textContent]).toEqual([['ask'], '']);
  status = 409;
  on(element('data-press', 'cut'));
  await settled();
  expect([events, told.textContent]).toEqual([['ask'], 'Not done: HTTP 409.']);
});
