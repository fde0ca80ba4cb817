import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { carriesExemplars } from '../../src/observe/catalogue.js';
import { catalogueMarkdown, definitionOf, LABELS, METRIC_NAMES } from '../../src/observe/index.js';

test('names say what they measure: prefix, total on counters alone, seconds on durations and moments', () => {
  for (const name of METRIC_NAMES) {
    const { type } = definitionOf(name);
    expect(name).toMatch(/^feishu_(ws|event|events|journal|sink|token|api|catchup|canary|connector)_[a-z_]+$/);
    expect({ name, isCounter: name.endsWith('_total') }).toEqual({ name, isCounter: type === 'counter' });
    // A quota is a number of calls.
    if (
      !name.startsWith('feishu_api_quota_') &&
      /_(duration|timestamp|interval|limit|rtt|age|deadline|margin|max)(_|$)/.test(name)
    )
      expect(name).toMatch(/_seconds$/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});

test('labels come from the closed list, and the app is the first of all but the process rows', () => {
  for (const name of METRIC_NAMES) {
    const { labels } = definitionOf(name);
    for (const label of labels) expect(LABELS).toContain(label);
    const isOfProcess =
      name.startsWith('feishu_connector_') && name !== 'feishu_connector_supervisor_heartbeat_timestamp_seconds';
    expect({ name, first: labels[0] === 'app' }).toEqual({ name, first: !isOfProcess });
  }
});

test('only histograms have buckets, and they ascend', () => {
  for (const name of METRIC_NAMES) {
    const { type, buckets } = definitionOf(name);
    expect({ name, hasBuckets: buckets !== undefined }).toEqual({ name, hasBuckets: type === 'histogram' });
    for (const [i, bound] of (buckets ?? []).entries()) expect(bound).toBeGreaterThan(buckets?.[i - 1] ?? 0);
  }
});

test('help texts are sentences that fit a table', () => {
  for (const name of METRIC_NAMES) expect(definitionOf(name).help).toMatch(/^[^|\n]{10,160}\.$/);
});

test('exemplars are for durations and reconnect attempts', () => {
  expect(METRIC_NAMES.filter(carriesExemplars)).toEqual([
    'feishu_ws_reconnect_attempts_total',
    'feishu_ws_connect_duration_seconds',
    'feishu_ws_session_duration_seconds',
    'feishu_ws_outage_duration_seconds',
    'feishu_event_ack_duration_seconds',
    'feishu_event_handler_duration_seconds',
    'feishu_journal_append_duration_seconds',
    'feishu_sink_send_duration_seconds',
    'feishu_token_refresh_duration_seconds',
    'feishu_api_duration_seconds',
  ]);
});

test('docs/metrics.md is what the catalogue says; UPDATE=1 writes it anew', () => {
  const page = new URL('../../docs/metrics.md', import.meta.url);
  if (process.env.UPDATE === '1') writeFileSync(page, catalogueMarkdown());
  expect(readFileSync(page, 'utf8')).toBe(catalogueMarkdown());
});
