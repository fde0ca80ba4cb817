import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { barOf, sparkOf } from '../../src/cli/status/drawing.js';
import { type HistoryReading, parseHistory } from '../../src/cli/status/history.js';
import { statusLines } from '../../src/cli/status/lines.js';
import { paintWith } from '../../src/cli/status/paint.js';
import { readingOf, type StatusReading } from '../../src/cli/status/reading.js';
import type { ConnectorStatus } from '../../src/connector-status.js';
import { parseDaemonStatus } from '../../src/doctor/daemon-status.js';
import { blankHistory, disconnected, statusWith } from '../support/app-connector.js';
import { TestFace } from '../support/cli-face.js';
import { serveHttp } from '../support/loopback.js';

const AT = statusWith().at;
const MINUTE = 60_000;

/** What `/status/history` says, with what the test changes. */
function told(changes: object = {}): object {
  return { app: 'support-bot', appId: 'x', ...blankHistory(), concerns: [], ...changes };
}

function read(changes: object = {}): HistoryReading {
  const reading = parseHistory(JSON.stringify(told(changes)));
  if (reading === null) throw new Error('that is no history');
  return reading;
}

/** A daemon with these apps, that tells their past as the test says. */
async function daemonWith(
  apps: readonly (ConnectorStatus & { readonly concerns?: readonly object[] })[],
  answer: (app: string) => [status: number, body: string],
) {
  const asked: string[] = [];
  const server = await serveHttp((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
    if (pathname !== '/status/history') {
      const body = { version: '1.2.3', phase: 'running', startedAt: 0, uptimeMs: 1, apps };
      response.writeHead(200).end(JSON.stringify(body));
      return;
    }
    asked.push(searchParams.get('app') ?? '');
    const [status, body] = answer(searchParams.get('app') ?? '');
    response.writeHead(status).end(body);
  });
  onTestFinished(() => server.close());
  return { url: server.url, asked };
}

async function run(...argv: string[]) {
  const face = new TestFace(['status', ...argv]);
  const code = await runCli(face);
  return { code, out: face.out, err: face.err };
}

test('what came before is told beside what is so: timeline, heartbeats, events, outages, gaps, attempts, runbooks', async () => {
  const spans = [
    { standing: 'connected', from: AT - 30 * MINUTE, to: AT - 20 * MINUTE },
    { standing: 'absent', from: AT - 20 * MINUTE, to: AT - 10 * MINUTE, ending: 'killed' },
    { standing: 'connected', from: AT - 10 * MINUTE, to: null },
  ];
  const outages = [
    {
      number: 2,
      cause: 'closed_by_peer',
      startedAt: AT - 25 * MINUTE,
      attempts: 3,
      durationMs: 300_000,
      endedBy: 'process',
    },
    {
      number: 1,
      cause: 'connection_reset',
      startedAt: AT - 5 * MINUTE,
      attempts: 1,
      durationMs: 900,
      endedBy: 'connection',
    },
  ];
  const attempts = [
    {
      attempt: 7,
      startedAt: AT - 5 * MINUTE,
      outcome: 'failed',
      durationMs: 40,
      step: 'discovery',
      failure: { code: 'discovery_http_status', verdict: 'retry', detail: 'HTTP 503' },
      isStandby: false,
    },
    {
      attempt: 8,
      startedAt: AT - 4 * MINUTE,
      outcome: 'under_way',
      durationMs: null,
      step: null,
      failure: null,
      isStandby: true,
    },
  ];
  const history = told({
    since: AT - 30 * MINUTE,
    startedAt: AT - 10 * MINUTE,
    spans,
    outages,
    attempts,
    sessions: [{ attempt: 6, connectionId: 'c-9', provenAt: AT - 5 * MINUTE, answeredAt: AT - 12_000, rttMs: 31.4 }],
    heartbeats: [1, 8, 0.4].map((rttMs) => ({ at: AT, rttMs })),
    eventsPerMinute: [0, 9, 1],
    outcomesPerMinute: [{ handled: 8, failed: 2, duplicate: 1, dropped: 0, dead: 1 }],
    lastRefresh: { at: AT - 60_000, durationMs: 80, failure: { code: 'token_timeout', detail: 'late' } },
    concerns: [
      {
        tone: 'warn',
        says: 'An event waits for a human.',
        runbook: 'FeishuDeadLetters',
        url: 'https://wiki.example/FeishuDeadLetters.md',
      },
    ],
  });
  const gap = { number: 1, cause: 'outage', from: AT - 25 * MINUTE, to: AT - 20 * MINUTE } as const;
  const record = {
    ...gap,
    found: 2,
    alreadyKnown: 1,
    recovered: 'no',
    unreachable: [{ what: 'chats', count: 3, why: 'bounds', detail: '' }],
    otherEventTypes: { types: [], why: '' },
    chats: 1,
    calls: 2,
  } as const;
  const gaps = { open: [{ ...gap, number: 2, to: null }], openCount: 1, isCatchingUp: false, latest: [record] };
  const { url } = await daemonWith([statusWith({ gaps })], () => [200, JSON.stringify(history)]);
  const { code, out, err } = await run('--url', url);
  expect([code, err]).toEqual([EXIT.ok, '']);
  expect(out.split('\n').map((line) => line.trimEnd())).toEqual(
    expect.arrayContaining([
      '  wrong       An event waits for a human.',
      '              https://wiki.example/FeishuDeadLetters.md',
      `  timeline    ${'▂'.repeat(20)}${'·'.repeat(20)}${'▂'.repeat(20)}  all known, 30 min: connected 66.66 %, 2 outages, 1 restart`,
      '  heartbeats  ▂█▂  the last took 0.4 ms, the 3 latest from 0.4 ms to 8.0 ms',
      '  by minute   ▁█▂  10 events in 3 min: 8 handled, 1 duplicate, 2 failed runs, 0 dropped, 1 dead letter',
      '  proof       connection 6 (c-9) proven 5 min ago; latest pong 12.0 s ago after 31 ms',
      '  token       valid for 2 h; latest renewal failed (token_timeout) 1 min ago, took 80 ms',
      '  outages     2026-01-02 02:59:05Z  900 ms  connection_reset, attempts in it: 1',
      '              2026-01-02 02:39:05Z  5 min, until the process ended  closed_by_peer, attempts in it: 3, before the start',
      '  gaps        2026-01-02 02:39:05Z  2 outage, goes on for 25 min; open',
      '              2026-01-02 02:39:05Z  1 outage, 5 min; not all read: 2 found, 1 had arrived; out of reach: 3 chats (bounds)',
      '  tries       2026-01-02 03:00:05Z  8 under way (standby)',
      '              2026-01-02 02:59:05Z  7 failed after 40 ms: discovery_http_status at discovery, HTTP 503',
    ]),
  );
  const json = JSON.parse((await run('--url', url, '--json')).out) as StatusReading;
  expect(json.apps[0]?.history).toMatchObject({ spans, outages, sessions: [{ connectionId: 'c-9' }] });
});

test.each<readonly [string, number, string]>([
  ['an older daemon', 404, '{"error":"no such endpoint"}'],
  ['another program', 200, '<html>'],
  ['a daemon that says something else', 200, JSON.stringify({ spans: 'many' })],
])('%s that tells no past is told without one', async (_who, status, body) => {
  const { url } = await daemonWith([statusWith()], () => [status, body]);
  const { code, out } = await run('--url', url);
  expect([code, out.includes('timeline'), out.includes('connected   yes')]).toEqual([EXIT.ok, false, true]);
  expect(JSON.parse((await run('--url', url, '--json')).out)).toMatchObject({ apps: [{ history: null }] });
});

test('many apps are a line each, those that need somebody first, and nobody asks for the past of all of them', async () => {
  const many = Array.from({ length: 200 }, (_, index) => statusWith({ app: `app-${index}` }));
  const { url, asked } = await daemonWith([...many, disconnected('waiting', { app: 'the-one' })], () => [404, '']);
  const { code, out } = await run('--url', url);
  expect([code, asked]).toEqual([EXIT.failure, []]);
  const lines = out.split('\n');
  expect(lines[2]).toBe('201 apps, 1 of them wrong; --app <name> tells all of one');
  expect(lines[3]).toMatch(
    /^ {2}the-one +wrong {2}alive yes, connected no, receiving no, outage 1 by connection_reset/,
  );
  expect(lines).toHaveLength(3 + 201 + 1);
  await run('--url', url, '--app', 'the-one');
  expect(asked).toEqual(['the-one']);
});

test('of many apps those that are connected and wrong all the same come before those that are well, with what waits', async () => {
  const concern = (tone: string, says: string) => ({ tone, says, runbook: 'FeishuSinkDown', url: 'https://wiki/x.md' });
  const many = Array.from({ length: 6 }, (_, index) => ({ ...statusWith({ app: `app-${index}` }), concerns: [] }));
  const { delivery } = statusWith();
  const down = { ...statusWith({ app: 'sink' }), concerns: [concern('bad', 'No way.'), concern('warn', 'Late.')] };
  const letters = {
    ...statusWith({ app: 'letters', delivery: { ...delivery, pending: 4, deadLetters: 3 } }),
    concerns: [concern('warn', '3 events wait for a human.')],
  };
  const { url } = await daemonWith([...many, letters, down], () => [404, '']);
  const { code, out } = await run('--url', url);
  // The exit code is about connections, as documented.
  expect(code).toBe(EXIT.ok);
  const lines = out.split('\n');
  expect(lines[2]).toBe('8 apps, 1 of them wrong, 1 to look at; --app <name> tells all of one');
  expect(lines[3]).toBe('  sink     wrong  alive yes, connected yes, receiving yes; No way. (and 1 more)');
  expect(lines[4]).toBe(
    '  letters  look   alive yes, connected yes, receiving yes, 4 pending, dead letters: 3; 3 events wait for a human.',
  );
  expect(lines[5]).toMatch(/^ {2}app-0 {4}well /);
});

test.each([
  ['at the address that was asked', 'http://bot:9464/below', 'http://bot:9464/below/runbooks/FeishuSinkDown'],
  ['by a command where no browser gets to', 'unix:/run/bot.sock', 'feishu-connector runbook FeishuSinkDown'],
])('a runbook of the daemon itself is named %s, and one of the site by its own address', (_how, url, place) => {
  const linesAt = (runbookUrl: string) => {
    const concern = { tone: 'bad', says: 'No way.', runbook: 'FeishuSinkDown', url: runbookUrl };
    const status = parseDaemonStatus(
      JSON.stringify({
        version: '1.2.3',
        phase: 'running',
        startedAt: 0,
        uptimeMs: 1,
        apps: [{ ...statusWith(), concerns: [concern] }],
      }),
    );
    if (typeof status === 'string') throw new Error(status);
    return statusLines(readingOf({ is: 'ours', url, tookMs: 1, status, livez: 200, readyz: 200 }, null, AT), false);
  };
  expect(linesAt('/runbooks/FeishuSinkDown').split('\n')).toContain(`              ${place}`);
  expect(linesAt('https://wiki/FeishuSinkDown.md').split('\n')).toContain(
    `              https://wiki/FeishuSinkDown.md`,
  );
});

test('what foreign programs say cannot forge lines or colours', () => {
  const history = read({ concerns: [{ tone: 'bad', says: 'a\nb\u001b[31m', runbook: 'x', url: 'y' }] });
  expect(history.concerns[0]?.says).toBe('a b [31m');
});

test('a timeline is drawn by height as well as by colour, and what nothing is known of is empty', () => {
  const spans = (['connected', 'suspect', 'disconnected', 'stopped', 'absent'] as const).map((standing, index) => ({
    standing,
    from: index * 10,
    to: (index + 1) * 10,
  }));
  const window = { from: -10, to: 50 };
  expect(barOf({ spans, at: 50 }, window, 6, paintWith(false))).toBe(' ▂▄█_·');
  expect(barOf({ spans, at: 50 }, window, 6, paintWith(true))).toContain('\u001b[31m█\u001b[0m');
  expect(sparkOf([0, 0.001, 4, 8], 3)).toBe('▂▅█');
  expect(sparkOf([0, 0], 10)).toBe('▁▁');
});

test('an app whose past is empty is told without gaps, tries and outages', () => {
  const reading: StatusReading = {
    at: AT,
    url: 'http://127.0.0.1:1',
    isConnected: true,
    daemon: { version: '1.2.3', phase: 'running', uptimeMs: 1, configuration: null },
    problem: null,
    apps: [],
  };
  expect(statusLines(reading, false)).toContain('no such app runs');
  expect(read().attempts).toEqual([]);
});
