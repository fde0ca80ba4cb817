import { expect, test } from 'vitest';
import { type CertificateInForce, createRegistry, surfaceMetrics } from '../../src/observe/index.js';
import { samplesOf } from '../support/exposition.js';

const CERTIFICATE = /^feishu_connector_certificate/;

test('every reason to refuse is there from the start, and a refusal counts for its own alone', async () => {
  const registry = createRegistry();
  const onRefused = surfaceMetrics(registry, { refusals: ['host', 'busy'], certificate: () => null });
  const refusals = async () =>
    [...(await samplesOf(registry))].filter(([series]) => series.startsWith('feishu_connector_http_refusals_total'));
  expect(await refusals()).toEqual([
    ['feishu_connector_http_refusals_total{reason="host"}', 0],
    ['feishu_connector_http_refusals_total{reason="busy"}', 0],
  ]);
  onRefused('busy');
  onRefused('busy');
  expect((await refusals()).map(([, value]) => value)).toEqual([0, 2]);
});

test.each([false, true])(
  'a certificate is shown as it is at the scrape, and none is no sample (OpenMetrics: %s)',
  async (isOpen) => {
    const registry = createRegistry(isOpen);
    let certificate: CertificateInForce | null = null;
    surfaceMetrics(registry, { refusals: [], certificate: () => certificate });
    const shown = async () =>
      Object.fromEntries([...(await samplesOf(registry))].filter(([series]) => CERTIFICATE.test(series)));
    expect(await shown()).toEqual({});
    certificate = { expiresAt: 1_800_000_000_500, areFilesUsable: true };
    expect(await shown()).toEqual({
      feishu_connector_certificate_expiry_timestamp_seconds: 1_800_000_000.5,
      feishu_connector_certificate_files_usable: 1,
    });
    certificate = { expiresAt: 1_800_000_000_500, areFilesUsable: false };
    expect(await shown()).toMatchObject({ feishu_connector_certificate_files_usable: 0 });
    certificate = null;
    expect(await shown()).toEqual({});
  },
);
