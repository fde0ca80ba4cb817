import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

function read(path: string): string {
  return readFileSync(new URL(`../../dashboards/${path}`, import.meta.url), 'utf8');
}

test('the provider takes the boards from where the README mounts them, and refuses changes in the browser', () => {
  const { apiVersion, providers } = parse(read('provisioning/dashboards.yml'));
  expect(apiVersion).toBe(1);
  expect(providers).toMatchObject([
    { type: 'file', allowUiUpdates: false, options: { path: '/var/lib/grafana/dashboards' } },
  ]);
  expect(read('README.md')).toContain(`:${providers[0].options.path}:ro`);
});

test('the data source knows the scrape interval, and where a trace id leads', () => {
  const { datasources } = parse(read('provisioning/datasources.yml'));
  expect(datasources).toMatchObject([
    { type: 'prometheus', isDefault: true, editable: false, jsonData: { timeInterval: '15s' } },
  ]);
  expect(datasources[0].jsonData.exemplarTraceIdDestinations).toEqual([{ name: 'trace_id' }]);
});

test('the scrape interval of the data source is the one of the Prometheus example', () => {
  const example = readFileSync(new URL('../../alerts/prometheus.example.yml', import.meta.url), 'utf8');
  const { datasources } = parse(read('provisioning/datasources.yml'));
  expect(parse(example).global.scrape_interval).toBe(datasources[0].jsonData.timeInterval);
});
