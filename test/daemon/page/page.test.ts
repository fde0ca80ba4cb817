import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { resolveThresholds } from '../../../src/alerts/thresholds.js';
import type { ConnectorStatus } from '../../../src/connector-status.js';
import { concernsOf, FLAPS_ALLOWED } from '../../../src/daemon/page/concerns.js';
import type { AppHistory } from '../../../src/daemon/page/history.js';
import { html } from '../../../src/daemon/page/markup.js';
import { type PageApp, type PageView, page, pageHeaders } from '../../../src/daemon/page/page.js';
import { blankHistory, disconnected, statusWith } from '../../support/app-connector.js';

const AT = statusWith().at;
/** Everything that ends a text, an attribute or a script, and everything that reorders what is read. */
const HOSTILE = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\u202e\ud800</title>`;

const NO_GAPS = { open: [], openCount: 0, isCatchingUp: false, latest: [] };
const GAP = { number: 1, cause: 'outage', from: AT - 3_000_000, to: AT - 60_000 } as const;
const CLOSED = {
  ...GAP,
  found: 2,
  alreadyKnown: 1,
  unreachable: [],
  recovered: 'yes',
  otherEventTypes: { types: [], why: '' },
  chats: 3,
  calls: 4,
} as const;

function appOf(status: ConnectorStatus, history: AppHistory = blankHistory()): PageApp {
  return {
    app: status.app,
    appId: status.appId,
    status,
    concerns: concernsOf(status, history),
    history: () => history,
    letters: () => null,
  };
}

function pageOf(apps: readonly PageApp[], changes: Partial<PageView> = {}): string {
  return page({
    version: '1.2.3',
    phase: 'running',
    at: AT,
    startedAt: AT - 7_500_000,
    refused: null,
    apps,
    wanted: null,
    find: null,
    runbookUrl: null,
    panel: null,
    ...changes,
  });
}

/** The text that people read, without what the head holds. */
function textOf(whole: string): string {
  return whole
    .slice(whole.indexOf('<header'), whole.indexOf('</footer>'))
    .replace(/<svg[\s\S]*?<\/svg>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

function concerns(status: ConnectorStatus, history = blankHistory()): string[] {
  return concernsOf(status, history).map(({ runbook }) => runbook);
}

test('whatever an app is called, its name stays text', () => {
  const hostile = disconnected('waiting', { app: HOSTILE, appId: HOSTILE, domain: HOSTILE });
  const lastFailure = hostile.lastFailure && { ...hostile.lastFailure, detail: HOSTILE, help: HOSTILE };
  const connected = { ...hostile.connected, evidence: HOSTILE, connectionId: HOSTILE };
  const status = {
    ...hostile,
    lastFailure,
    connected,
    token: { isValid: false, expiresAt: null, lastFailure: { code: 'token_timeout', detail: HOSTILE, at: AT } },
    sink: { kind: 'webhook', state: 'down', since: AT, evidence: HOSTILE, ageMs: 1, lastError: null },
  } satisfies ConnectorStatus;
  const attempt = {
    attempt: 1,
    startedAt: AT,
    outcome: 'failed',
    durationMs: 1,
    step: 'dial',
    failure: { code: 'dial_refused', verdict: 'retry', detail: HOSTILE },
    isStandby: false,
  } as const;
  const app = appOf(status, { ...blankHistory(), attempts: [attempt] });
  const broken: PageApp = {
    app: `${HOSTILE}2`,
    appId: 'x',
    status: { error: HOSTILE, hasStarted: true, advice: 'Mend that.' },
    concerns: [],
    history: blankHistory,
    letters: () => null,
  };
  for (const shown of [
    pageOf([app]),
    pageOf([app, broken]),
    pageOf([app, broken], { wanted: HOSTILE }),
    pageOf([app, broken], { wanted: broken.app }),
    pageOf([app, broken], { wanted: `nobody ${HOSTILE}` }),
  ]) {
    expect(shown.match(/<script/g)).toHaveLength(1);
    expect(shown.match(/<\/script/g)).toHaveLength(1);
    expect(shown.slice(0, shown.indexOf('<body>')).match(/<\/title/g)).toHaveLength(1);
    expect(shown).not.toContain('<img');
    expect(shown).not.toMatch(/<[^>]*\son\w+=/);
    expect(shown).toContain('&lt;script&gt;alert(1)');
    // Links hold a name as a query and nothing else.
    for (const [, link] of shown.matchAll(/<a href="([^"]*)"/g))
      expect(link).toMatch(
        /^(#main|metrics|status|(status\/history|dead-letters)?\?app=[\w%.*+-]+|\?|runbooks\/Feishu\w+)$/,
      );
  }
});

test('a template escapes what stands in it, and only once', () => {
  const inner = html`<b title="${'"<&>\''}">${'<'}</b>`;
  expect(html`<p>${inner}${[inner, 'a&b', 3]}${null}</p>`.toString()).toBe(
    '<p><b title="&quot;&lt;&amp;&gt;&#39;">&lt;</b><b title="&quot;&lt;&amp;&gt;&#39;">&lt;</b>a&amp;b3</p>',
  );
});

test('the policy of the page names by hash the one script and the one style there are, and forbids the rest', () => {
  const whole = pageOf([appOf(statusWith())]);
  const csp = pageHeaders(false)['content-security-policy'] ?? '';
  const hashOf = (tag: string) => {
    const [, source = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(whole) ?? [];
    return createHash('sha256').update(source).digest('base64');
  };
  expect(csp.split('; ')).toEqual([
    "default-src 'none'",
    `script-src 'sha256-${hashOf('script')}'`,
    `style-src 'sha256-${hashOf('style')}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]);
  // What the policy would keep from working is not there to begin with.
  expect(whole).not.toMatch(/<[^>]*\sstyle=/);
  expect(whole).not.toMatch(/<(script|link|img|iframe)[^>]*\ssrc=/);
});

test('the three facts are told with the age of their evidence', () => {
  const text = textOf(pageOf([appOf(statusWith())]));
  expect(text).toContain('alive yes the supervisor loop ticked evidence 1 s ago');
  expect(text).toContain('connected yes the gateway answers on this socket evidence 3 s ago');
  expect(text).toContain('receiving yes connected evidence 3 s ago');
  expect(text).toContain('1.2.3, running for 2 h 5 min');
  expect(text).not.toContain('What is wrong');
});

test.each([
  [
    'connected by evidence that is too old',
    disconnected('connected', { connected: { ...statusWith().connected, ageMs: 45_001 } }),
    'connected deaf it ',
  ],
  [
    'connected without any evidence',
    disconnected('connected', { connected: { ...statusWith().connected, ageMs: null } }),
    'connected deaf it ',
  ],
  [
    'alive by a tick that is too old',
    statusWith({ alive: { is: true, evidence: 'ticked', ageMs: 60_001 } }),
    'alive stalled ticked',
  ],
  ['receiving without a connection', disconnected('waiting'), 'receiving no not connected'],
])('what claims to be %s is not shown as good', (_what, status, words) => {
  const whole = pageOf([appOf(status)]);
  expect(textOf(whole)).toContain(words);
  expect(whole).toMatch(/class="fact (bad|off)"/);
  expect(whole).not.toContain('<title>connected');
});

test.each<readonly [string, ConnectorStatus]>([
  ['FeishuSupervisorStalled', statusWith({ alive: { is: true, evidence: 'ticked', ageMs: 60_001 } })],
  ['FeishuConnectRejected', disconnected('waiting')],
  ['FeishuWsDisconnected', disconnected('waiting', { lastFailure: null })],
  ['FeishuWsGaveUp', disconnected('stopped')],
  ['FeishuWsHalfOpen', statusWith({ connected: { ...statusWith().connected, ageMs: 45_001 } })],
  ['FeishuEventsSilent', statusWith({ receiving: { ...statusWith().receiving, is: false, evidence: 'deaf' } })],
  [
    'FeishuTokenRefreshFailing',
    statusWith({
      token: { isValid: false, expiresAt: null, lastFailure: { code: 'token_timeout', detail: 'late', at: AT } },
    }),
  ],
  [
    'FeishuTokenNearExpiry',
    statusWith({
      token: { isValid: true, expiresAt: AT + 60_000, lastFailure: { code: 'token_timeout', detail: 'late', at: AT } },
    }),
  ],
  ['FeishuQueueSaturated', statusWith({ delivery: { ...statusWith().delivery, pending: 1_000 } })],
  ['FeishuQueueSaturated', statusWith({ delivery: { ...statusWith().delivery, pending: 800 } })],
  ['FeishuHandlerStalled', statusWith({ delivery: { ...statusWith().delivery, oldestPendingAt: AT - 3_600_000 } })],
  ['FeishuDeadLetters', statusWith({ delivery: { ...statusWith().delivery, deadLetters: 1 } })],
  [
    'FeishuJournalFailing',
    statusWith({
      delivery: { ...statusWith().delivery, journal: { isOpen: false, sizeBytes: 0, lastFailure: null } },
    }),
  ],
  ['FeishuWsZombie', statusWith({ serverView: { verdict: 'zombie', seen: 0, expected: 1, ageMs: 1 } })],
  [
    'FeishuWsForeignConsumer',
    statusWith({ serverView: { verdict: 'foreign_consumer', seen: 2, expected: 1, ageMs: 1 } }),
  ],
  [
    'FeishuNeverReceived',
    statusWith({
      receiving: {
        ...statusWith().receiving,
        console: { state: 'never_received', connectedForMs: 86_400_000, advice: ['Subscribe to events.'] },
      },
    }),
  ],
  [
    'FeishuCanaryMissing',
    statusWith({
      baseline: { missedEvents: 0, suspicion: null, lastComparison: null, canaryMissed: 1, advisedAt: null },
    }),
  ],
  [
    'FeishuEventGapUnreconciled',
    statusWith({ gaps: { ...NO_GAPS, open: [{ ...GAP, to: AT - 2_200_000 }], openCount: 1 } }),
  ],
  ['FeishuEventGapLost', statusWith({ gaps: { ...NO_GAPS, latest: [{ ...CLOSED, recovered: 'no' }] } })],
  [
    'FeishuSinkDown',
    statusWith({ sink: { kind: 'webhook', state: 'down', since: AT, evidence: 'refused', ageMs: 1, lastError: null } }),
  ],
])('what is wrong leads to the runbook %s', (runbook, status) => {
  expect(concerns(status)).toEqual([runbook]);
  expect(pageOf([appOf(status)])).toContain(`href="runbooks/${runbook}"`);
  expect(readdirSync(new URL('../../../alerts/runbooks/', import.meta.url))).toContain(`${runbook}.md`);
});

test('a connection that is lost again and again is a concern by the count of the alert', () => {
  const outagesOf = (count: number) => ({
    ...blankHistory(),
    outages: Array.from({ length: count }, (_, index) => ({
      number: index + 1,
      cause: 'closed_by_peer' as const,
      startedAt: AT - index * 60_000,
      attempts: 1,
      durationMs: 1_000,
      endedBy: 'connection' as const,
    })),
  });
  expect(concerns(statusWith(), outagesOf(FLAPS_ALLOWED))).toEqual([]);
  expect(concerns(statusWith(), outagesOf(FLAPS_ALLOWED + 1))).toEqual(['FeishuWsFlapping']);
  expect(FLAPS_ALLOWED).toBe(resolveThresholds().flapsPer15m);
});

test('of several apps those that are wrong come first, and the title counts them', () => {
  const apps = [appOf(statusWith({ app: 'a' })), appOf(disconnected('waiting', { app: 'b' }))];
  const whole = pageOf(apps);
  expect(whole).toContain('<title>wrong: 1 of 2 apps</title>');
  expect(whole.indexOf('>b<')).toBeLessThan(whole.indexOf('>a<'));
  expect(pageOf(apps, { wanted: 'a' })).toContain('aria-current="page"><bdi>a<');
  expect(textOf(pageOf(apps, { wanted: 'c' }))).toContain('There is no app c .');
});

test('an app that is connected and of which a human is needed is not among those that are well', () => {
  const { delivery } = statusWith();
  const down = {
    kind: 'webhook',
    state: 'down',
    since: AT,
    evidence: 'it answered 502',
    ageMs: 1,
    lastError: null,
  } as const;
  const well = appOf(statusWith({ app: 'a-well' }));
  const dead = appOf(
    statusWith({ app: 'b-dead', delivery: { ...delivery, deadLetters: 3, pending: delivery.capacity } }),
  );
  const letters = appOf(statusWith({ app: 'c-letters', delivery: { ...delivery, deadLetters: 3 } }));
  const sink = appOf(statusWith({ app: 'd-sink', sink: down }));
  const whole = pageOf([well, letters, sink, dead]);
  expect([...whole.matchAll(/<bdi>([a-d]-\w+)</g)].map(([, name]) => name)).toEqual([
    'd-sink',
    'b-dead',
    'c-letters',
    'a-well',
  ]);
  expect(textOf(whole)).toContain('4 apps: 2 wrong, 1 to look at, 1 connected');
  expect(textOf(whole)).toContain('wrong Events do not get through: it answered 502');
  expect(textOf(whole)).toContain('wrong There is no room for further events: they are not taken. and 1 more');
  expect(whole).toContain('<title>wrong: 2 of 4 apps</title>');
  expect(pageOf([well, letters])).toContain('<title>to look at: 1 of 2 apps</title>');
  expect(pageOf([letters])).toContain('<title>to look at: c-letters</title>');
  expect(pageOf([sink])).toContain('<title>wrong: d-sink</title>');
});

test('a thousand apps make a page that can be read', () => {
  const apps = Array.from({ length: 1_000 }, (_, index) => appOf(statusWith({ app: `app-${index}` })));
  const whole = pageOf([...apps, appOf(disconnected('waiting', { app: 'the-one' }))]);
  expect(whole).toContain('>the-one<');
  expect(textOf(whole)).toContain('and 801 more, 0 of them wrong');
  expect(whole.length).toBeLessThan(150_000);
});

test('no app, an app that cannot be read and a daemon that stops are told as they are', () => {
  expect(textOf(pageOf([]))).toContain('No app runs.');
  const broken: PageApp = {
    app: 'bot',
    appId: 'x',
    status: { error: 'a bug', hasStarted: true, advice: 'Mend that.' },
    concerns: [],
    history: blankHistory,
    letters: () => null,
  };
  expect(textOf(pageOf([broken]))).toContain('Its status cannot be read: a bug');
  expect(pageOf([broken])).toContain('<title>unreadable: bot</title>');
  const unstarted = { ...broken, status: { error: 'it could not start', hasStarted: false, advice: 'Mend that.' } };
  expect(textOf(pageOf([unstarted]))).toContain('It does not run: it could not start. Mend that.');
  expect(pageOf([unstarted])).toContain('<title>not started: bot</title>');
  expect(textOf(pageOf([unstarted, broken]))).toContain('2 apps: 1 not started, 1 unreadable');
  expect(pageOf([appOf(statusWith())], { phase: 'stopping' })).toContain('<title>stopping: feishu-connector</title>');
});

test('a year with an outage of a minute shows that outage, and does not round it away', () => {
  const year = 365 * 86_400_000; // longer than anything is kept: whoever draws must not rely on that
  const from = AT - year;
  const history: AppHistory = {
    ...blankHistory(),
    at: AT,
    since: from,
    spans: [
      { standing: 'connected', from, to: AT - year / 2 },
      { standing: 'disconnected', from: AT - year / 2, to: AT - year / 2 + 60_000 },
      { standing: 'connected', from: AT - year / 2 + 60_000, to: null },
    ],
  };
  const whole = pageOf([appOf(statusWith(), history)]);
  expect(textOf(whole)).toContain('The last hour: connected 100 %');
  expect(textOf(whole)).toContain('The last day: connected 100 %');
  expect(textOf(whole)).toContain('All that is known, 365 d: connected 99.99 %');
  expect(whole).toContain('<rect class="is-disconnected" x="250" width="1"');
  expect(whole).toContain('not connected, 2025-07-03 15:04:05 to 2025-07-03 15:05:05 UTC (1 min)');
});

test('what was seen from outside is told: the count of the platform, the call budget, the gaps and what became of them', () => {
  const status = statusWith({
    serverView: { verdict: 'agrees', seen: 1, expected: 1, ageMs: 65_000 },
    budget: { level: 'free', used: 12, projected: 99.6, quota: 10_000 },
    gaps: { open: [{ ...GAP, number: 2, to: null }], openCount: 1, isCatchingUp: false, latest: [CLOSED] },
  });
  const text = textOf(pageOf([appOf(status)]));
  expect(text).toContain('agrees: 1 connection counted, 1 expected, 1 min 5 s ago');
  expect(text).toContain('12 of 10,000 calls, 100 by the end of the month; free');
  expect(text).toMatch(
    / 2 2026-01-02 02:14:05 goes on outage open 1 2026-01-02 02:14:05 2026-01-02 03:03:05 outage all read 2 found/,
  );
  expect(concerns(status)).toEqual([]);
});

test('what this very socket rests on is told by its age: its first pong and its latest', () => {
  const session = { attempt: 4, connectionId: 'c-77', provenAt: AT - 7_200_000, answeredAt: AT - 12_000, rttMs: 31 };
  const text = textOf(pageOf([appOf(statusWith(), { ...blankHistory(), sessions: [session] })]));
  expect(text).toContain('connection 4 proven 2 h ago; latest pong 12 s ago after 31 ms ( c-77 )');
  expect(text).toContain('connections 1 proven of 1 wanted');
});

test('a token is told with what is left of it and how its latest renewal ended', () => {
  const failure = { code: 'token_timeout', detail: 'no answer' } as const;
  const history = { ...blankHistory(), lastRefresh: { at: AT - 5_000, durationMs: 2_000, failure } };
  const text = textOf(pageOf([appOf(statusWith(), history)]));
  expect(text).toContain('token expires in 2 h ( 2026-01-02 05:04:05 )');
  expect(text).toContain('latest renewal failed: token_timeout , 5 s ago, took 2.0 s');
});

test('what became of events is drawn by the minute, and what is rare beside a thousand others is seen', () => {
  const none = { handled: 0, failed: 0, duplicate: 0, dropped: 0, dead: 0 };
  const outcomesPerMinute = [
    none,
    { ...none, handled: 9_999, duplicate: 3 },
    { ...none, handled: 12, failed: 5, dead: 1 },
  ];
  const history = { ...blankHistory(), eventsPerMinute: [0, 10_002, 13], outcomesPerMinute };
  const whole = pageOf([appOf(statusWith(), history)]);
  expect(textOf(whole)).toContain('Events: 13 in this minute, 10,015 in the last 3 minutes');
  expect(textOf(whole)).toContain('10,011 handled 3 duplicates 5 failed runs 0 dropped 1 dead letter');
  expect(whole.match(/<rect class="was-(?:duplicate|failed|dead)"/g)).toHaveLength(3);
  expect(whole).not.toMatch(/<rect class="was-(?:duplicate|failed|dead)"[^>]* height="[01]\./);
});

test('dead letters are told with why they died and how to settle them, and no content', () => {
  const letter = {
    eventId: 'ev-1',
    eventType: 'im.message.receive_v1',
    reason: 'attempts',
    attempts: 5,
    detail: 'the database said app_secret=hunter22',
    source: 'push',
    arrivedAt: AT - 90_000,
    diedAt: AT - 60_000,
    payloadBytes: 400,
  } as const;
  const app = { ...appOf(statusWith()), letters: () => ({ count: 12, latest: [letter] }) };
  const text = textOf(pageOf([app]));
  expect(text).toContain('ev-1 im.message.receive_v1 1 min ago 5 attempts: the database said app_secret=[redacted]');
  expect(text).toContain(
    '12 in all, the newest first. All of them as JSON ; feishu-connector dead-letters lists, replays and drops them.',
  );
  expect(textOf(pageOf([{ ...app, letters: () => ({ count: 0, latest: [] }) }]))).toContain('Dead letters None waits.');
  expect(textOf(pageOf([appOf(statusWith())]))).not.toContain('Dead letters');
});

test('what of a gap could not be read is told with the reason, and so is what no history has', () => {
  const latest = [
    {
      ...CLOSED,
      recovered: 'no' as const,
      unreachable: [{ what: 'chats' as const, count: 2, why: 'bounds' as const, detail: 'more than 100 pages' }],
      otherEventTypes: { types: ['card.action.trigger'], why: 'no history' },
    },
  ];
  const text = textOf(pageOf([appOf(statusWith({ gaps: { ...NO_GAPS, latest } }))]));
  expect(text).toContain(
    'not all read 2 found in history, 1 had arrived after all; out of reach: 2 chats (bounds: more than 100 pages)',
  );
  expect(text).toContain('; no history has card.action.trigger');
});

test('an outage of an earlier process is told as one, and one that it did not live through as that', () => {
  const outage = {
    number: 3,
    cause: 'closed_by_peer',
    startedAt: AT - 600_000,
    attempts: 2,
    durationMs: 60_000,
  } as const;
  const history = { ...blankHistory(), outages: [{ ...outage, endedBy: 'process' as const }] };
  const text = textOf(pageOf([appOf(statusWith(), history)]));
  expect(text).toContain('3 before the start 2026-01-02 02:54:05 1 min, until the process ended 2 closed_by_peer');
});

test('of many apps those that match are found by name or id, and those that are well are not linked above each', () => {
  const apps = Array.from({ length: 200 }, (_, index) => appOf(statusWith({ app: `app-${index}` })));
  const all = [...apps, appOf(disconnected('waiting', { app: 'the-one' }))];
  const found = pageOf(all, { find: ' THE-o' });
  expect(textOf(found)).toContain('201 apps: 1 waiting, 200 connected');
  expect(textOf(found)).toContain('1 found show all');
  expect([found.includes('>the-one<'), found.includes('>app-7<')]).toEqual([true, false]);
  expect(pageOf(all, { find: HOSTILE })).not.toContain('<img');
  expect(textOf(pageOf(all, { find: 'nobody' }))).toContain('0 found show all No app has that in its name or id.');
  const one = pageOf(all, { wanted: 'app-7' });
  expect(one.match(/<nav[\s\S]*<\/nav>/)?.[0].match(/<li/g)).toHaveLength(3);
  expect(pageOf(apps.slice(0, 12))).not.toContain('<form');
});

test('the tab tells the state by a word and a shape, and a change of it is read out', () => {
  const iconIn = (whole: string) => /<link rel="icon" href="([^"]+)"/.exec(whole)?.[1];
  const icons = [
    statusWith(),
    disconnected('waiting'),
    statusWith({ connected: { ...statusWith().connected, state: 'suspect' } }),
  ]
    .map((status) => pageOf([appOf(status)]))
    .map(iconIn);
  expect(new Set(icons).size).toBe(3);
  for (const icon of icons) expect(icon).toMatch(/^data:image\/svg\+xml,%3Csvg/);
  expect(pageOf([appOf(disconnected('waiting'))])).toContain(
    '<p class="unseen" role="status">waiting: support-bot</p>',
  );
});

test('what comes and goes has a place of its own, so that nothing else is drawn anew for it', () => {
  const placesIn = (whole: string) => whole.match(/<div data-part>/g)?.length;
  const calm = pageOf([appOf(statusWith())]);
  const busy = pageOf([appOf(disconnected('waiting', { gaps: { ...NO_GAPS, latest: [CLOSED] } }))]);
  expect(busy).toContain('class="concerns"');
  expect(calm).not.toContain('class="concerns"');
  expect(placesIn(busy)).toBe(placesIn(calm));
});

test('a reload that was refused stands at the head, with what was wrong and the runbook, until there is none', () => {
  const refused = { at: AT - 60_000, problem: `config.yaml:7: ${HOSTILE}` };
  const whole = pageOf([appOf(statusWith())], { refused });
  expect(textOf(whole)).toContain('The configuration in force is older than the file: refused at');
  expect(whole.indexOf('is older than the file')).toBeLessThan(whole.indexOf('<main'));
  expect(whole).toContain('href="runbooks/FeishuConfigReloadFailed"');
  expect(whole).not.toContain('<img');
  const calm = pageOf([appOf(statusWith())]);
  expect(calm).not.toContain('older than the file');
  expect(whole.match(/<div data-part>/g)?.length).toBe(calm.match(/<div data-part>/g)?.length);
});

test('nothing on the page moves by itself', () => {
  expect(pageOf([appOf(statusWith())])).not.toMatch(/animation|transition|@keyframes|<marquee|<animate/);
});

test('runbooks are linked where the site has them', () => {
  const whole = pageOf([appOf(disconnected('waiting'))], { runbookUrl: 'https://wiki.example/runbooks' });
  expect(whole).toContain('href="https://wiki.example/runbooks/FeishuConnectRejected.md"');
});
