import { SEND_FAILURES } from '../../sinks/index.js';
const FAILURES = Object.keys(SEND_FAILURES);
/** Declares the `feishu_sink_*` series of the sink that one app's events go to, and feeds them from its reports. */
export function sinkMetrics(series, sink, spans) {
    const sends = series.counter('feishu_sink_sends_total', { sink });
    const duration = series.histogram('feishu_sink_send_duration_seconds', { sink });
    for (const failure of FAILURES)
        series.declare('feishu_sink_failures_total', { sink, failure });
    // Not declared before somebody knows: 0 would raise an alarm on a sink that nothing was sent to yet, 1 would hide one
    // that is down from the start.
    const tell = (isUp) => {
        series.declare('feishu_sink_up', { sink });
        series.set('feishu_sink_up', { sink }, isUp ? 1 : 0);
    };
    return (report) => {
        switch (report.type) {
            case 'sent':
            case 'send_failed':
                sends.add();
                duration.observe(report.durationMs / 1_000, spans.ofEvent(report.eventId));
                if (report.type === 'send_failed')
                    series.add('feishu_sink_failures_total', { sink, failure: report.failure });
                return;
            case 'sink_up':
                tell(true);
                return;
            case 'sink_down':
                tell(false);
                return;
            case 'connect_failed': // a line in the log; that it is down is known already
            case 'in_flight': // the queue of the delivery tells what waits
                return;
        }
    };
}
