import type { OpenMetricsContentType, PrometheusContentType, Registry } from 'prom-client';
import { promClient } from './packages.js';

/** A prom-client registry of either format. */
export type MetricsRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;

/**
 * A registry of its own, in the one format this process will speak.
 * @param openMetrics True for OpenMetrics, which exemplars need; false, the default, for the Prometheus text format.
 */
export function createRegistry(openMetrics = false): MetricsRegistry {
  const { Registry } = promClient();
  const registry = new Registry<OpenMetricsContentType>();
  // Set while it is empty: a registry that changes its format later loses the names of its counters.
  if (openMetrics) registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

export function isOpenMetricsRegistry(registry: MetricsRegistry): boolean {
  return registry.contentType === promClient().Registry.OPENMETRICS_CONTENT_TYPE;
}
