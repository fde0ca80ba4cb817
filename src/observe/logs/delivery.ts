import type { DeliveryReport } from '../../delivery/index.js';
import type { ReportSink } from '../../ports/index.js';
import { traceFields } from '../logger.js';
import type { SpanLookup } from '../span-lookup.js';
import { detailOf, type Lines, secondsOf } from './lines.js';

/** Lines of what goes wrong with events; none holds an event's content. All are bounded, as their number is the platform's. */
export function deliveryLogs(
  lines: Lines,
  typeOf: (eventType: string) => string,
  spans: SpanLookup,
): ReportSink<DeliveryReport> {
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
        if (failure === null) return;
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
        if (!report.isLate) return;
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
      case 'event_received':
      case 'duplicate':
      case 'pending':
        return; // metrics count these; a line for each event would drown the others
    }
  };
}
