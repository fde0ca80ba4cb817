import { createContext, runInContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ageText, BROWSER_SCRIPT, pauseMs } from '../../../src/daemon/page/browser.js';

const CALM = { failures: 0, tookMs: 5, isHidden: false, random: 0 };

test('it asks every two seconds, less often what is slow, and rarely while nobody looks', () => {
  expect(pauseMs(CALM)).toBe(2_000);
  expect(pauseMs({ ...CALM, tookMs: 900 })).toBe(9_000);
  expect(pauseMs({ ...CALM, tookMs: 60_000 })).toBe(30_000);
  expect(pauseMs({ ...CALM, isHidden: true })).toBe(30_000);
});

test('a daemon that does not answer is asked less and less often, by many pages not in step, and never given up', () => {
  const pauses = [1, 2, 3, 4, 5, 100, 5_000].map((failures) => pauseMs({ ...CALM, failures, random: 0.999 }));
  expect(pauses.map((pause) => Math.round(pause / 1_000))).toEqual([2, 4, 8, 16, 30, 30, 30]);
  expect(pauseMs({ ...CALM, failures: 5, random: 0 })).toBe(22_500);
});

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [59_999, '59 s'],
  [125_000, '2 min 5 s'],
  [3_600_000, '1 h'],
  [30_600_000, '8 h 30 min'],
  [86_400_000 * 3 + 3_600_000 * 4, '3 d 4 h'],
])('an age of %i ms is %s', (ms, text) => {
  expect(ageText(ms)).toBe(text);
});

const ICON = 'link[rel=icon]';

/** A browser with a clock that stands still, a page of marked elements, and whatever answers. */
class Browser {
  now = 0;
  hidden = false;
  readonly reloads: string[] = [];
  answer: () => Promise<{ ok: boolean; status: number; text(): Promise<string> }> = () =>
    Promise.reject(new Error('refused'));
  readonly asked: { readonly url: string; readonly options: Record<string, unknown> }[] = [];
  readonly pauses: number[] = [];
  readonly link: string[] = [];
  readonly claims = [{ textContent: 'yes' }];
  readonly ages = [{ textContent: '', getAttribute: () => '3000' }];
  readonly lefts = [{ textContent: '', getAttribute: () => '5000' }];
  icon = 'well';
  readonly parts: Record<string, { textContent: string; hidden: boolean }> = Object.fromEntries(
    ['#lost', '#lost-since', '#lost-for', 'script', '#page', ICON].map((name) => [
      name,
      { textContent: '', hidden: true },
    ]),
  );
  readonly #listeners = new Map<string, () => void>();
  #timers: { readonly id: number; readonly fire: () => void; readonly delayMs: number }[] = [];
  #ticks: () => void = () => {};
  #count = 0;

  start(): void {
    const { parts, claims, ages, link, asked } = this;
    const browser = this;
    const marked: Record<string, object> = {
      '[data-claim]': claims,
      '[data-age-ms]': ages,
      '[data-left-ms]': this.lefts,
    };
    const document = {
      title: 'connected: bot',
      get hidden() {
        return browser.hidden;
      },
      documentElement: { setAttribute: (_name: string, value: string) => void link.push(value) },
      querySelector: (selector: string) => parts[selector] ?? null,
      querySelectorAll: (selector: string) => marked[selector],
      addEventListener: (type: string, listener: () => void) => void this.#listeners.set(type, listener),
    };
    const window = {
      document,
      location: {
        origin: 'http://127.0.0.1:9464',
        pathname: '/',
        search: '?app=bot',
        reload: () => void this.reloads.push('now'),
      },
      performance: { now: () => this.now },
      Date: { now: () => 1_767_225_600_000 + this.now },
      Math: { random: () => 0 },
      DOMParser: class {
        parseFromString(text: string) {
          return { title: 'fresh', querySelector: (selector: string) => this.#found(text, selector) };
        }
        #found(text: string, selector: string) {
          if (selector === 'script') return { textContent: text === 'newer' ? 'another' : '' };
          const attributes = selector === ICON ? [{ name: 'href', value: 'fresh' }] : [];
          return text === 'foreign' ? null : { attributes, childNodes: [] };
        }
      },
      AbortController: class {
        readonly signal = { isAborted: false };
        abort(): void {
          this.signal.isAborted = true;
        }
      },
      fetch: (url: string, options: Record<string, unknown>) => {
        asked.push({ url, options });
        return this.answer();
      },
      setTimeout: (fire: () => void, delayMs: number) => {
        this.#count += 1;
        this.#timers.push({ id: this.#count, fire, delayMs });
        return this.#count;
      },
      clearTimeout: (id: number) => {
        this.#timers = this.#timers.filter((timer) => timer.id !== id);
      },
      setInterval: (fire: () => void) => {
        this.#ticks = fire;
        return 0;
      },
      addEventListener: (type: string, listener: () => void) => void this.#listeners.set(type, listener),
    };
    Object.assign(parts['#page'] ?? {}, { attributes: [], childNodes: [] });
    Object.assign(parts[ICON] ?? {}, {
      attributes: [],
      childNodes: [],
      getAttribute: (name: string) => (name === 'data-lost' ? 'lost' : this.icon),
      setAttribute: (_name: string, value: string) => {
        this.icon = value;
      },
    });
    // Nothing of this module's is within reach: a script that needs more than it brings fails here.
    runInContext(BROWSER_SCRIPT, createContext({ window }));
  }

  async event(type: string): Promise<void> {
    this.#listeners.get(type)?.();
    await this.#settle();
  }

  /** A second goes by. */
  tick(ms: number): void {
    this.now += ms;
    this.#ticks();
  }

  /** The pause is over. */
  async ask(): Promise<void> {
    const [timer] = this.#timers.splice(0);
    this.now += timer?.delayMs ?? 0;
    timer?.fire();
    await this.#settle();
  }

  get timers(): readonly { readonly delayMs: number }[] {
    return this.#timers;
  }

  async #settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const answering = (text: string) => async () => ({ ok: true, status: 200, text: async () => text });

test('the script needs nothing but what it brings, and asks for the page itself, without its fragment and past every cache', async () => {
  const browser = new Browser();
  browser.answer = answering('page');
  browser.start();
  expect(browser.link).toEqual(['live']);
  await browser.event('pageshow');
  expect(browser.asked).toMatchObject([
    {
      url: 'http://127.0.0.1:9464/?app=bot',
      options: { cache: 'no-store', credentials: 'same-origin', redirect: 'error' },
    },
  ]);
  expect(browser.timers.map(({ delayMs }) => delayMs)).toEqual([2_000]);
  expect(browser.claims[0]?.textContent).toBe('yes');
});

test('without an answer nothing stays true, and with the next one all is told anew', async () => {
  const browser = new Browser();
  browser.start();
  browser.now = 4_000;
  await browser.event('pageshow');
  expect(browser.claims[0]?.textContent).toBe('unknown');
  expect([browser.ages[0]?.textContent, browser.lefts[0]?.textContent]).toEqual(['7 s', '1 s']);
  expect(browser.icon).toBe('lost');
  expect(browser.parts['#lost-since']?.textContent).toBe('No answer since 00:00:00 UTC.');
  expect([browser.parts['#lost']?.hidden, browser.parts['#lost-for']?.textContent]).toEqual([false, '4 s']);
  expect(browser.link).toEqual(['live', 'lost']);
  browser.answer = answering('page');
  await browser.ask();
  expect([browser.parts['#lost']?.hidden, browser.link]).toEqual([true, ['live', 'lost', 'live']]);
  expect(browser.icon).toBe('fresh');
});

test('since when there is no answer is told by the clock of the daemon, whatever the browser takes the time for', async () => {
  const browser = new Browser();
  const asOf = { textContent: '', hidden: false, getAttribute: () => '2031-05-06T07:08:09.000Z' };
  browser.parts['header time'] = asOf;
  browser.start();
  await browser.event('pageshow');
  expect(browser.parts['#lost-since']?.textContent).toBe('No answer since 07:08:09 UTC.');
});

test('an answer that is overdue is none, even before it failed', async () => {
  const browser = new Browser();
  browser.answer = () => new Promise(() => {});
  browser.start();
  await browser.event('pageshow');
  browser.tick(8_000);
  expect(browser.claims[0]?.textContent).toBe('yes');
  browser.tick(1);
  expect(browser.claims[0]?.textContent).toBe('unknown');
  // The deadline of the question is still there: it ends by itself, and no second one goes out beside it.
  expect(browser.timers.map(({ delayMs }) => delayMs)).toEqual([4_000]);
  await browser.event('online');
  expect(browser.asked).toHaveLength(1);
});

test('another program that answers at the address is no answer', async () => {
  for (const answer of [answering('foreign'), async () => ({ ok: false, status: 404, text: async () => 'page' })]) {
    const browser = new Browser();
    browser.answer = answer;
    browser.start();
    await browser.event('pageshow');
    expect(browser.claims[0]?.textContent).toBe('unknown');
  }
});

test('a daemon of another version brings its own page', async () => {
  const browser = new Browser();
  browser.answer = answering('newer');
  browser.start();
  await browser.event('pageshow');
  expect(browser.reloads).toEqual(['now']);
});

test('a page that nobody looks at is quiet, and asks at once when somebody does', async () => {
  const browser = new Browser();
  browser.answer = answering('page');
  browser.hidden = true;
  browser.start();
  await browser.event('pageshow');
  expect(browser.timers.map(({ delayMs }) => delayMs)).toEqual([30_000]);
  browser.tick(25_000);
  expect(browser.claims[0]?.textContent).toBe('yes');
  browser.hidden = false;
  await browser.event('visibilitychange');
  expect([browser.asked.length, browser.timers.length]).toEqual([2, 1]);
});

test('what somebody did here is looked for at once', async () => {
  const browser = new Browser();
  browser.answer = answering('page');
  browser.start();
  await browser.event('ask');
  expect(browser.asked).toHaveLength(1);
});
