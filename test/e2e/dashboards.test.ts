import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { interpolate } from '../../dashboards/src/interpolate.js';
import { type Answer, pathOf, type Question, questionsOf, renderPreview } from '../../dashboards/src/preview/index.js';
import { DASHBOARDS, QUERIES } from '../dashboards/placed.js';
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
  { query: /config_last_reload_success_timestamp/, why: 'No daemon was given another configuration.' },
  {
    query: /feishu_canary_/,
    why: 'A canary is code of the application, and a daemon of a configuration alone has none.',
  },
  { query: /feishu_connector_certificate_/, why: 'Where HTTP is served without TLS there is no certificate.' },
];

const PATIENCE = { deadlineMs: 60_000, pauseMs: 100 };
const LOOK_BACK_SECONDS = 120;

let world: IncidentWorld;
/** Seconds since 1970. */
let openedAt = 0;

/** One app is deaf until somebody is paged, one is kicked, one is steady: then everything has happened that boards show. */
beforeAll(async () => {
  const rows = EXPECTATIONS.filter(({ app }) => ['f01', 'f11', 'steady'].includes(app));
  world = await IncidentWorld.open(rows);
  openedAt = Date.now() / 1_000;
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

/** What a picture shows of a board: its head and first rows; all of it would be a megabyte. */
const PICTURED_LINES = 24;
/** The boards that the README shows. */
const PICTURED = ['feishu-overview', 'feishu-connection'];
const VARIABLES = { rateInterval: '5s' };
const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

test.each(DASHBOARDS)(
  'the board $title can be drawn with the answers of this run (UPDATE=1 writes docs/)',
  async (board) => {
    const end = Date.now() / 1_000;
    const range = { start: openedAt, end, stepSeconds: 0.5 };
    const answers = new Map<string, Answer>();
    const keyOf = ({ expr, isInstant, stepSeconds }: Question) => JSON.stringify([expr, isInstant, stepSeconds]);
    for (const question of questionsOf(board, range, VARIABLES)) {
      const answered = await fetch(world.monitoring.prometheusUrl + pathOf(question, range), {
        signal: AbortSignal.timeout(10_000),
      });
      const { status, data } = (await answered.json()) as { status: string; data: Answer };
      expect(status, question.expr).toBe('success');
      answers.set(keyOf(question), data);
    }
    const answer = (question: Question): Answer => {
      const known = answers.get(keyOf(question));
      if (known === undefined) throw new Error(`nobody asked for ${question.expr}`);
      return known;
    };
    const picture = renderPreview(board, { range, answer, variables: VARIABLES, untilLine: PICTURED_LINES });
    expect(picture).toContain('not rendered by Grafana');
    if (process.env.UPDATE !== '1' || !PICTURED.includes(board.uid ?? '')) return;
    mkdirSync(DOCS, { recursive: true });
    writeFileSync(`${DOCS}${board.uid}.svg`, picture);
  },
);
