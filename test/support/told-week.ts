import type { ConnectorStatus } from '../../src/connector-status.js';
import type { AppHistory } from '../../src/daemon/index.js';
import type { GapRecord } from '../../src/index.js';
import { blankHistory, statusWith } from './app-connector.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A week of an app as the page may tell it, with everything in it that happens to apps, for pictures: it is made up. */
export function toldWeek(): { readonly status: ConnectorStatus; readonly history: AppHistory } {
  const { at } = statusWith();
  const startedAt = at - 31 * HOUR_MS;
  return { status: statusOfWeek(at), history: historyOfWeek(at, startedAt) };
}

function statusOfWeek(at: number): ConnectorStatus {
  const gap: GapRecord = {
    number: 4,
    cause: 'outage',
    from: at - 9 * HOUR_MS,
    to: at - 9 * HOUR_MS + 31 * MINUTE_MS,
    found: 14,
    alreadyKnown: 3,
    unreachable: [],
    recovered: 'yes',
    otherEventTypes: { types: ['card.action.trigger'], why: 'history holds messages alone' },
    chats: 22,
    calls: 31,
  };
  const partial: GapRecord = {
    ...gap,
    number: 3,
    from: at - 31.1 * HOUR_MS,
    to: at - 31 * HOUR_MS,
    cause: 'restart',
    found: 0,
    alreadyKnown: 1,
    recovered: 'no',
    unreachable: [{ what: 'chats', count: 1, why: 'bounds', detail: 'more pages than a run may read' }],
    otherEventTypes: { types: [], why: '' },
  };
  const base = statusWith();
  return {
    ...base,
    app: 'support-bot',
    receiving: { ...base.receiving, lastEventAt: at - 8_000, eventsReceived: 18_204 },
    attempts: { count: 63, nextAt: null, isUnderWay: false },
    connections: { wanted: 2, proven: 2 },
    lastFailure: {
      code: 'closed_by_peer',
      verdict: 'retry',
      detail: 'close code 1000',
      help: 'The gateway closed the socket.',
      at: at - 25 * MINUTE_MS,
    },
    serverView: { verdict: 'agrees', seen: 2, expected: 2, ageMs: 7 * MINUTE_MS },
    gaps: { open: [], openCount: 0, isCatchingUp: false, latest: [gap, partial] },
    budget: { level: 'free', used: 2_104, projected: 2_790, quota: 10_000 },
    delivery: {
      pending: 3,
      capacity: 50_000,
      oldestPendingAt: at - 900,
      deadLetters: 1,
      journal: { isOpen: true, sizeBytes: 4_812_800, lastFailure: null },
    },
  };
}

function historyOfWeek(at: number, startedAt: number): AppHistory {
  const since = at - 7 * DAY_MS;
  const outage = (number: number, ago: number, durationMs: number, cause: 'closed_by_peer' | 'connection_reset') =>
    ({ number, startedAt: at - ago, durationMs, cause, attempts: 1 + Math.round(durationMs / 45_000) }) as const;
  const outages = [
    { ...outage(1, 5.2 * DAY_MS, 2_400, 'closed_by_peer'), endedBy: 'connection' as const },
    { ...outage(2, 3.1 * DAY_MS, 4.5 * HOUR_MS, 'connection_reset'), endedBy: 'process' as const },
    { ...outage(1, 9 * HOUR_MS, 31 * MINUTE_MS, 'connection_reset'), endedBy: 'connection' as const },
    { ...outage(2, 25 * MINUTE_MS, 1_900, 'closed_by_peer'), endedBy: 'connection' as const },
  ];
  const cuts = [
    ...outages.map(({ startedAt: from, durationMs }) => ({
      standing: 'disconnected' as const,
      from,
      lasted: durationMs,
    })),
    {
      standing: 'absent' as const,
      from: at - 3.1 * DAY_MS + 4.5 * HOUR_MS,
      lasted: 2 * HOUR_MS,
      ending: 'killed' as const,
    },
    { standing: 'absent' as const, from: startedAt - 4 * MINUTE_MS, lasted: 4 * MINUTE_MS, ending: 'stopped' as const },
    { standing: 'suspect' as const, from: at - 14 * HOUR_MS, lasted: 5_000 },
  ].sort((one, other) => one.from - other.from);
  const spans = cuts.flatMap(({ lasted, ...cut }, index) => {
    const to = cut.from + lasted;
    const next = cuts[index + 1]?.from ?? null;
    return [{ ...cut, to }, ...(next === to ? [] : [{ standing: 'connected' as const, from: to, to: next }])];
  });
  const minutes = Array.from({ length: 60 }, (_, minute) => Math.round(9 + 6 * Math.sin(minute / 7) + (minute % 5)));
  return {
    ...blankHistory(),
    at,
    since,
    startedAt,
    spans: [{ standing: 'connected', from: since, to: cuts[0]?.from ?? at }, ...spans],
    outages,
    sessions: [62, 63].map((attempt) => ({
      attempt,
      connectionId: `74128${attempt}0017`,
      provenAt: at - (attempt === 62 ? 9 * HOUR_MS - 31 * MINUTE_MS : 25 * MINUTE_MS),
      answeredAt: at - (attempt - 59) * 3_000,
      rttMs: 30 + attempt / 10,
    })),
    attempts: [
      {
        attempt: 62,
        startedAt: at - 25 * MINUTE_MS,
        outcome: 'failed',
        durationMs: 212,
        step: 'discovery',
        failure: { code: 'discovery_http_status', verdict: 'retry', detail: 'HTTP 503' },
        isStandby: true,
      },
      {
        attempt: 63,
        startedAt: at - 25 * MINUTE_MS + 1_400,
        outcome: 'connected',
        durationMs: 188,
        step: null,
        failure: null,
        isStandby: true,
      },
    ],
    heartbeats: Array.from({ length: 60 }, (_, nth) => ({
      at: at - (60 - nth) * 10_000,
      rttMs: 31 + 4 * Math.sin(nth) + (nth === 41 ? 60 : 0),
    })),
    eventsPerMinute: minutes,
    outcomesPerMinute: minutes.map((handled, minute) => ({
      handled,
      failed: minute === 33 ? 3 : 0,
      duplicate: minute % 11 === 0 ? 2 : 0,
      dropped: 0,
      dead: minute === 34 ? 1 : 0,
    })),
    lastRefresh: { at: at - 51 * MINUTE_MS, durationMs: 143, failure: null },
  };
}
