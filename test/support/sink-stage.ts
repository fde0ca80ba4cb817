import { type FeishuEvent, HandlerError, RetryLater, Undeliverable } from '../../src/delivery/index.js';
import type { Sink, SinkReport } from '../../src/sinks/index.js';

/** An event as the platform pushes it. */
export function eventOf(changes: Partial<FeishuEvent> = {}): FeishuEvent {
  return {
    id: 'ev_1',
    type: 'im.message.receive_v1',
    createTime: 1_767_225_600_000,
    appId: 'cli_0123456789abcdef',
    tenantKey: 'tenant',
    data: { message: { message_id: 'om_1', chat_id: 'oc_1', content: '{"text":"héllo"}' } },
    source: 'push',
    ageMs: 120,
    isStale: false,
    raw: { header: { token: 'verification-token' } },
    ...changes,
  };
}

/** A context whose deadline the test holds. */
export function contextOf({ attempt = 1, signal = new AbortController().signal } = {}) {
  const silent = () => {};
  return { client: undefined, attempt, signal, logger: { debug: silent, info: silent, warn: silent, error: silent } };
}

/** What the pipeline does to a run whose deadline has passed. */
export function deadlinePassed(): HandlerError {
  return new HandlerError('timeout', 'the handler did not settle in time');
}

/** Everything a sink told, but the counts of what is under way. */
export function reportsOf(sink: Sink): SinkReport[] {
  const reports: SinkReport[] = [];
  sink.subscribe((report) => {
    if (report.type !== 'in_flight') reports.push(report);
  });
  return reports;
}

/** What a dispatch asks the pipeline for, in a word. */
export async function refusalOf(dispatch: Promise<unknown>): Promise<string> {
  try {
    return `answered ${JSON.stringify(await dispatch)}`;
  } catch (error) {
    if (error instanceof RetryLater) return error.afterMs === null ? 'later' : `later, after ${error.afterMs}`;
    if (error instanceof Undeliverable) return 'never';
    return 'counted';
  }
}
