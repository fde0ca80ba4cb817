import {
  type AppStatus,
  type BrokenApp,
  type DaemonAnswer,
  type DaemonStatus,
  isAliveByEvidence,
  isConnectedByEvidence,
} from '../../doctor/index.js';
import type { HistoryReading } from './history.js';

/** One fact of an app, judged by the age of what it rests on. */
export interface FactReading {
  readonly is: boolean;
  readonly evidence: string;
  /** In milliseconds; null if there never was any. */
  readonly ageMs: number | null;
}

/** One app, as the daemon tells of it; `status` is null where it cannot tell, and `error` says why. */
export interface AppReading {
  readonly app: string;
  readonly appId: string;
  readonly alive: FactReading;
  readonly connected: FactReading & { readonly state: string };
  readonly receiving: FactReading;
  readonly status: AppStatus | null;
  /** What came before; null where it was not asked for, or could not be had. */
  readonly history: HistoryReading | null;
  readonly error: string | null;
}

/** The daemon itself; `configuration` is null where an older one says nothing of it. */
export interface DaemonReading extends Pick<DaemonStatus, 'version' | 'phase' | 'uptimeMs'> {
  readonly configuration: NonNullable<DaemonStatus['configuration']> | null;
}

/** What was found behind the address of a daemon. */
export interface StatusReading {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly url: string;
  /** Whether there are apps, and every one of them is connected. */
  readonly isConnected: boolean;
  /** Null without an answer, and `problem` says why. */
  readonly daemon: DaemonReading | null;
  readonly problem: { readonly is: Exclude<DaemonAnswer['is'], 'ours'>; readonly detail: string } | null;
  readonly apps: readonly AppReading[];
}

/** @param only Name or id of the one app that is meant; null for all. */
export function readingOf(answer: DaemonAnswer, only: string | null, at: number): StatusReading {
  const { url } = answer;
  if (answer.is !== 'ours') {
    const { is, detail } = answer;
    return { at, url, isConnected: false, daemon: null, problem: { is, detail }, apps: [] };
  }
  const { version, phase, uptimeMs, configuration = null } = answer.status;
  const apps = answer.status.apps
    .filter(({ app, appId }) => only === null || only === app || only === appId)
    .map((app) => ('error' in app ? unreadable(app) : readable(app)));
  const isConnected = apps.length > 0 && apps.every(({ alive, connected }) => alive.is && connected.is);
  return { at, url, isConnected, daemon: { version, phase, uptimeMs, configuration }, problem: null, apps };
}

/** More are told in a line each, and their past is not asked for. */
const TOLD_WHOLE = 5;

/** Whether each app of a reading is told whole, with its past. */
export function isTold(apps: readonly unknown[]): boolean {
  return apps.length <= TOLD_WHOLE;
}

/** The same with what came before, where it is told. */
export async function withHistories(
  reading: StatusReading,
  ask: (app: string) => Promise<HistoryReading | null>,
): Promise<StatusReading> {
  if (!isTold(reading.apps)) return reading;
  const apps = await Promise.all(
    reading.apps.map(async (app) => (app.status === null ? app : { ...app, history: await ask(app.app) })),
  );
  return { ...reading, apps };
}

function readable(status: AppStatus): AppReading {
  const { app, appId, alive, connected, receiving } = status;
  const isConnected = isConnectedByEvidence(status);
  const claim = 'it claims to be connected, and what that rests on is too old';
  return {
    app,
    appId,
    alive: { is: isAliveByEvidence(status), evidence: alive.evidence, ageMs: alive.ageMs },
    connected: {
      is: isConnected,
      evidence: connected.is && !isConnected ? claim : connected.evidence,
      ageMs: connected.ageMs,
      state: connected.state,
    },
    receiving: {
      is: isConnected && receiving.is,
      evidence: isConnected ? receiving.evidence : 'not connected',
      ageMs: receiving.ageMs,
    },
    status,
    history: null,
    error: null,
  };
}

function unreadable({ app, appId, error }: BrokenApp): AppReading {
  const fact = { is: false, evidence: 'its status cannot be read', ageMs: null };
  return {
    app,
    appId,
    alive: fact,
    connected: { ...fact, state: 'unknown' },
    receiving: fact,
    status: null,
    history: null,
    error,
  };
}
