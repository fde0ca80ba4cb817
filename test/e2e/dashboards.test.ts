import { afterAll, beforeAll, expect, test } from 'vitest';
import { interpolate } from '../../dashboards/src/interpolate.js';
import { QUERIES } from '../dashboards/placed.js';
import { eventually } from '../support/eventually.js';
import { EXPECTATIONS } from './expectations.js';
import { IncidentWorld } from './support/incident-world.js';
import { seriesCount } from './support/prometheus-api.js';

/** Queries that this run has nothing to show for, by what they ask. Each of them must be empty, or it does not belong here. */
const EXCEPTIONS: readonly { readonly query: RegExp; readonly why: string }[] = [
  {
    query: /feishu_events_received:baseline/,
    why: 'What is usual is known from days past, and this Prometheus is younger than a scaled day.',
  },
  { query: /unless group by \(job, version\)/, why: 'No other version was deployed.' },
];

const PATIENCE = { deadlineMs: 60_000, pauseMs: 100 };
const LOOK_BACK_SECONDS = 120;

let world: IncidentWorld;

/** One app is deaf until somebody is paged, one is kicked, one is steady: then everything has happened that boards show. */
beforeAll(async () => {
  const rows = EXPECTATIONS.filter(({ app }) => ['f01', 'f11', 'steady'].includes(app));
  world = await IncidentWorld.open(rows);
  const heals = await Promise.all(rows.map((row) => world.harm(row)));
  const news = (status: string) => () =>
    world.inbox.news.some((one) => one.alert === 'FeishuAppDeaf' && one.status === status);
  await eventually(news('firing'), 'the page', PATIENCE);
  await Promise.all(heals.map((heal) => heal()));
  await eventually(news('resolved'), 'the end of the page', PATIENCE);
}, 120_000);
afterAll(() => world?.close(), 60_000);

const isException = (expr: string) => EXCEPTIONS.some(({ query }) => query.test(expr));

test('the boards were found', () => {
  expect(QUERIES.length).toBeGreaterThan(90);
  for (const { query, why } of EXCEPTIONS)
    expect(QUERIES.filter(({ expr }) => query.test(expr)).length, why).not.toBe(0);
});

test.each(QUERIES.filter(({ expr }) => !isException(expr)))('$where has data after an incident', async ({ expr }) => {
  const asked = interpolate(expr, { rateInterval: '5s' });
  // A rate needs two scrapes, a recording rule its turn.
  await eventually(
    async () => (await seriesCount(world.monitoring.prometheusUrl, asked, LOOK_BACK_SECONDS)) > 0,
    `data for ${asked}`,
    { deadlineMs: 10_000, pauseMs: 500 },
  );
});

test.each(QUERIES.filter(({ expr }) => isException(expr)))(
  '$where has none, as its exception says',
  async ({ expr }) => {
    const asked = interpolate(expr, { rateInterval: '5s' });
    expect(await seriesCount(world.monitoring.prometheusUrl, asked, LOOK_BACK_SECONDS)).toBe(0);
  },
);
