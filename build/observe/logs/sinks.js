import { SEND_FAILURES } from '../../sinks/index.js';
import { traceFields } from '../logger.js';
import { Sparse } from '../sparse.js';
import { detailOf, secondsOf } from './lines.js';
/**
 * Lines of the sink's life: when it stops working, each 1st, 2nd, 4th, 8th … try to get back in touch, and when it works
 * again. A send that fails is told at level debug: its event's line says that a run failed.
 */
export function sinkLogs(lines, spans) {
    const attempts = new Sparse();
    return (report, moment) => {
        switch (report.type) {
            case 'sink_up':
                attempts.reset();
                lines.writeLimited('sink_up', 'info', '[feishu] sink is up', {
                    event: 'sink_up',
                    sink: report.sink,
                    down_for_s: report.downForMs === null ? undefined : secondsOf(report.downForMs),
                    detail: detailOf(report.detail),
                });
                return;
            case 'sink_down':
                lines.writeLimited('sink_down', 'error', '[feishu] sink is down', {
                    event: 'sink_down',
                    sink: report.sink,
                    failure: report.failure,
                    detail: detailOf(report.detail),
                    help: SEND_FAILURES[report.failure],
                });
                return;
            case 'connect_failed':
                lines.write(attempts.next(moment.now) ? 'warn' : 'debug', '[feishu] sink could not be reached', {
                    event: 'sink_connect_failed',
                    sink: report.sink,
                    failure: report.failure,
                    attempts: report.attempt,
                    retry_in_s: secondsOf(report.retryInMs),
                    detail: detailOf(report.detail),
                });
                return;
            case 'send_failed':
                lines.write('debug', '[feishu] send failed', {
                    event: 'send_failed',
                    sink: report.sink,
                    failure: report.failure,
                    remedy: report.remedy,
                    event_type: report.eventType,
                    event_id: report.eventId,
                    handler_attempt: report.attempt,
                    duration_s: secondsOf(report.durationMs),
                    detail: detailOf(report.detail),
                    ...traceFields(spans.ofEvent(report.eventId)),
                });
                return;
            case 'sent':
            case 'in_flight':
                return; // metrics count these
        }
    };
}
