import { closedSet } from './closed-set.js';
import { guarded } from './guarded.js';
import { apiLimitOf } from './http.js';
import { catchupLogs } from './logs/catchup.js';
import { connectionLogs } from './logs/connection.js';
import { deliveryLogs } from './logs/delivery.js';
import { Lines, secondsOf } from './logs/lines.js';
import { sinkLogs } from './logs/sinks.js';
import { tokenLogs } from './logs/token.js';
import { NO_SPANS } from './span-lookup.js';
/** Turns reports into log lines with the fields `app, event, failure, attempt, connection_id, outage_id`. */
export function createLogs(options) {
    const { logger, app, clock, onLog, spans = NO_SPANS, onTelemetryError = () => { } } = options;
    const lines = new Lines(logger.child({ app }), clock, onLog);
    const guard = (sink) => guarded(sink, 'logs', onTelemetryError);
    return {
        onConnection: guard(connectionLogs(lines, spans)),
        onToken: guard(tokenLogs(lines)),
        onDelivery: guard(deliveryLogs(lines, closedSet(options.eventTypes).of, spans)),
        onSink: guard(sinkLogs(lines, spans)),
        onCatchup: guard(catchupLogs(lines, spans)),
        onHttp: guard((call) => {
            const limit = apiLimitOf(call);
            if (limit === null)
                return;
            lines.writeLimited(`api_limited:${limit}`, 'warn', '[feishu] API call refused by a limit', {
                event: 'api_limited',
                reason: limit,
                api: call.route,
                code: call.apiCode,
                status: call.status,
            });
        }),
        onSupervisor: guard((report) => {
            if (report.type !== 'clock_jumped')
                return;
            lines.writeLimited('clock_jumped', 'warn', '[feishu] wall clock jumped', {
                event: 'clock_jumped',
                by_s: secondsOf(report.byMs),
            });
        }),
        dispose: guard(() => lines.flush()),
    };
}
