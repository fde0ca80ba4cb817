import { counted, trip, windowWords } from '../../daemon/index.js';
import { type AppStatus, span } from '../../doctor/index.js';
import { BAR_LEGEND, barOf, sparkOf } from './drawing.js';
import { columnsOf } from './fold.js';
import type { HistoryReading } from './history.js';
import { FAINT, type Paint } from './paint.js';

/** A title and what stands beside it; further lines of the same have an empty title. */
export type Row = readonly [title: string, words: string];

const COLUMNS = 60;
const SPARK_COLUMNS = 40;
const DAY_MS = 86_400_000;
const ROWS_SHOWN = 5;

/** How it stood: the last day, and all that is known. @param room Columns there are; null for as many as it takes. */
export function timelineRows(history: HistoryReading, paint: Paint, room: number | null): Row[] {
  const { at, since } = history;
  const start = Math.min(since, at - 1);
  const isLong = at - start > DAY_MS * 1.1;
  const windows = [
    ...(isLong ? [['last day', at - DAY_MS] as const] : []),
    [`all known, ${span(at - start)}`, start] as const,
  ];
  const drawn = windows.flatMap(([name, from]): Row[] => {
    const window = { from, to: at };
    const bar = barOf(history, window, Math.min(COLUMNS, room ?? COLUMNS), paint);
    const words = `${name}: ${windowWords(history, window)}`;
    const isOneLine = room === null || columnsOf(bar) + 2 + columnsOf(words) <= room;
    return isOneLine
      ? [['', `${bar}  ${words}`]]
      : [
          ['', bar],
          ['', words],
        ];
  });
  const isSmooth = history.spans.every(({ standing }) => standing === 'connected');
  return titled('timeline', [...drawn, ...(isSmooth ? [] : [['', paint(FAINT, BAR_LEGEND)] as const])]);
}

/** Round trips of heartbeats, and events with what became of them. */
export function sparkRows({ heartbeats, eventsPerMinute, outcomesPerMinute }: HistoryReading): Row[] {
  const trips = heartbeats.map(({ rttMs }) => rttMs);
  const last = trips.at(-1);
  const total = (name: keyof (typeof outcomesPerMinute)[number]) =>
    outcomesPerMinute.reduce((sum, minute) => sum + minute[name], 0);
  const came = eventsPerMinute.reduce((sum, count) => sum + count, 0);
  const became = `${total('handled')} handled, ${counted(total('duplicate'), 'duplicate')}, ${counted(total('failed'), 'failed run')}, ${total('dropped')} dropped, ${counted(total('dead'), 'dead letter')}`;
  return [
    ...(last === undefined
      ? []
      : [
          [
            'heartbeats',
            `${sparkOf(trips, SPARK_COLUMNS)}  the last took ${trip(last)}, the ${trips.length} latest from ${trip(Math.min(...trips))} to ${trip(Math.max(...trips))}`,
          ] as const,
        ]),
    [
      'by minute',
      `${sparkOf(eventsPerMinute, SPARK_COLUMNS)}  ${came} events in ${eventsPerMinute.length} min: ${became}`,
    ],
  ];
}

/** What each proven connection rests on. */
export function sessionRows({ sessions, at }: HistoryReading): Row[] {
  return titled(
    'proof',
    sessions.map(({ attempt, connectionId, provenAt, answeredAt, rttMs }) => {
      const pong =
        answeredAt === null || rttMs === null ? '' : `; latest pong ${span(at - answeredAt)} ago after ${trip(rttMs)}`;
      return ['', `connection ${attempt} (${connectionId}) proven ${span(at - provenAt)} ago${pong}`] as const;
    }),
  );
}

export function refreshWords({ lastRefresh, at }: HistoryReading): string {
  if (lastRefresh === null) return '';
  const { failure, durationMs } = lastRefresh;
  const how = failure === null ? 'succeeded' : `failed (${failure.code})`;
  return `; latest renewal ${how} ${span(at - lastRefresh.at)} ago, took ${span(durationMs)}`;
}

/** The latest outages, newest first. */
export function outageRows({ outages, startedAt }: HistoryReading): Row[] {
  const latest = outages.slice(-ROWS_SHOWN).toReversed();
  const rows = latest.map((outage): Row => {
    const { cause, attempts, durationMs, endedBy } = outage;
    const lasted =
      durationMs === null
        ? 'goes on'
        : `${span(durationMs)}${endedBy === 'process' ? ', until the process ended' : ''}`;
    const when = outage.startedAt < startedAt ? ', before the start' : '';
    return ['', `${moment(outage.startedAt)}  ${lasted}  ${cause}, attempts in it: ${attempts}${when}`];
  });
  return titled('outages', [...rows, ...more(outages.length, 'earlier')]);
}

/** The latest attempts with their causes, newest first. */
export function attemptRows({ attempts }: HistoryReading): Row[] {
  const latest = attempts.slice(-ROWS_SHOWN).toReversed();
  const rows = latest.map(({ attempt, startedAt, outcome, durationMs, step, failure, isStandby }): Row => {
    const why =
      failure === null ? '' : `: ${failure.code} at ${step}${failure.detail === '' ? '' : `, ${failure.detail}`}`;
    const took = durationMs === null ? '' : ` after ${span(durationMs)}`;
    const what = `${outcome.replace('_', ' ')}${took}${isStandby ? ' (standby)' : ''}`;
    return ['', `${moment(startedAt)}  ${attempt} ${what}${why}`];
  });
  return titled('tries', rows);
}

/** The times in which events may have passed by, and what became of them. */
export function gapRows({ gaps, at }: AppStatus): Row[] {
  if (gaps === undefined || gaps === null) return [];
  const { open = [], openCount, isCatchingUp, latest = [] } = gaps;
  const openRows = open.map(
    ({ number, cause, from, to }): Row => [
      '',
      `${moment(from)}  ${number} ${cause}, ${to === null ? `goes on for ${span(at - from)}` : span(to - from)}; ${isCatchingUp ? 'being read' : 'open'}`,
    ],
  );
  const closed = latest
    .slice(0, ROWS_SHOWN)
    .map(({ number, cause, from, to, recovered, found, alreadyKnown, unreachable }): Row => {
      const reach = unreachable.map(({ what, count, why }) => `; out of reach: ${count} ${what} (${why})`).join('');
      const read = { yes: 'all read', no: 'not all read' }[recovered] ?? 'unknown';
      return [
        '',
        `${moment(from)}  ${number} ${cause}, ${span(to - from)}; ${read}: ${found} found, ${alreadyKnown} had arrived${reach}`,
      ];
    });
  const shown = openRows.slice(0, ROWS_SHOWN);
  return titled('gaps', [...shown, ...more(openCount, 'open', shown.length), ...closed]);
}

function more(count: number, what: string, shown = ROWS_SHOWN): Row[] {
  return count > shown ? [['', `and ${count - shown} more ${what}`]] : [];
}

/** The first of them has the title. */
export function titled(title: string, rows: readonly Row[]): Row[] {
  return rows.map(([, words], index) => [index === 0 ? title : '', words]);
}

/** `2026-01-02 03:04:05Z` */
function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
