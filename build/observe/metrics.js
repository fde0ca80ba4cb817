import { AppSeries } from './app-series.js';
import { readBuild } from './build.js';
import { guarded } from './guarded.js';
import { Instruments } from './instruments.js';
import { catchupMetrics, routesOf } from './metrics/catchup.js';
import { connectionMetrics } from './metrics/connection.js';
import { deliveryMetrics } from './metrics/delivery.js';
import { httpMetrics } from './metrics/http.js';
import { journalMetrics } from './metrics/journal.js';
import { processMetrics } from './metrics/process.js';
import { sinkMetrics } from './metrics/sinks.js';
import { tokenMetrics } from './metrics/token.js';
import { NO_SPANS } from './span-lookup.js';
/**
 * Declares every series of one app at 0, and subscribes to reports.
 * @throws TypeError if the registry speaks another format than `openMetrics` asks for.
 * @throws Error if the registry has this app's metrics already, or a metric of somebody else under our name.
 */
export function createMetrics(options) {
    const { registry, app, limits, hasJournal = false, sink = null, spans = NO_SPANS, build = readBuild() } = options;
    const { lookout = null } = options;
    const instruments = Instruments.of(registry, options.openMetrics);
    if (instruments.has('feishu_ws_enabled', { app })) {
        throw new Error(`the registry already has metrics of the app ${app}; give this one another alias`);
    }
    const series = new AppSeries(instruments, app);
    const guard = (sink) => guarded(sink, 'metrics', instruments.onError);
    const ofProcess = processMetrics(series, build);
    const ofDelivery = deliveryMetrics(series, options.eventTypes, limits, spans);
    const ofJournal = hasJournal ? journalMetrics(series, spans) : () => { };
    return {
        onConnection: guard(connectionMetrics(series, limits, spans)),
        onToken: guard(tokenMetrics(series, limits)),
        onDelivery: guard((report, moment) => {
            ofDelivery(report, moment);
            ofJournal(report, moment);
        }),
        onSink: guard(sink === null ? () => { } : sinkMetrics(series, sink, spans)),
        onCatchup: guard(lookout === null ? () => { } : catchupMetrics(series, lookout)),
        onHttp: guard(httpMetrics(series, [...routesOf(lookout), ...(options.routes ?? [])], spans)),
        onSupervisor: guard(ofProcess.onSupervisor),
        onLog: guard(ofProcess.onLog),
        onTelemetryError: instruments.onError,
        setEnabled: (isEnabled) => series.set('feishu_ws_enabled', {}, isEnabled ? 1 : 0),
        dispose: () => series.dispose(),
    };
}
