import { expect, test } from 'vitest';
import { askDaemon, type DaemonAnswer } from '../../src/doctor/daemon-answer.js';
import { judgeDaemon, judgeProbes, judgeReload } from '../../src/doctor/daemon-judgement.js';
import { parseDaemonStatus } from '../../src/doctor/daemon-status.js';
import { type Http, HttpError, type NetworkError } from '../../src/ports/index.js';
import { disconnected, statusWith } from '../support/app-connector.js';
import { HandClock } from '../support/hand-clock.js';

const URL = 'http://127.0.0.1:9464';

function statusBody(apps: readonly unknown[], changes: object = {}): string {
  return JSON.stringify({ version: '1.2.3', phase: 'running', startedAt: 0, uptimeMs: 60_000, apps, ...changes });
}

/** A daemon by what it answers on each path; an error kind fails that request. */
function daemonSaying(answers: Readonly<Record<string, { status: number; body?: string } | NetworkError>>): Http {
  return async ({ route }) => {
    const answer = answers[route] ?? 'refused';
    if (typeof answer === 'string') throw new HttpError(answer, `${route}: ${answer}`);
    return { status: answer.status, headers: {}, body: answer.body ?? '' };
  };
}

const ask = (http: Http) => askDaemon(http, new HandClock(), URL, 1_000);

async function ours(apps: readonly unknown[], codes: { livez?: number; readyz?: number } = {}, changes = {}) {
  const { livez = 200, readyz = 200 } = codes;
  const answer = await ask(
    daemonSaying({
      '/status': { status: 200, body: statusBody(apps, changes) },
      '/livez': livez === 0 ? 'timeout' : { status: livez },
      '/readyz': readyz === 0 ? 'timeout' : { status: readyz },
    }),
  );
  if (answer.is !== 'ours') throw new Error(`not ours: ${answer.detail}`);
  return answer;
}

test('the status of a thousand apps, with all the gaps that each keeps, is not too much of an answer', async () => {
  const because = 'the platform lists more pages of it than one run may read, at a hundred messages each';
  const gap = {
    ...{ number: 1_234, cause: 'outage', from: 1_767_225_600_000, to: 1_767_225_600_000, found: 1_000 },
    ...{ alreadyKnown: 1_000, recovered: 'no', chats: 100, calls: 1_000 },
    unreachable: ['chat_list', 'chats', 'time'].map((what) => ({ what, count: 1, why: 'bounds', detail: because })),
    otherEventTypes: { types: ['card.action.trigger'], why: because },
  };
  const gaps = { open: [], openCount: 0, isCatchingUp: false, latest: Array(10).fill(gap) };
  const body = statusBody(Array(1_000).fill({ ...statusWith(), gaps }));
  const bounds: number[] = [];
  await ask(async ({ route, maxBytes }) => {
    if (route === '/status') bounds.push(maxBytes);
    return { status: 200, headers: {}, body };
  });
  expect(bounds[0]).toBeGreaterThan(2 * body.length);
});

test('a daemon of ours is told by its status, and names what it runs', async () => {
  const answer = await ours([statusWith(), statusWith({ app: 'sales-bot' })]);
  expect(judgeDaemon(answer, false)).toMatchObject({
    app: null,
    name: 'daemon',
    result: 'ok',
    evidence: `feishu-connector 1.2.3 answers at ${URL} in 0 ms; running, up 1 min; apps: support-bot, sales-bot`,
  });
});

test.each([
  [{ phase: 'starting' }, [statusWith()], 'warn'],
  [{ phase: 'stopping' }, [statusWith()], 'warn'],
  [{}, [], 'fail'],
] as const)('a daemon with %o', async (changes, apps, result) => {
  expect(judgeDaemon(await ours(apps, {}, changes), true)).toMatchObject({ result, advice: expect.any(String) });
});

test.each<[NetworkError, DaemonAnswer['is']]>([
  ['refused', 'absent'],
  ['timeout', 'mute'],
  ['protocol', 'foreign'],
  ['reset', 'foreign'],
  ['too_large', 'foreign'],
  ['dns', 'unreachable'],
  ['tls', 'unreachable'],
  ['proxy', 'unreachable'],
  ['unreachable', 'unreachable'],
  ['unknown', 'unreachable'],
])('an address where the network says %s is %s', async (kind, is) => {
  const answer = await ask(daemonSaying({ '/status': kind }));
  expect(answer).toEqual({ is, url: URL, detail: `/status: ${kind}` });
});

test.each<[string, { status: number; body?: string }, string]>([
  ['another status', { status: 404, body: '{}' }, 'GET /status was answered with HTTP 404'],
  ['HTML', { status: 200, body: '<html>' }, 'GET /status was answered with 6 characters that are no JSON'],
  ['other JSON', { status: 200, body: '{"status":"ok"}' }, 'no status of feishu-connector (at version)'],
  ['no object', { status: 200, body: '[]' }, 'no status of feishu-connector (at its root)'],
])('what answers with %s is a stranger', async (_what, response, detail) => {
  const answer = await ask(daemonSaying({ '/status': response }));
  expect(answer).toMatchObject({ is: 'foreign', detail: expect.stringContaining(detail) });
  expect(judgeDaemon(answer, false)).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining('no feishu-connector'),
  });
});

const OURS = JSON.stringify({ error: 'not now', hint: 'Name the user\u001b[2J.' });

test.each<[string, { status: number; body?: string }, DaemonAnswer['is'], string]>([
  ['it is busy', { status: 503, body: OURS }, 'busy', 'HTTP 503: not now. Name the user [2J.'],
  ['it failed', { status: 500, body: OURS }, 'busy', 'HTTP 500: not now'],
  ['it wants a password', { status: 401, body: OURS }, 'refused', 'HTTP 401: not now'],
  ['it has another name', { status: 421, body: OURS }, 'refused', 'HTTP 421: not now'],
  ['a proxy wants a password', { status: 401, body: '<html>' }, 'refused', 'FEISHU_HTTP_PASSWORD_FILE'],
])('a daemon that does not tell since %s is no stranger', async (_why, response, is, detail) => {
  const answer = await ask(daemonSaying({ '/status': response }));
  expect(answer).toMatchObject({ is, detail: expect.stringContaining(detail) });
  const judged = judgeDaemon(answer, false);
  expect(judged).toMatchObject({ result: 'fail', evidence: expect.stringContaining(detail) });
  expect(judged.evidence).not.toContain('no feishu-connector');
});

test.each<[DaemonAnswer['is'], string, RegExp]>([
  ['refused', 'HTTP 421: not me', /^Name it with --url by a name that it knows/],
  ['refused', 'HTTP 401: who are you', /^Set FEISHU_HTTP_USER/],
  ['unreachable', 'the certificate of bot:9464 is self-signed', /^Set NODE_EXTRA_CA_CERTS/],
  ['unreachable', 'getaddrinfo ENOTFOUND bot', /^Check the address/],
])('a daemon that is %s (%s) says what to do', (is, detail, advice) => {
  expect(judgeDaemon({ is, url: URL, detail } as DaemonAnswer, true).advice).toMatch(advice);
});

test('F27: where a journal is that nobody has open a connector ran, and that nobody listens is a failure', () => {
  const absent = { is: 'absent', url: URL, detail: '' } as const;
  expect(judgeDaemon(absent, false, '/var/lib/bot')).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining(
      'one ran here, as the journal in /var/lib/bot tells, and nobody has that open now',
    ),
    advice: expect.stringContaining('tells why it ended'),
  });
  expect(judgeDaemon(absent, false, null).result).toBe('warn');
});

test('an HTTP 503 without our words is a stranger', async () => {
  expect(await ask(daemonSaying({ '/status': { status: 503, body: '{"error":"down"}' } }))).toMatchObject({
    is: 'foreign',
  });
});

test('nobody there is a failure only where somebody was expected', () => {
  const absent = { is: 'absent', url: URL, detail: '' } as const;
  expect(judgeDaemon(absent, false)).toMatchObject({
    result: 'warn',
    evidence: expect.stringContaining('nobody listens'),
  });
  expect(judgeDaemon(absent, true)).toMatchObject({ result: 'fail' });
  for (const is of ['mute', 'unreachable'] as const) {
    expect(judgeDaemon({ ...absent, is }, false)).toMatchObject({ result: 'fail', advice: expect.any(String) });
  }
});

test('a bug while asking is no answer', async () => {
  const broken: Http = async () => {
    throw new TypeError('a bug');
  };
  await expect(ask(broken)).rejects.toThrow('a bug');
});

const STALE = statusWith({ connected: { ...statusWith().connected, is: true, ageMs: 3_600_000 } });
const STALLED = statusWith({ alive: { is: true, evidence: 'ticked', ageMs: 61_000 } });
const BROKEN = { app: 'bot', appId: 'cli_1', error: 'a bug' };

test.each<[string, unknown[], { livez?: number; readyz?: number }, string]>([
  ['both good, and so it is', [statusWith()], {}, 'ok'],
  ['not ready, and so it is', [statusWith(), disconnected('waiting')], { readyz: 503 }, 'ok'],
  ['dead, and so it is', [STALLED], { livez: 503, readyz: 503 }, 'ok'],
  ['ready while deaf', [disconnected('waiting')], {}, 'fail'],
  ['ready on stale evidence', [STALE], {}, 'fail'],
  ['ready without a readable status', [BROKEN], {}, 'fail'],
  ['alive while stalled', [STALLED], { readyz: 503 }, 'fail'],
  ['not ready though connected', [statusWith()], { readyz: 503 }, 'warn'],
  ['no answer of one', [statusWith()], { readyz: 0 }, 'warn'],
  ['no answer of the other', [statusWith()], { livez: 0 }, 'warn'],
])('probes that say %s', async (_what, apps, codes, result) => {
  expect(judgeProbes(await ours(apps, codes))).toMatchObject({ app: null, name: 'probes', result });
});

test('a reload that was refused is a warning with what was wrong; one that was not, and an older daemon, are none', async () => {
  const judged = async (configuration: unknown) => judgeReload(await ours([statusWith()], {}, { configuration }));
  expect(await judged({ loadedAt: 0, refused: null })).toMatchObject({
    app: null,
    name: 'reload',
    result: 'ok',
    evidence: 'in force since 1970-01-01T00:00:00.000Z; no newer one was refused',
  });
  expect(
    await judged({ loadedAt: 0, refused: { at: 60_000, problem: 'config.yaml:7: a\u001b[2J slip' } }),
  ).toMatchObject({
    result: 'warn',
    evidence:
      'the configuration in force, since 1970-01-01T00:00:00.000Z, is older than the file: refused at 1970-01-01T00:01:00.000Z: config.yaml:7: a [2J slip',
    advice: expect.stringContaining('Do not restart it before'),
  });
  for (const untold of [undefined, 'a newer daemon says it otherwise'])
    expect(await judged(untold)).toMatchObject({ result: 'skip' });
});

test('a daemon that drains is not ready by its own word', async () => {
  expect(judgeProbes(await ours([statusWith()], { readyz: 503 }, { phase: 'stopping' })).result).toBe('ok');
});

test('a newer daemon may say more, and forges nothing with what it says', () => {
  const status = parseDaemonStatus(
    statusBody([{ ...statusWith({ app: 'a\u001b[2J\nb' }), somethingNew: [1] }], { somethingElse: true }),
  );
  expect(status).toMatchObject({ apps: [{ app: 'a [2J b' }] });
});

test.each([
  ['a moment that no calendar has', { ...statusWith(), at: 1e300 }],
  ['a negative age', { ...statusWith(), alive: { is: true, evidence: '', ageMs: -1 } }],
  ['an age that is text', { ...statusWith(), alive: { is: true, evidence: '', ageMs: '3' } }],
  ['no limit', { ...statusWith(), connected: { ...statusWith().connected, silenceLimitMs: undefined } }],
])('%s is no status to judge by', (_what, app) => {
  expect(parseDaemonStatus(statusBody([app]))).toMatch(/^JSON that is no status of feishu-connector \(at apps\.0/);
});
