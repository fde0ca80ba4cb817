import type { MetricNameOf } from '../catalogue.js';
import { Instruments } from '../instruments.js';
import type { MetricsRegistry } from '../registry.js';

/** The TLS certificate that a daemon shows to whoever connects. */
export interface CertificateInForce {
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Whether its files can be used now. If not, what was read of them before stays in force, and is never renewed. */
  readonly areFilesUsable: boolean;
}

export interface SurfaceMetricsOptions<Refusal extends string> {
  /** All there are. */
  readonly refusals: readonly Refusal[];
  /** Asked at each scrape; null without TLS, whose series do not exist then. Must not throw. */
  certificate(): CertificateInForce | null;
}

/**
 * Declares the series of a daemon's HTTP surface, which belong to the process and have no label `app`.
 * @returns Counts a refusal.
 */
export function surfaceMetrics<Refusal extends string>(
  registry: MetricsRegistry,
  { refusals, certificate }: SurfaceMetricsOptions<Refusal>,
): (refusal: Refusal) => void {
  const instruments = Instruments.of(registry);
  for (const reason of refusals) instruments.declare('feishu_connector_http_refusals_total', { reason });

  const show = (name: CertificateGauge, read: (certificate: CertificateInForce) => number): void => {
    instruments.onCollect(name, () => {
      const inForce = certificate();
      if (inForce === null) instruments.forget(name, {});
      else instruments.gauge(name, {}).set(read(inForce));
    });
  };
  show('feishu_connector_certificate_expiry_timestamp_seconds', ({ expiresAt }) => expiresAt / 1_000);
  show('feishu_connector_certificate_files_usable', ({ areFilesUsable }) => (areFilesUsable ? 1 : 0));

  return (reason) => instruments.add('feishu_connector_http_refusals_total', { reason });
}

type CertificateGauge = Extract<MetricNameOf<'gauge'>, `feishu_connector_certificate_${string}`>;
