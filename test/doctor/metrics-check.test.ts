import { expect, test } from 'vitest';
import { Round } from '../../src/doctor/check.js';
import type { DaemonStatus } from '../../src/doctor/daemon-status.js';
import { parseExposition } from '../../src/doctor/exposition.js';
import { judgeMetrics, METRICS_CHECK } from '../../src/doctor/metrics-check.js';
import { type Http, HttpError } from '../../src/ports/index.js';
import { APP_ID, disconnected, statusWith } from '../support/app-connector.js';
import { HandClock } from '../support/hand-clock.js';

const STATUS: DaemonStatus = { version: '1', phase: 'running', uptimeMs: 1, apps: [statusWith()] };
const UP = 'feishu_ws_connected{app="support-bot"} 1\n';

test('the text format and OpenMetrics are read: escapes, timestamps, exemplars, infinities', () => {
  const text = [
    '# HELP a b',
    '# TYPE a counter',
    'a 1',
    'b{x="1",y="a\\"b\\\\c\\nd",} -2.5e-3 1700000000',
    'c_bucket{le="+Inf"} 7 # {trace_id="abc"} 0.5 1700000000.1',
    'd +Inf',
    'e NaN',
    'f Nan',
    'g -inf',
    '# EOF',
    '',
  ].join('\n');
  const read = parseExposition(text);
  if ('brokenLine' in read) throw new Error(`line ${read.brokenLine}`);
  expect(read.series.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value])).toEqual([
    ['a', {}, 1],
    ['b', { x: '1', y: 'a"b\\c\nd' }, -0.0025],
    ['c_bucket', { le: '+Inf' }, 7],
    ['d', {}, Infinity],
    ['e', {}, Number.NaN],
    ['f', {}, Number.NaN],
    ['g', {}, -Infinity],
  ]);
});

test.each(['<html>', 'a', 'a{x=1} 1', 'a{x="1" 1', '1a 1', 'a one'])('%j is no line of metrics', (line) => {
  expect(parseExposition(`ok 1\n${line}\n`)).toEqual({ brokenLine: 2 });
});

test('every app has its series, as the evidence says', () => {
  expect(judgeMetrics(`${UP}x 1\n`, STATUS, 12)).toMatchObject({
    result: 'ok',
    evidence: '2 series in 12 ms; feishu_ws_connected is there for support-bot',
  });
});

test('a series that is missing, one that lies, a line that is none, and a slow scrape are told', () => {
  expect(judgeMetrics('x 1\n', STATUS, 1)).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining('missing for support-bot'),
  });
  const deaf = { ...STATUS, apps: [disconnected('waiting')] };
  expect(judgeMetrics(UP, deaf, 1)).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining(
      'feishu_ws_connected is 1 for support-bot, and the evidence says that it is deaf',
    ),
  });
  expect(judgeMetrics(UP.replace(' 1', ' 0'), deaf, 1).result).toBe('ok');
  expect(judgeMetrics('<html>', STATUS, 1)).toMatchObject({
    result: 'fail',
    evidence: expect.stringContaining('line 1'),
  });
  expect(judgeMetrics(UP, STATUS, 2_001).result).toBe('warn');
});

test('a status that could not be read contradicts nothing', () => {
  const broken = { ...STATUS, apps: [{ app: 'support-bot', appId: APP_ID, error: 'a bug' }] };
  expect(judgeMetrics(UP, broken, 1).result).toBe('ok');
});

const asked = async (http: Http) => {
  const clock = new HandClock();
  const round = new Round(null, { clock, endsAt: 9_000 });
  return (await round.make([METRICS_CHECK], { url: 'http://127.0.0.1:9464', http, clock, status: STATUS }))[0];
};

test('an endpoint that answers otherwise, or not at all, fails', async () => {
  expect(await asked(async () => ({ status: 503, headers: {}, body: '' }))).toMatchObject({
    result: 'fail',
    evidence: 'GET /metrics was answered with HTTP 503',
  });
  expect(await asked(() => Promise.reject(new HttpError('timeout', 'no answer')))).toMatchObject({
    result: 'fail',
    evidence: 'timeout after 0 ms: no answer',
  });
  expect(await asked(async () => ({ status: 200, headers: {}, body: UP }))).toMatchObject({ result: 'ok' });
});
