import type { Connector } from '../../connector.js';
import { type Clock, momentOf } from '../../ports/index.js';
import { type AppHistory, HistoryRecorder } from './history.js';

/** One app whose past may be asked for. */
export interface RecordedApp {
  /** What is remembered of it, now. */
  history(): AppHistory;
}

/** Remembers what this connector reports from now on, for as long as the connector lives. Call it before `start`. */
export function record(connector: Pick<Connector, 'on'>, clock: Clock): RecordedApp {
  const recorder = new HistoryRecorder(momentOf(clock));
  connector.on('report', ({ moment, ...report }) => recorder.onReport(report, moment));
  return { history: () => recorder.read(momentOf(clock)) };
}
