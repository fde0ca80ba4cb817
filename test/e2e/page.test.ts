import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { systemClock } from '../../src/adapters/index.js';
import { FAULT_BUTTONS } from '../../src/cli/demo/fault-panel.js';
import { openStage } from '../../src/cli/demo/stage.js';
import { openHttpSurface } from '../../src/daemon/index.js';
import { freePorts } from '../../src/monitoring/index.js';
import { DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { BRISK_CONNECTION, OTHER_APP, realPlatform } from '../support/real-world.js';
import { SecretHunt } from '../support/secret-hunt.js';
import { toldWeek } from '../support/told-week.js';
import { requireTool } from '../support/tools.js';
import { DaemonProcess } from './support/daemon-process.js';

/** What the page takes to notice: a question every two seconds, and its deadline. Far above both. */
const NOTICED = { timeout: 12_000 };

const DESKTOP = { width: 1_280, height: 900 };
const PHONE = { viewport: { width: 375, height: 740 }, isMobile: true };

/** The picture in docs/status-page.md: `UPDATE=1` draws it anew. */
const PICTURE = fileURLToPath(new URL('../../docs/status-page.png', import.meta.url));
const PICTURE_MAX_BYTES = 150_000;

/** Where pictures go that somebody wants to look at: `PICTURES=folder`. By default they are drawn and thrown away. */
const pictures = process.env.PICTURES ?? mkdtempSync(join(tmpdir(), 'feishu-pictures-'));
let browser: Browser;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await chromium.launch({
    executablePath: requireTool('chromium'),
    args: ['--no-sandbox'], // root in a container has no other choice, and nothing but our own page is opened
  });
});
afterAll(async () => {
  await browser?.close();
  if (process.env.PICTURES === undefined) rmSync(pictures, { recursive: true, force: true });
});

/** The built program in a process of its own, with these apps on a simulated platform; the first keeps a journal. */
async function stage(names: readonly string[] = ['support-bot', 'sales-bot'], settings: object = {}) {
  const credentials = [DEFAULT_APP, OTHER_APP, ...names.slice(2).map((_, nth) => furtherApp(nth))].slice(
    0,
    names.length,
  );
  const platform = await realPlatform({ apps: credentials });
  const directory = mkdtempSync(join(tmpdir(), 'feishu-page-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'connector.yaml');
  const [port = 0] = await freePorts(1);
  const common = {
    domain: platform.url,
    connection: { ...BRISK_CONNECTION, stableAfterMs: 1_000, heartbeatMs: 5_000 },
  };
  const apps = credentials.map((app, nth) => ({
    ...app,
    app: names[nth],
    ...common,
    ...(nth === 0 && { journal: { directory: join(directory, 'journal') } }),
  }));
  writeFileSync(file, stringify({ listen: `127.0.0.1:${port}`, apps, ...settings }));
  const daemon = new DaemonProcess(file, `127.0.0.1:${port}`);
  onTestFinished(() => daemon.kill());
  await daemon.start();
  return { ...platform, daemon, url: `http://${daemon.address}` };
}

function furtherApp(nth: number) {
  return { appId: `cli_00000000000001${nth.toString(16).padStart(2, '0')}`, appSecret: `secret-${nth}-of-no-worth` };
}

/** A page with all that a browser says against it, and whom it asked. */
async function open(url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // That a killed daemon does not answer is what one of the tests is about.
    if (message.type() === 'error' && !message.text().includes('ERR_CONNECTION_REFUSED'))
      complaints.push(message.text());
  });
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  await page.goto(url);
  return { page, complaints, origins: () => [...origins] };
}

const claim = (page: Page, fact: string) => page.locator(`.fact:has(h3:text-is("${fact}")) .claim`);
const picture = (page: Page, name: string) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

async function says(page: Page, fact: string, words: RegExp): Promise<void> {
  await claim(page, fact).filter({ hasText: words }).waitFor(NOTICED);
}

test('the page follows its daemon through an outage and past its end, without a reload', async () => {
  const { simulator, daemon, url } = await stage();
  const secrets = new SecretHunt();
  secrets.learn('app secret', DEFAULT_APP.appSecret);
  const [light, phone] = await Promise.all([
    open(`${url}/?app=support-bot`, { viewport: DESKTOP, colorScheme: 'light' }),
    open(`${url}/?app=support-bot`, { ...PHONE, colorScheme: 'dark' }),
  ]);
  const { page } = light;
  for (const fact of ['alive', 'connected', 'receiving']) await says(page, fact, /^yes/);
  expect(await page.title()).toBe('all 2 apps connected');
  // A reload would forget it.
  await page.evaluate('window.mark = "here since the beginning"');
  // What has the focus keeps it, whatever changes around it.
  await page.locator('nav a', { hasText: 'sales-bot' }).focus();
  for (let nth = 0; nth < 5; nth += 1) simulator.send(messageEvent({ text: `message ${nth}` }));
  await page.getByText(/Events: .* 5 in the last/).waitFor(NOTICED);
  await Promise.all([picture(page, 'connected-light'), picture(phone.page, 'connected-dark-phone')]);

  const { appId } = DEFAULT_APP;
  const faults = [
    simulator.inject({ fault: 'discovery_status', status: 503, appId }),
    simulator.inject({ fault: 'drop_socket', appId }),
  ];
  await says(page, 'connected', /^(discovering|dialing|proving|waiting)$/);
  await says(page, 'receiving', /^no$/);
  await page.locator('.concerns a', { hasText: 'FeishuWsDisconnected' }).waitFor(NOTICED);
  await page.locator('td', { hasText: 'discovery_http_status' }).first().waitFor(NOTICED);
  expect(await page.title()).toBe('wrong: 1 of 2 apps');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('sales-bot');
  await says(phone.page, 'connected', /^(discovering|dialing|proving|waiting)$/);
  await Promise.all([picture(page, 'outage-light'), picture(phone.page, 'outage-dark-phone')]);
  await open(url, { viewport: DESKTOP, colorScheme: 'dark' }).then(({ page: list }) => picture(list, 'list-dark'));
  // On a phone nothing is wider than the screen.
  expect(await phone.page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);

  for (const id of faults) simulator.clear(id);
  await says(page, 'connected', /^yes/);
  await page.locator('figcaption', { hasText: /1 outage$/ }).waitFor(NOTICED);
  await open(`${url}/?app=support-bot`, { viewport: DESKTOP, colorScheme: 'dark' }).then(({ page: after }) =>
    picture(after, 'after-dark'),
  );

  await daemon.kill();
  await page.getByText(/No answer since \d\d:\d\d:\d\d UTC/).waitFor(NOTICED);
  expect(await page.locator('[data-claim]').allTextContents()).toEqual(Array(5).fill('unknown'));
  expect(await page.title()).toMatch(/^no answer since /);
  await phone.page.getByText(/No answer since/).waitFor(NOTICED);
  await Promise.all([picture(page, 'lost-light'), picture(phone.page, 'lost-dark-phone')]);

  await daemon.start();
  await says(page, 'connected', /^yes/);
  expect(await page.locator('#lost').isVisible()).toBe(false);
  expect(await page.evaluate('window.mark')).toBe('here since the beginning');
  // What was before the kill is still known where there is a journal, and the kill itself is seen.
  await page.locator('figcaption', { hasText: /1 outage, 1 restart$/ }).waitFor(NOTICED);
  await page.locator('svg title', { hasText: 'after it ended without a word' }).first().waitFor({ state: 'attached' });
  await page.locator('td', { hasText: 'before the start' }).waitFor(NOTICED);
  await page.goto(`${url}/?app=sales-bot`);
  await page.getByText('when this process began').waitFor(NOTICED);
  expect(await page.getByText('restart', { exact: true }).count()).toBe(0);

  for (const { complaints, origins } of [light, phone]) expect([complaints, origins()]).toEqual([[], [url]]);
  const history = await (await fetch(`${url}/status/history?app=support-bot`)).text();
  expect(secrets.leaksIn({ page: await page.content(), history })).toEqual([]);
});

test('ten apps are a list that anybody reads, with the keyboard alone, without scripts and on a phone', async () => {
  const names = ['billing', 'build', 'calendar', 'crm', 'docs', 'hr', 'news', 'oncall', 'sales', 'support'];
  const { simulator, url } = await stage(names);
  const { page, complaints, origins } = await open(url, { viewport: DESKTOP, colorScheme: 'light' });
  await page.getByRole('heading', { name: '10 apps: 10 connected' }).waitFor(NOTICED);
  // Whatever comes to stand in its place, the focus stays on the app that it was put on.
  await page.locator('tbody a', { hasText: 'billing' }).focus();
  simulator.inject({ fault: 'discovery_status', status: 503, appId: OTHER_APP.appId });
  simulator.inject({ fault: 'drop_socket', appId: OTHER_APP.appId });
  await page.getByRole('heading', { name: /^10 apps: 1 \w+, 9 connected$/ }).waitFor(NOTICED);
  expect(await page.locator('tbody tr').first().locator('a').textContent()).toBe('build');
  expect(await page.getByRole('status').first().textContent()).toBe('wrong: 1 of 10 apps');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('billing');
  await page.reload();
  await picture(page, 'ten-light');

  // The first stop of the keyboard leads past everything that is on every page.
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('build');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${url}/?app=build`);
  await says(page, 'connected', /^(discovering|dialing|proving|waiting)$/);
  for (const role of ['banner', 'navigation', 'main', 'contentinfo'] as const)
    expect(await page.getByRole(role).count()).toBe(1);

  const plain = await open(`${url}/?app=build`, { viewport: DESKTOP, colorScheme: 'dark', javaScriptEnabled: false });
  await says(plain.page, 'connected', /^(discovering|dialing|proving|waiting)$/);
  simulator.clear();
  // It asks anew by itself.
  await says(plain.page, 'connected', /^yes/);
  await picture(plain.page, 'no-scripts-dark');

  const phone = await open(url, { ...PHONE, colorScheme: 'light' });
  await phone.page.getByRole('heading', { name: '10 apps: 10 connected' }).waitFor(NOTICED);
  await picture(phone.page, 'ten-light-phone');
  expect(await phone.page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
  expect([complaints, origins(), plain.complaints, plain.origins()]).toEqual([[], [url], [], [url]]);
});

test('behind a password the page follows its daemon too, whichever way it was given', async () => {
  const httpCredentials = { username: 'ops', password: 'correct horse battery' };
  const { username: user, password } = httpCredentials;
  const { simulator, url } = await stage(['support-bot'], { http: { user, password } });
  const inAddress = new URL(url);
  Object.assign(inAddress, httpCredentials);
  const pages = await Promise.all([open(url, { httpCredentials }), open(inAddress.href)]);
  for (const { page } of pages) {
    await says(page, 'connected', /^yes/);
    await page.evaluate('window.mark = "here"');
  }
  simulator.send(messageEvent({ text: 'hello' }));
  for (const { page, complaints } of pages) {
    await page.getByText(/^Events: .* 1 in the last/).waitFor(NOTICED);
    expect([await page.evaluate('window.mark'), complaints]).toEqual(['here', []]);
    expect(await page.content()).not.toContain(password);
  }
  const stranger = await fetch(url);
  expect([stranger.status, (await stranger.text()).includes('support-bot')]).toEqual([401, false]);
});

test("the demo's buttons break the platform, and the page shows what comes of it", async () => {
  const demo = await openStage({
    clock: systemClock,
    seed: 1,
    messageEveryMs: 200,
    isLong: false,
    hasPanel: true,
    beforeStart: async () => {},
    onLogLine: () => {},
  });
  onTestFinished(() => demo.close());
  const { url } = demo.surface;
  const { page, complaints, origins } = await open(url, { viewport: DESKTOP, colorScheme: 'light' });
  await says(page, 'connected', /^yes/);
  expect(await page.getByRole('button').first().isDisabled()).toBe(true);
  demo.endTraffic();
  demo.goOn();
  await page.locator('button[data-press=cut]:enabled').waitFor(NOTICED);
  expect(await page.getByRole('button').count()).toBe(FAULT_BUTTONS.length + 2);

  await page.getByRole('button', { name: 'Cut the socket F11' }).click();
  await page.getByText('Pressed: Cut the socket.').waitFor(NOTICED);
  await page.locator('figcaption', { hasText: /1 outage$/ }).waitFor(NOTICED);
  await says(page, 'connected', /^yes/);

  // By the keyboard: what comes and goes above it takes nobody off the button.
  await page.getByRole('button', { name: /^Answer discovery with 502/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('In force: discovery answers HTTP 502').waitFor(NOTICED);
  await page.locator('.concerns a', { hasText: 'FeishuWsDisconnected' }).waitFor(NOTICED);
  expect(await page.evaluate('document.activeElement.dataset.press')).toBe('gateway_error');
  await picture(page, 'demo-light');
  await page.getByRole('button', { name: 'Heal everything' }).click();
  await page.getByText('In force: nothing').waitFor(NOTICED);
  await says(page, 'connected', /^yes/);

  await page.getByRole('button', { name: /^Freeze the socket/ }).click();
  await page
    .locator('svg title', { hasText: /^suspect/ })
    .first()
    .waitFor({ state: 'attached', ...NOTICED });
  await says(page, 'connected', /^yes$/);
  const phone = await open(url, { ...PHONE, colorScheme: 'dark' });
  await phone.page.getByRole('button', { name: 'Send a message to the bot' }).click();
  await phone.page.getByText('Pressed: Send a message').waitFor(NOTICED);
  await picture(phone.page, 'demo-dark-phone');
  expect([complaints, origins(), phone.complaints, phone.origins()]).toEqual([[], [url], [], [url]]);
});

test('the picture in the documentation is small, and drawn by this test (UPDATE=1 draws it anew)', async () => {
  const { status, history } = toldWeek();
  const surface = await openHttpSurface(
    { host: '127.0.0.1', port: 0 },
    {
      apps: () => [
        {
          app: status.app,
          appId: status.appId,
          status: () => status,
          reconnect: () => false,
          catchUp: () => 1,
          history: () => history,
          deadLetters: null,
        },
      ],
      phase: () => 'running',
      scrape: async () => ({ contentType: 'text/plain', body: [] }),
      version: '0.1.0',
      startedAt: history.startedAt,
      clock: { ...systemClock, wallNow: () => status.at },
      logger: pino({ level: 'silent' }),
    },
  );
  onTestFinished(() => surface.close());
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await open(surface.url, { viewport: DESKTOP, colorScheme });
    await picture(page, `week-${colorScheme}`);
  }
  const { page } = await open(surface.url, { ...PHONE, colorScheme: 'light' });
  await picture(page, 'week-light-phone');
  const drawn = join(pictures, 'status-page.png');
  const narrow = await open(surface.url, { viewport: { width: 1_000, height: 1_060 }, colorScheme: 'light' });
  await narrow.page.screenshot({ path: drawn });
  expect(statSync(drawn).size).toBeLessThan(PICTURE_MAX_BYTES);
  if (process.env.UPDATE === '1') copyFileSync(drawn, PICTURE);
  expect(statSync(PICTURE).size).toBeLessThan(PICTURE_MAX_BYTES);
});
