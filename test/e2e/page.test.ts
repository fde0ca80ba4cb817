import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { freePorts } from '../../src/monitoring/index.js';
import { DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { BRISK_CONNECTION, OTHER_APP, realPlatform } from '../support/real-world.js';
import { SecretHunt } from '../support/secret-hunt.js';
import { requireTool } from '../support/tools.js';
import { DaemonProcess } from './support/daemon-process.js';

/** What the page takes to notice: a question every two seconds, and its deadline. Far above both. */
const NOTICED = { timeout: 12_000 };

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

/** The built program in a process of its own, with two apps on a simulated platform. */
async function stage() {
  const platform = await realPlatform();
  const directory = mkdtempSync(join(tmpdir(), 'feishu-page-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'connector.yaml');
  const [port = 0] = await freePorts(1);
  const common = {
    domain: platform.url,
    connection: { ...BRISK_CONNECTION, stableAfterMs: 1_000, heartbeatMs: 5_000 },
  };
  const apps = [
    { ...DEFAULT_APP, app: 'support-bot', ...common, journal: { directory: join(directory, 'journal') } },
    { ...OTHER_APP, app: 'sales-bot', ...common },
  ];
  writeFileSync(file, stringify({ listen: `127.0.0.1:${port}`, apps }));
  const daemon = new DaemonProcess(file, `127.0.0.1:${port}`);
  onTestFinished(() => daemon.kill());
  await daemon.start();
  return { ...platform, daemon, url: `http://${daemon.address}` };
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
    open(`${url}/?app=support-bot`, { viewport: { width: 1_280, height: 900 }, colorScheme: 'light' }),
    open(`${url}/?app=support-bot`, { viewport: { width: 375, height: 740 }, colorScheme: 'dark', isMobile: true }),
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
  await open(url, { viewport: { width: 1_280, height: 900 }, colorScheme: 'dark' }).then(({ page: list }) =>
    picture(list, 'list-dark'),
  );
  // On a phone nothing is wider than the screen.
  expect(await phone.page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);

  for (const id of faults) simulator.clear(id);
  await says(page, 'connected', /^yes/);

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

  for (const { complaints, origins } of [light, phone]) expect([complaints, origins()]).toEqual([[], [url]]);
  const history = await (await fetch(`${url}/status/history?app=support-bot`)).text();
  expect(secrets.leaksIn({ page: await page.content(), history })).toEqual([]);
});
