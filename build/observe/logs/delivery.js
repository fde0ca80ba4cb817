import { traceFields } from '../logger.js';
import { detailOf, secondsOf } from './lines.js';
/** What a failure of the journal means for the events. */
const JOURNAL_HELP = {
    append: 'The event was not acked: it comes again by redelivery, for 7 hours. Look at the disk of the journal.',
    disk_full: 'The event was not acked: it comes again by redelivery, for 7 hours. Free space, or raise the size limit.',
    sync: 'What became of an event could not be noted: after a restart it may be handled again. Look at the disk.',
    recover: 'Something in the journal could not be read. It is set aside, and nobody handles it. Keep the directory.',
};
/** What a human can do about a dead letter; the id of the event goes at the end. */
const DEAD_LETTER_HELP = {
    attempts: 'Its handler failed as often as it may. Mend the cause, replay it: feishu-connector dead-letters show',
    undeliverable: 'Its handler refused it for good. See what it holds: feishu-connector dead-letters show',
    held: 'It is older than maxAgeMs. Decide whether it still matters: feishu-connector dead-letters show',
};
/** Lines of what goes wrong with events, and of the journal that keeps them; none holds an event's content. All are bounded, as their number is the platform's. */
export function deliveryLogs(lines, typeOf, spans) {
    return (report) => {
        switch (report.type) {
            case 'dropped':
                lines.writeLimited(`dropped:${report.reason}`, 'warn', '[feishu] event dropped', {
                    event: 'dropped',
                    reason: report.reason,
                    event_type: report.eventType,
                    detail: detailOf(report.detail),
                });
                return;
            case 'fragments_expired':
                lines.writeLimited('fragments_expired', 'warn', '[feishu] split event never became whole', {
                    event: 'fragments_expired',
                    message_id: report.messageId,
                    arrived: report.arrived,
                    sum: report.sum,
                });
                return;
            case 'handler_finished': {
                const { failure, eventType } = report;
                if (failure === null)
                    return;
                lines.writeLimited(`handler:${failure}:${typeOf(eventType)}`, 'error', '[feishu] handler failed', {
                    event: 'handler_failed',
                    failure,
                    event_type: eventType,
                    event_id: report.eventId,
                    duration_s: secondsOf(report.durationMs),
                    handler_attempt: report.attempt,
                    detail: detailOf(report.detail),
                    ...traceFields(spans.ofEvent(report.eventId)),
                });
                return;
            }
            case 'acked':
                if (!report.isLate)
                    return;
                lines.writeLimited(`acked_late:${report.kind}`, 'warn', '[feishu] ack was late, expect a redelivery', {
                    event: 'acked_late',
                    kind: report.kind,
                    event_type: report.eventType,
                    event_id: report.eventId,
                    latency_s: secondsOf(report.latencyMs),
                    ...traceFields(spans.ofEvent(report.eventId)),
                });
                return;
            case 'ack_failed':
                lines.writeLimited(`ack_failed:${report.failure}`, 'warn', '[feishu] ack could not be written', {
                    event: 'ack_failed',
                    failure: report.failure,
                    kind: report.kind,
                    event_type: report.eventType,
                    event_id: report.eventId,
                    ...traceFields(spans.ofEvent(report.eventId)),
                });
                return;
            case 'journal_opened':
                lines.write('info', '[feishu] journal opened', {
                    event: 'journal_opened',
                    unfinished: report.unfinished,
                    dead_letters: report.deadLetters,
                    remembered: report.remembered,
                    size_bytes: report.sizeBytes,
                    took_s: secondsOf(report.durationMs),
                });
                return;
            case 'journal_failed':
                lines.writeLimited(`journal_failed:${report.reason}`, 'error', '[feishu] journal failed', {
                    event: 'journal_failed',
                    reason: report.reason,
                    detail: detailOf(report.detail),
                    help: JOURNAL_HELP[report.reason],
                });
                return;
            case 'retry_scheduled':
                lines.writeLimited(`retry:${typeOf(report.eventType)}`, 'warn', '[feishu] retry scheduled', {
                    event: 'retry_scheduled',
                    event_type: report.eventType,
                    event_id: report.eventId,
                    handler_attempt: report.attempt,
                    retry_in_s: secondsOf(report.delayMs),
                    counted: report.isCounted,
                    ...traceFields(spans.ofEvent(report.eventId)),
                });
                return;
            case 'dead_lettered':
                lines.writeLimited(`dead_lettered:${report.reason}`, 'error', '[feishu] event is a dead letter', {
                    event: 'dead_lettered',
                    reason: report.reason,
                    event_type: report.eventType,
                    event_id: report.eventId,
                    attempts: report.attempts,
                    detail: detailOf(report.detail),
                    help: `${DEAD_LETTER_HELP[report.reason]} ${report.eventId}`,
                    ...traceFields(spans.ofEvent(report.eventId)),
                });
                return;
            case 'dead_letter_settled':
                lines.writeLimited(`dead_letter_settled:${report.how}`, 'info', '[feishu] dead letter settled', {
                    event: 'dead_letter_settled',
                    event_id: report.eventId,
                    how: report.how,
                });
                return;
            case 'event_received':
            case 'duplicate':
            case 'pending':
            case 'journaled':
            case 'journal_size':
            case 'dead_letters':
                return; // metrics count these; a line for each event would drown the others
        }
    };
}
