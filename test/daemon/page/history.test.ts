import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConnectorReport } from '../../../src/connector-events.js';
import { record } from '../../../src/daemon/index.js';
import { type AppHistory, HISTORY_BOUNDS, HistoryRecorder } from '../../../src/daemon/page/history.js';
import { virtualWorld } from '../../support/world.js';

type Connection = Extract<ConnectorReport, { room: 'connection' }>['report'];

const SINCE = 1_767_225_600_000;

/** A recorder whose reports come at seconds since its beginning. */
function recorded() {
  const recorder = new HistoryRecorder({ now: 0, wallNow: SINCE });
  const momentAt = (seconds: number) => ({ now: seconds * 1_000, wallNow: SINCE + seconds * 1_000 });
  return {
    recorder,
    tell: (seconds: number, report: Connection) => recorder.onReport({ room: 'connection', report }, momentAt(seconds)),
    event: (seconds: number) =>
      recorder.onReport(
        {
          room: 'delivery',
          report: {
            type: 'event_received',
            eventType: 'im.message.receive_v1',
            eventId: 'e',
            source: 'push',
            ageMs: 0,
            payloadBytes: 1,
          },
        },
        momentAt(seconds),
      ),
    read: (seconds: number) => recorder.read(momentAt(seconds)),
  };
}

const changed = (to: 'discovering' | 'dialing' | 'proving' | 'connected' | 'suspect' | 'waiting' | 'stopped') =>
  ({ type: 'state_changed', from: 'idle', to }) as const;
const started = (attempt: number, outage: number | null = null) =>
  ({ type: 'attempt_started', attempt, isReconnect: attempt > 1, outage }) as const;
const failed = (attempt: number, detail = 'HTTP 503') =>
  ({
    type: 'attempt_failed',
    attempt,
    step: 'discovery',
    failure: { code: 'discovery_http_status', detail },
    verdict: 'retry',
    durationMs: 5,
    outage: 1,
  }) as const;
const connected = (attempt: number) => ({ type: 'connected', attempt, connectionId: '7', outage: null }) as const;

test('the steps of attempts are one standing, and the time between two standings has no gap', () => {
  const { tell, read } = recorded();
  for (const [index, state] of (['discovering', 'dialing', 'proving', 'connected', 'suspect'] as const).entries())
    tell(index + 1, changed(state));
  tell(10, changed('waiting'));
  tell(12, changed('discovering'));
  const at = (seconds: number) => SINCE + seconds * 1_000;
  expect(read(20).spans).toEqual([
    { standing: 'stopped', from: SINCE, to: at(1) },
    { standing: 'disconnected', from: at(1), to: at(4) },
    { standing: 'connected', from: at(4), to: at(5) },
    { standing: 'suspect', from: at(5), to: at(10) },
    { standing: 'disconnected', from: at(10), to: null },
  ]);
});

test('an attempt is told with its step, its cause and how long it took, without secrets', () => {
  const { tell, read } = recorded();
  tell(1, started(1));
  expect(read(2).attempts).toMatchObject([{ attempt: 1, outcome: 'under_way', durationMs: null, failure: null }]);
  tell(3, failed(1, 'GET /?app_secret=hunter22 failed'));
  tell(4, started(2, 1));
  tell(5, { type: 'attempt_abandoned', attempt: 2, step: 'dial', durationMs: 1_000 });
  tell(6, { ...started(3), isStandby: true });
  tell(8, connected(3));
  expect(read(9).attempts).toEqual([
    {
      attempt: 1,
      startedAt: SINCE + 1_000,
      outcome: 'failed',
      durationMs: 2_000,
      step: 'discovery',
      failure: { code: 'discovery_http_status', verdict: 'retry', detail: 'GET /?app_secret=[redacted] failed' },
      isStandby: false,
    },
    {
      attempt: 2,
      startedAt: SINCE + 4_000,
      outcome: 'abandoned',
      durationMs: 1_000,
      step: 'dial',
      failure: null,
      isStandby: false,
    },
    {
      attempt: 3,
      startedAt: SINCE + 6_000,
      outcome: 'connected',
      durationMs: 2_000,
      step: null,
      failure: null,
      isStandby: true,
    },
  ]);
});

test('an outage goes on until it is told to be over, and counts its attempts meanwhile', () => {
  const { tell, read } = recorded();
  tell(10, { type: 'outage_started', outage: 1, cause: 'connection_reset' });
  tell(10, started(2, 1));
  tell(11, started(3, 1));
  const outage = { number: 1, cause: 'connection_reset', startedAt: SINCE + 10_000, attempts: 2 };
  expect(read(12).outages).toEqual([{ ...outage, durationMs: null, endedBy: null }]);
  tell(70, {
    type: 'outage_ended',
    outage: { number: 1, cause: 'connection_reset', durationMs: 3_000, attempts: 2 },
  });
  expect(read(71).outages).toEqual([{ ...outage, durationMs: 3_000, endedBy: 'connection' }]);
});

test('events are counted by the minute, quiet minutes included, for an hour', () => {
  const { event, read } = recorded();
  expect(read(0).eventsPerMinute).toEqual([0]);
  event(1);
  event(59);
  event(185);
  expect(read(190).eventsPerMinute).toEqual([2, 0, 0, 1]);
  const hour = read(60 * 60 + 30).eventsPerMinute;
  expect([hour.length, hour.reduce((sum, count) => sum + count, 0)]).toEqual([HISTORY_BOUNDS.minutes, 1]);
  expect(read(3 * 60 * 60).eventsPerMinute).toEqual(Array(HISTORY_BOUNDS.minutes).fill(0));
});

test('a wall clock that is set back by a day neither loses events nor makes a duration negative', () => {
  const { recorder, tell, event } = recorded();
  tell(1, started(1));
  event(30);
  const back = { now: 130_000, wallNow: SINCE - 86_400_000 };
  recorder.onReport({ room: 'connection', report: connected(1) }, back);
  const { attempts, eventsPerMinute } = recorder.read(back);
  expect([attempts[0]?.durationMs, eventsPerMinute]).toEqual([129_000, [1, 0, 0]]);
});

test('what began before the recorder listened changes nothing', () => {
  const { tell, read } = recorded();
  tell(1, failed(7));
  tell(2, connected(8));
  tell(3, { type: 'outage_ended', outage: { number: 4, cause: 'closed_by_peer', durationMs: 1, attempts: 1 } });
  expect(read(4)).toMatchObject({ attempts: [], outages: [] });
});

const anyReport: fc.Arbitrary<Connection> = fc.oneof(
  fc.constantFrom('discovering', 'connected', 'suspect', 'waiting', 'stopped').map((to) => changed(to as 'waiting')),
  fc.nat(500).map((attempt) => started(attempt, attempt % 2 === 0 ? attempt : null)),
  fc.nat(500).map((attempt) => failed(attempt)),
  fc.nat(500).map(connected),
  fc.nat(500).map((outage) => ({ type: 'outage_started', outage, cause: 'closed_by_peer' }) as const),
  fc.nat(500).map((rttMs) => ({ type: 'heartbeat_answered', attempt: 1, kind: 'protocol', rttMs }) as const),
);

test('whatever is reported, in whatever order, nothing outgrows its bound, and what is kept is the latest (seed 20261123)', () => {
  const steps = fc.array(fc.tuple(fc.nat(400), anyReport), { minLength: 300, maxLength: 800 });
  fc.assert(
    fc.property(steps, (reports) => {
      const { tell, event, read } = recorded();
      let seconds = 0;
      for (const [pause, report] of reports) {
        seconds += pause;
        tell(seconds, report);
        event(seconds);
      }
      const history = read(seconds);
      expect(history.spans.length).toBeLessThanOrEqual(HISTORY_BOUNDS.spans);
      expect(history.outages.length).toBeLessThanOrEqual(HISTORY_BOUNDS.outages);
      expect(history.attempts.length).toBeLessThanOrEqual(HISTORY_BOUNDS.attempts);
      expect(history.heartbeats.length).toBeLessThanOrEqual(HISTORY_BOUNDS.heartbeats);
      expect(history.eventsPerMinute.length).toBeLessThanOrEqual(HISTORY_BOUNDS.minutes);
      expectUnbroken(history);
      expect(history.eventsPerMinute.at(-1)).toBeGreaterThan(0);
      expect(JSON.stringify(history).length).toBeLessThan(150_000);
    }),
    { seed: 20_261_123, numRuns: 40 },
  );
});

function expectUnbroken({ spans }: AppHistory): void {
  for (const [index, { standing, to }] of spans.entries()) {
    const next = spans[index + 1];
    expect(to).toBe(next?.from ?? null);
    expect(standing).not.toBe(next?.standing);
  }
}

test('a whole connector is remembered through an outage, in virtual time', async () => {
  const { connector, clock, platform } = virtualWorld();
  const { history } = record(connector, clock);
  await connector.start();
  await clock.advanceBy(60_000);
  const id = platform.inject({ fault: 'discovery_status', status: 503 });
  platform.inject({ fault: 'drop_socket' });
  await clock.advanceBy(30_000);
  expect(history()).toMatchObject({
    outages: [{ number: 1, cause: 'connection_reset', durationMs: null }],
    spans: [{ standing: 'disconnected' }, { standing: 'connected' }, { standing: 'disconnected', to: null }],
  });
  platform.clear(id);
  await clock.advanceBy(300_000);
  const { spans, outages, attempts, heartbeats } = history();
  expect(spans.at(-1)).toMatchObject({ standing: 'connected', to: null });
  expect(outages).toHaveLength(1);
  expect(outages[0]?.durationMs).toBeGreaterThan(0);
  expect(attempts.map(({ outcome }) => outcome)).toEqual([
    'connected',
    ...Array(attempts.length - 2).fill('failed'),
    'connected',
  ]);
  expect(heartbeats.length).toBeGreaterThan(5);
});
