import type { LedgerEvent } from '../../simulator/index.js';

/** One harm of the demo and how it was survived, as measured. Seconds with one decimal. */
export interface OutageFigures {
  readonly title: string;
  readonly cause: string;
  /** From the harm being done to the connector noticing it: the connection lost, or suspect. */
  readonly noticedAfterS: number;
  /** From noticing to a new proven connection. */
  readonly lastedS: number;
  readonly attempts: number;
  /** From the moment when the platform would have let it in again to `connected`. */
  readonly recoveredAfterUpstreamS: number;
}

export interface EventFigures {
  readonly sent: number;
  readonly handled: number;
  readonly lost: number;
  readonly handledTwice: number;
  /** Pushes beyond the first of an event: what the outages cost the platform. */
  readonly redeliveries: number;
}

/** An alert that reached somebody. Seconds since the demo began, with one decimal. */
export interface AlertFigures {
  readonly alert: string;
  readonly to: 'pager' | 'ticket' | 'watchdog';
  readonly firedAtS: number;
  /** Null: it is still on. */
  readonly resolvedAtS: number | null;
}

export interface DemoFigures {
  readonly isClean: boolean;
  readonly durationS: number;
  readonly outages: readonly OutageFigures[];
  readonly events: EventFigures;
  readonly tokenRefreshFailures: number;
  readonly reconnectAttempts: number;
  /** Only with Prometheus; the watchdog, which is always on, is left out. */
  readonly alerts?: readonly AlertFigures[];
}

/** Compares what the platform sent with what the handler saw, event by event. */
export function eventFigures(sent: readonly LedgerEvent[], handledCounts: ReadonlyMap<string, number>): EventFigures {
  const counts = sent.map(({ eventId }) => handledCounts.get(eventId) ?? 0);
  return {
    sent: sent.length,
    handled: counts.filter((count) => count > 0).length,
    lost: counts.filter((count) => count === 0).length,
    handledTwice: counts.filter((count) => count > 1).length,
    redeliveries: sent.reduce((sum, { deliveries }) => sum + Math.max(0, deliveries.length - 1), 0),
  };
}

export function secondsOf(ms: number): number {
  return Math.round(ms / 100) / 10;
}

/** The table at the end, ready to print. */
export function figuresTable({ outages, events, tokenRefreshFailures, durationS, alerts }: DemoFigures): string {
  const rows = [
    ['outage', 'cause', 'noticed after', 'lasted', 'attempts', 'back after upstream'],
    ...outages.map((outage) => [
      outage.title,
      outage.cause,
      `${outage.noticedAfterS.toFixed(1)} s`,
      `${outage.lastedS.toFixed(1)} s`,
      String(outage.attempts),
      `${outage.recoveredAfterUpstreamS.toFixed(1)} s`,
    ]),
  ];
  const { sent, handled, lost, handledTwice, redeliveries } = events;
  return [
    ...alignColumns(rows),
    '',
    `  events: ${sent} sent, ${handled} handled, ${lost} lost, ${handledTwice} handled twice` +
      ` (${redeliveries} redeliveries by the platform)`,
    `  token refresh failures: ${tokenRefreshFailures}; the whole story took ${durationS.toFixed(1)} s`,
    ...(alerts === undefined ? [] : [`  alerts: ${alerts.map(alertInWords).join('; ') || 'none'}`]),
  ].join('\n');
}

function alertInWords({ alert, to, firedAtS, resolvedAtS }: AlertFigures): string {
  const end = resolvedAtS === null ? 'still on' : `resolved ${(resolvedAtS - firedAtS).toFixed(1)} s later`;
  return `${alert} (${to}) at ${firedAtS.toFixed(1)} s, ${end}`;
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
