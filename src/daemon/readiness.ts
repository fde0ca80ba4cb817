import type { ConnectorStatus } from '../connector-status.js';

/** One app as the HTTP surface sees it. */
export interface AppView {
  readonly app: string;
  readonly appId: string;
  /** @throws UnstartedError while it could not start: there is nothing that could be read. */
  status(): ConnectorStatus;
}

/** The app could not start yet; that is tried again. */
export class UnstartedError extends Error {
  override readonly name = 'UnstartedError';

  /** @param reason One line, without secrets. */
  constructor(reason: string) {
    super(`it could not start, and is tried again: ${reason}`);
  }
}

/** Why there is no status of an app. */
export interface Unread {
  readonly error: string;
  /** False for one that is wanted and could not start so far; otherwise it is a bug. */
  readonly hasStarted: boolean;
  readonly advice: string;
}

/** Whether the app of a status that could not be read runs at all. */
export function hasStarted(error: unknown): boolean {
  return !(error instanceof UnstartedError);
}

/** What to do about a status that could not be read. */
export function adviceOnUnread(error: unknown): string {
  return error instanceof UnstartedError
    ? 'Mend that. It is tried again by itself; a reload tries at once.'
    : 'This is a bug of the connector. Please report it with the log.';
}

/** Why an app is or is not ready. Moments are ISO times, for people. */
export interface AppReadiness {
  readonly app: string;
  readonly appId: string;
  readonly isReady: boolean;
  /** Connected, and proven to get no events, or not all of them. */
  readonly isDeaf: boolean;
  readonly state: ConnectorStatus['connected']['state'] | 'unknown';
  /** Since when it is not connected, as far as that is known. */
  readonly since: string | null;
  readonly evidence: string;
  readonly evidenceAgeMs: number | null;
  readonly lastFailure: { readonly code: string; readonly at: string; readonly detail: string } | null;
  readonly nextAttemptAt: string | null;
  /** What to do; null if nothing. */
  readonly advice: string | null;
}

/**
 * What `/readyz` says: ready only if every app is connected, by evidence that is fresh, none is proven deaf, and nothing is
 * stopping. That somebody else takes part of the events is no reason: whoever waits for this one to be ready before another
 * one ends would wait for ever.
 */
export interface Readiness {
  readonly isReady: boolean;
  readonly reason: string;
  readonly apps: readonly AppReadiness[];
}

/** Where the daemon itself is in its life. */
export type Phase = 'starting' | 'running' | 'stopping';

/** A tick older than this means that the loop of timers is stuck, and its claims with it. In milliseconds. */
export const STALLED_AFTER_MS = 60_000; // twelve ticks; the alarm for a stalled loop waits as long

export function readinessOf(apps: readonly AppView[], phase: Phase): Readiness {
  const views = apps.map(appReadiness);
  const waiting = views.filter(({ isReady }) => !isReady).length;
  const isReady = phase === 'running' && views.length > 0 && waiting === 0;
  const deaf = views.filter(({ isDeaf }) => isDeaf).length;
  return { isReady, reason: reasonOf(phase, views.length, waiting, deaf), apps: views };
}

function reasonOf(phase: Phase, count: number, waiting: number, deaf: number): string {
  if (phase !== 'running') return `the daemon is ${phase}`;
  if (count === 0) return 'no app runs';
  if (waiting === 0) return 'every app is connected';
  return deaf === 0
    ? `${waiting} of ${count} apps not connected`
    : `${waiting} of ${count} apps not connected, or deaf`;
}

function appReadiness({ app, appId, status }: AppView): AppReadiness {
  let read: ConnectorStatus;
  try {
    read = status();
  } catch (error) {
    const isUnstarted = error instanceof UnstartedError;
    return {
      app,
      appId,
      isReady: false,
      isDeaf: false,
      state: 'unknown',
      since: null,
      evidence: isUnstarted ? error.message : 'the status could not be read',
      evidenceAgeMs: null,
      lastFailure: null,
      nextAttemptAt: null,
      advice: adviceOnUnread(error),
    };
  }
  const { connected, receiving, outage, lastFailure, attempts } = read;
  const isLoopAlive = isAlive(read);
  const isDeaf = connected.is && receiving.isDeaf;
  const isReady = connected.is && !isDeaf && isLoopAlive;
  const fact = isDeaf ? receiving : connected;
  return {
    app,
    appId,
    isReady,
    isDeaf,
    state: connected.state,
    since: isReady ? null : iso(outage?.startedAt ?? null),
    evidence: isLoopAlive ? fact.evidence : `the connector's own loop: ${read.alive.evidence}`,
    evidenceAgeMs: isLoopAlive ? fact.ageMs : read.alive.ageMs,
    lastFailure: lastFailure && {
      code: lastFailure.code,
      at: new Date(lastFailure.at).toISOString(),
      detail: lastFailure.detail,
    },
    nextAttemptAt: iso(attempts.nextAt),
    advice: isReady ? null : adviceFor(read),
  };
}

function adviceFor({ lastFailure, connected, receiving }: ConnectorStatus): string {
  if (connected.is && receiving.isDeaf)
    return 'It is replaced by another connection by itself. If that is in vain, see the runbook FeishuEventsSilent.';
  if (lastFailure === null) return `Wait: it is ${connected.state}, and nothing has failed yet.`;
  const next =
    lastFailure.verdict === 'operator'
      ? 'It is retried slowly meanwhile.'
      : 'It mends itself and is retried meanwhile.';
  return `${lastFailure.help} ${next}`;
}

/** What `/livez` says: the process answers, and so does each connector's loop. A Feishu outage changes nothing here. */
export interface Liveness {
  readonly isAlive: boolean;
  readonly apps: readonly { readonly app: string; readonly isAlive: boolean; readonly evidence: string }[];
}

export function livenessOf(apps: readonly AppView[]): Liveness {
  const views = apps.map(({ app, status }) => {
    try {
      const read = status();
      return { app, isAlive: isAlive(read), evidence: read.alive.evidence };
    } catch (error) {
      // Killing a process that may well receive, over a status that cannot be read or one app that cannot start, does harm;
      // readiness says it.
      const evidence = error instanceof UnstartedError ? error.message : 'the status could not be read';
      return { app, isAlive: true, evidence };
    }
  });
  return { isAlive: views.every((view) => view.isAlive), apps: views };
}

function isAlive({ alive }: ConnectorStatus): boolean {
  return alive.is && (alive.ageMs === null || alive.ageMs <= STALLED_AFTER_MS);
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
