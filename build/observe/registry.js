import { Registry } from 'prom-client';
/**
 * A registry of its own, in the one format this process will speak.
 * @param openMetrics True for OpenMetrics, which exemplars need; false, the default, for the Prometheus text format.
 */
export function createRegistry(openMetrics = false) {
    const registry = new Registry();
    // Set while it is empty: a registry that changes its format later loses the names of its counters.
    if (openMetrics)
        registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    return registry;
}
export function isOpenMetricsRegistry(registry) {
    return registry.contentType === Registry.OPENMETRICS_CONTENT_TYPE;
}
