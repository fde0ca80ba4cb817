import { ACK_FAILURES, DELIVERY_KINDS, DROP_REASONS, HANDLER_FAILURES, SOURCES, } from '../../delivery/index.js';
import { closedSet } from '../closed-set.js';
/** Declares the `feishu_event*` series of one app and feeds them from the delivery room's reports. */
export function deliveryMetrics(series, eventTypes, limits, spans) {
    const types = closedSet(eventTypes);
    declareDelivery(series, types.values, limits);
    // What comes with each event.
    const received = series.each(types.values, (event_type) => series.counter('feishu_events_received_total', { event_type }));
    const lastReceived = series.gauge('feishu_event_last_received_timestamp_seconds', {});
    const age = series.each(SOURCES, (source) => series.histogram('feishu_event_delivery_age_seconds', { source }));
    const handled = series.each(types.values, (event_type) => series.histogram('feishu_event_handler_duration_seconds', { event_type }));
    const acks = series.each(DELIVERY_KINDS, (kind) => series.counter('feishu_event_acks_total', { kind }));
    const ackDuration = series.each(DELIVERY_KINDS, (kind) => series.histogram('feishu_event_ack_duration_seconds', { kind }));
    const depth = series.gauge('feishu_event_queue_depth', {});
    const capacity = series.gauge('feishu_event_queue_capacity', {});
    const oldest = series.gauge('feishu_event_oldest_pending_timestamp_seconds', {});
    return (report, { wallNow }) => {
        switch (report.type) {
            case 'event_received':
                // What catch-up found was not received: it must not hide that nothing is pushed to us.
                if (report.source !== 'catchup') {
                    received.of(types.of(report.eventType))?.add();
                    lastReceived.set(wallNow / 1_000);
                }
                if (report.ageMs !== null) {
                    // The platform's clock may be ahead of ours; an event cannot be younger than new.
                    age.of(report.source)?.observe(Math.max(0, report.ageMs) / 1_000);
                }
                return;
            case 'duplicate':
                series.add('feishu_event_duplicates_total', {});
                return;
            case 'dropped':
                series.add('feishu_events_dropped_total', { reason: report.reason });
                return;
            case 'fragments_expired':
                series.add('feishu_event_fragments_expired_total', {});
                return;
            case 'handler_finished': {
                const event_type = types.of(report.eventType);
                handled.of(event_type)?.observe(report.durationMs / 1_000, spans.ofEvent(report.eventId));
                if (report.failure !== null) {
                    series.add('feishu_event_handler_failures_total', { event_type, reason: report.failure });
                    // Retries would let one poisonous event look like many.
                    if (report.attempt === 1)
                        series.add('feishu_events_failed_total', {});
                }
                return;
            }
            case 'acked': {
                const { kind } = report;
                acks.of(kind)?.add();
                if (report.isLate)
                    series.add('feishu_event_acks_late_total', { kind });
                ackDuration.of(kind)?.observe(report.latencyMs / 1_000, spans.ofEvent(report.eventId));
                return;
            }
            case 'ack_failed':
                series.add('feishu_event_ack_failures_total', { failure: report.failure });
                return;
            case 'pending':
                depth.set(report.depth);
                capacity.set(report.capacity);
                oldest.set(report.oldestWallMs / 1_000);
                return;
            default:
                return; // the journal's
        }
    };
}
function declareDelivery(series, eventTypes, limits) {
    for (const name of [
        'feishu_event_last_received_timestamp_seconds',
        'feishu_event_duplicates_total',
        'feishu_event_fragments_expired_total',
        'feishu_events_failed_total',
        'feishu_event_handler_deadline_seconds',
        'feishu_event_queue_depth',
        'feishu_event_queue_capacity',
        'feishu_event_oldest_pending_timestamp_seconds',
    ]) {
        series.declare(name, {});
    }
    for (const event_type of eventTypes) {
        series.declare('feishu_events_received_total', { event_type });
        series.declare('feishu_event_handler_duration_seconds', { event_type });
        for (const reason of HANDLER_FAILURES) {
            series.declare('feishu_event_handler_failures_total', { event_type, reason });
        }
    }
    for (const source of SOURCES)
        series.declare('feishu_event_delivery_age_seconds', { source });
    for (const reason of DROP_REASONS)
        series.declare('feishu_events_dropped_total', { reason });
    for (const kind of DELIVERY_KINDS) {
        series.declare('feishu_event_acks_total', { kind });
        series.declare('feishu_event_acks_late_total', { kind });
        series.declare('feishu_event_ack_duration_seconds', { kind });
    }
    for (const failure of ACK_FAILURES)
        series.declare('feishu_event_ack_failures_total', { failure });
    series.set('feishu_event_handler_deadline_seconds', {}, limits.handlerDeadlineMs / 1_000);
    series.set('feishu_event_queue_capacity', {}, limits.queueCapacity);
}
