import { expect, test } from 'vitest';
import { ConnectorError } from '../../src/connector-error.js';
import type { ConnectorStatus } from '../../src/connector-status.js';
import { type CatchableApp, catchUpOf } from '../../src/daemon/catching-up.js';
import { OPEN_SURFACE } from '../../src/daemon/index.js';
import { UnstartedError } from '../../src/daemon/readiness.js';
import { APP_ID, blankHistory, statusWith } from '../support/app-connector.js';
import { HandClock } from '../support/hand-clock.js';
import { BEARER, openStage, TOKEN } from './surface-stage.js';

const OPEN_GAPS = (cause: 'operator' | 'outage'): ConnectorStatus['gaps'] => ({
  open: [{ number: 7, cause, from: 1, to: 2 }],
  openCount: 1,
  isCatchingUp: true,
  latest: [],
});

/** An app that writes down the spans it was told. */
function appIn(status: ConnectorStatus, spans: object[] = []): CatchableApp {
  return {
    app: status.app,
    appId: status.appId,
    status: () => status,
    catchUp: (span) => spans.push(span),
  };
}

async function surfaceOf(apps: readonly CatchableApp[]) {
  const clock = new HandClock();
  const { surface } = await openStage(
    { ...OPEN_SURFACE, token: { text: TOKEN } },
    {
      apps: () => apps.map((app) => ({ ...app, reconnect: () => false, history: blankHistory, deadLetters: null })),
      clock,
    },
  );
  const post = async (query = '', headers: Record<string, string> = { authorization: BEARER }) => {
    const response = await fetch(`${surface.url}/catch-up${query}`, { method: 'POST', headers });
    return { status: response.status, json: (await response.json()) as { apps: unknown[]; hint: string } };
  };
  return { post, now: () => clock.wallNow() };
}

test('every app is told the span, and the answer has the number that its record will have', async () => {
  const spans: object[] = [];
  const apps = [
    appIn(statusWith(), spans),
    appIn(statusWith({ app: 'sales-bot', appId: 'cli_00000000000000aa' }), spans),
  ];
  const { post } = await surfaceOf(apps);
  const { status, json } = await post();
  expect([status, spans]).toEqual([200, [{}, {}]]);
  expect(json.apps).toMatchObject([
    { app: 'support-bot', appId: APP_ID, gap: 1, isNew: true, says: expect.stringContaining('as gap 1') },
    { app: 'sales-bot', gap: 2, isNew: true },
  ]);
  // By name or id, in either notation of time.
  expect((await post('?app=cli_00000000000000aa&from=1000&to=1970-01-01T00:00:02Z')).json.apps).toHaveLength(1);
  expect(spans.at(-1)).toEqual({ from: 1_000, to: 2_000 });
});

test.each([
  '?frm=1',
  '?from=1&from=2',
  '?from=yesterday',
  '?from=2026-11-23',
  '?from=2026-11-23T08:00:00',
  '?from=2000&to=1000',
  '?from=1000&to=1000',
  '?from=99999999999999',
  '?to=99999999999999',
  '?from=',
])('%s is refused with what to write, and nobody is told', async (query) => {
  const spans: object[] = [];
  const { post } = await surfaceOf([appIn(statusWith(), spans)]);
  expect(await post(query)).toMatchObject({ status: 400, json: { hint: expect.stringMatching(/from/) } });
  expect((await post('?app=nobody')).status).toBe(404);
  expect((await post('', {})).status).toBe(401);
  expect(spans).toEqual([]);
});

test('one that was asked for before comes first, so that a script reads no chat again and again', () => {
  const spans: object[] = [];
  const app = appIn(statusWith({ gaps: OPEN_GAPS('operator') }), spans);
  expect(catchUpOf(app, {})).toMatchObject({ gap: 7, isNew: false, says: expect.stringMatching(/comes first/) });
  expect(spans).toEqual([]);
  expect(catchUpOf(appIn(statusWith({ gaps: OPEN_GAPS('outage') }), spans), {})).toMatchObject({ gap: 1, isNew: true });
});

test.each([
  [
    new ConnectorError('bad_option', 'catch-up is switched off: see the option catchup'),
    'Nothing is read: catch-up is',
  ],
  [new UnstartedError('no database'), 'Nothing is read: it could not start, and is tried again: no database'],
  [new Error('app_secret=hunter22'), 'This is a bug of the connector: app_secret=[redacted]'],
])('an app that cannot says why, without secrets: %s', (error, says) => {
  const app: CatchableApp = {
    ...appIn(statusWith()),
    catchUp: () => {
      throw error;
    },
  };
  expect(catchUpOf(app, {})).toMatchObject({ gap: null, isNew: false, says: expect.stringContaining(says) });
});
