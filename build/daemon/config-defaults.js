/** What the daemon does unless told otherwise; the connector has defaults of its own. */
export const DAEMON_DEFAULTS = Object.freeze({
    listen: '127.0.0.1:9464', // 9464 is what the OpenTelemetry Prometheus exporter uses; loopback, as it has no authentication
    logLevel: 'info',
    openMetrics: false, // some scrapers read only the older text format
    drainMs: 10_000, // what process supervisors commonly leave between SIGTERM and SIGKILL, minus the close
    domain: 'feishu',
    handler: 'stdout',
});
