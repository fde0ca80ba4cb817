import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, test } from 'vitest';
import { bars, lines, rows, spread, stats, timeline } from '../../dashboards/src/kinds.js';
import type { Tile } from '../../dashboards/src/panel.js';
import { format } from '../../dashboards/src/preview/format.js';
import {
  type Answer,
  pathOf,
  type Question,
  questionsOf,
  renderPreview,
  type Series,
} from '../../dashboards/src/preview/index.js';
import { DASHBOARDS, PANELS } from './placed.js';

const END = 1_767_268_800; // 2026-01-01T12:00Z
const RANGE = { start: END - 6 * 3600, end: END, stepSeconds: 30 };
const TEXT = { id: 1, title: 'A panel', normal: 'calm.', act: 'look.', unit: 'none' as const };
const STATES = { 0: { text: 'DEAF', color: 'red' }, 1: { text: 'served', color: 'green' } };

/** Prometheus' answer: samples for a stretch of time, or one of this moment. */
function answerOf(...series: readonly Series[]): Answer {
  return { resultType: series[0]?.value === undefined ? 'matrix' : 'vector', result: series };
}

/** A sample every 30 s of the last minutes; null is a hole. */
function samples(metric: Record<string, string>, ...values: readonly (number | string | null)[]): Series {
  const first = END - 30 * (values.length - 1);
  return {
    metric,
    values: values.flatMap((value, i) => (value === null ? [] : [[first + 30 * i, String(value)] as const])),
  };
}

/** A board of one panel that fills the width. */
function draw(tile: Tile, answer: Answer | ((question: Question) => Answer)): string {
  const panel = tile.gridPos({ x: 0, y: 0, w: 24, h: 8 }).build();
  const board = { uid: 'x', title: 'X', description: 'Why?', schemaVersion: 42, templating: {}, annotations: {} };
  return renderPreview({ ...board, panels: [panel] } as Dashboard, {
    range: { ...RANGE, start: END - 600 },
    answer: typeof answer === 'function' ? answer : () => answer,
  });
}

/** The texts of a picture, in the order they are drawn. */
function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, content]) => content ?? '');
}

/** Refuses what is no tree of elements with quoted attributes. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?: [a-zA-Z][\w-]*="[^"<]*")*)(\/?)>/g,
    (_, end, name, _attributes, empty) => {
      if (end === '/') expect(open.pop()).toBe(name);
      else if (empty !== '/') open.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(/[<>]/.exec(rest)).toBeNull();
  expect(/NaN|undefined|Infinity/.exec(svg)?.[0]).toBeUndefined();
}

describe('each board', () => {
  /** Something for every question: two series for a stretch of time, two values for a moment. */
  function something({ isInstant, expr, stepSeconds }: Question): Answer {
    const count = Math.floor((RANGE.end - RANGE.start) / stepSeconds);
    const result = [0, 1].map((n): Series => {
      const metric = {
        app: `app-${n}`,
        instance: `host-${n}`,
        le: n === 0 ? '1' : '+Inf',
        state: 'waiting',
        severity: 'critical',
      };
      return isInstant
        ? { metric, value: [END, String(n + expr.length / 100)] }
        : {
            metric,
            values: Array.from({ length: count }, (_, i) => [RANGE.start + i * stepSeconds, String((i % 9) + n)]),
          };
    });
    return { resultType: isInstant ? 'vector' : 'matrix', result };
  }

  test.each(DASHBOARDS.map((board) => [board.uid ?? '', board] as const))('%s is drawn whole', (uid, board) => {
    const asked = new Set(questionsOf(board, RANGE).map((question) => JSON.stringify(question)));
    const svg = renderPreview(board, {
      range: RANGE,
      answer: (question) => {
        expect(asked).toContain(JSON.stringify(question));
        return something(question);
      },
    });
    expectWellFormed(svg);
    const said = texts(svg);
    for (const { panel } of PANELS.filter((each) => each.board === uid)) {
      const title = panel.title ?? '';
      expect(said.some((text) => text === title || (text.endsWith('…') && title.startsWith(text.slice(0, -1))))).toBe(
        true,
      );
    }
    expect(said.at(-1)).toBe(`Drawn from dashboards/${uid}.json and Prometheus' answers, not rendered by Grafana.`);
  });

  test.each(DASHBOARDS.map((board) => [board.uid ?? '', board] as const))(
    '%s is drawn when Prometheus knows nothing, and nothing in it looks well',
    (_, board) => {
      const svg = renderPreview(board, { range: RANGE, answer: () => ({ resultType: 'matrix', result: [] }) });
      expectWellFormed(svg);
      expect(texts(svg)).not.toContain('served');
      expect(svg).not.toMatch(/fill="#73bf69"/);
    },
  );

  test('the same answers give the same picture', () => {
    const [board] = DASHBOARDS;
    if (board === undefined) throw new Error('there is no board');
    const options = { range: RANGE, answer: something };
    expect(renderPreview(board, options)).toBe(renderPreview(board, options));
  });

  test('a part of a board can be drawn: what begins above a line of the grid', () => {
    const [board] = DASHBOARDS;
    if (board === undefined) throw new Error('there is no board');
    const said = texts(renderPreview(board, { range: RANGE, answer: something, untilLine: 7 }));
    expect(said).toContain('Apps now');
    expect(said).not.toContain('Current outage');
  });
});

describe('a stat', () => {
  const query = [{ expr: 'up', legend: '{{app}}' }];

  test('fills a tile with the colour of its state', () => {
    const panel = stats({ ...TEXT, queries: query, states: STATES, noValue: 'no data' });
    const svg = draw(panel, answerOf({ metric: { app: 'bot' }, value: [END, '0'] }));
    expect(texts(svg)).toEqual(expect.arrayContaining(['bot', 'DEAF']));
    expect(svg).toMatch(/<rect[^>]*fill="#f2495c" rx="3"/);
  });

  test('says so when there is no data', () => {
    const panel = stats({ ...TEXT, queries: query, states: STATES, noValue: 'no data' });
    expect(texts(draw(panel, answerOf()))).toContain('no data');
  });

  test('writes a label as text, whatever is in it', () => {
    const svg = draw(stats({ ...TEXT, queries: query }), answerOf({ metric: { app: '<b>&"' }, value: [END, '1'] }));
    expectWellFormed(svg);
    expect(svg).toContain('&lt;b&gt;&amp;&quot;');
  });
});

describe('lines', () => {
  const query = [{ expr: 'x', legend: '{{app}}' }];

  /** The strokes of curves: one `M` each. */
  function strokes(svg: string): number {
    return [...svg.matchAll(/<path d="M[^"]*" fill="none" stroke="#[0-9a-f]{6}" stroke-width="1.5"/g)].length;
  }

  test('break at a hole and at what is no number', () => {
    const panel = () => lines({ ...TEXT, queries: query });
    expect(strokes(draw(panel(), answerOf(samples({ app: 'a' }, 1, 2, 3, 4, 5))))).toBe(1);
    expect(strokes(draw(panel(), answerOf(samples({ app: 'a' }, 1, 2, null, 4, 5))))).toBe(2);
    expect(strokes(draw(panel(), answerOf(samples({ app: 'a' }, 1, 2, 'NaN', 4, 5))))).toBe(2);
  });

  test('show a lone sample as a dot', () => {
    const svg = draw(lines({ ...TEXT, queries: query }), answerOf(samples({ app: 'a' }, 1, null, 3, null, 5)));
    expect([...svg.matchAll(/<circle/g)]).toHaveLength(3);
  });

  test('reach up to the limit of the alert, which is dashed in the colour of its severity', () => {
    const svg = draw(
      lines({ ...TEXT, queries: query, alerts: ['FeishuWsFlapping'] }),
      answerOf(samples({ app: 'a' }, 0, 1)),
    );
    expect(svg).toMatch(/stroke="#ff9830" stroke-dasharray="8 6"/);
    expect(texts(svg)).toContain('4');
  });

  test('make room for zero on a logarithmic axis', () => {
    const panel = lines({ ...TEXT, queries: query, isLogarithmic: true });
    const said = texts(draw(panel, answerOf(samples({ app: 'a' }, 0, 600))));
    expect(said).toEqual(expect.arrayContaining(['0', '1', '10', '100', '1000']));
  });
});

test('bars are asked for once a minute, and stand on each other', () => {
  const steps = new Set<number>();
  const svg = draw(
    bars({ ...TEXT, queries: [{ expr: 'increase(x[$__rate_interval])', legend: '{{failure}}' }] }),
    (question) => {
      steps.add(question.stepSeconds);
      expect(question.expr).toBe('increase(x[75s])');
      return answerOf(samples({ failure: 'a' }, 2), samples({ failure: 'b' }, 2));
    },
  );
  expect([...steps]).toEqual([60]);
  const drawn = [
    ...svg.matchAll(/<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="#\w+" fill-opacity="0.85"/g),
  ];
  const [lower, upper] = drawn.map(([, y, height]) => ({ top: Number(y), height: Number(height) }));
  expect(lower?.height).toBeGreaterThan(10);
  expect(upper?.top).toBeCloseTo((lower?.top ?? 0) - (upper?.height ?? 0), 1);
});

test('a timeline joins neighbours of one state, and leaves out what nobody knew', () => {
  const panel = timeline({ ...TEXT, queries: [{ expr: 'x', legend: '{{app}}' }], states: STATES });
  const svg = draw(panel, answerOf(samples({ app: 'bot' }, 1, 1, 1, 0, 0, null, null, 1, 1)));
  const segments = [...svg.matchAll(/<rect[^>]*fill="(#\w+)" fill-opacity="0.85"/g)].map(([, color]) => color);
  expect(segments).toEqual(['#73bf69', '#f2495c', '#73bf69']);
  expect(texts(svg)).toEqual(expect.arrayContaining(['bot', 'served', 'DEAF']));
});

test('a heatmap takes cumulative buckets apart, in the order of their bounds', () => {
  const panel = spread({ ...TEXT, unit: 's', queries: [{ expr: 'x', legend: '' }] });
  const svg = draw(panel, answerOf(samples({ le: '+Inf' }, 5), samples({ le: '0.5' }, 2), samples({ le: '10' }, 5)));
  // Two up to 0.5 s, three more up to 10 s, none above: the brightest cell is the fullest.
  const cells = [
    ...svg.matchAll(/<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="[\d.]+" fill="(#[5-9a-f]\w{5})"\/>/g),
  ];
  expect(cells.map(([, , color]) => color)).toEqual([expect.not.stringMatching('#ffc070'), '#ffc070']);
  expect(Number(cells[0]?.[1])).toBeGreaterThan(Number(cells[1]?.[1]));
  expect(texts(svg)).toEqual(expect.arrayContaining(['500 ms', '10 s', '+Inf']));
});

test('a table joins its queries on their common labels, and shows only its columns', () => {
  const panel = rows({
    ...TEXT,
    queries: [
      { expr: 'state', legend: '' },
      { expr: 'uptime', legend: '' },
    ],
    columns: [
      { field: 'app', title: 'App' },
      { field: 'state', title: 'State' },
      { field: 'Value #B', title: 'Uptime', override: [{ id: 'unit', value: 's' }] },
    ],
    hidden: ['Value #A', 'job'],
    sortBy: 'App',
  });
  const svg = draw(panel, ({ expr }) =>
    expr === 'state'
      ? answerOf(
          { metric: { job: 'j', app: 'b', state: 'waiting' }, value: [END, '1'] },
          { metric: { job: 'j', app: 'a', state: 'connected' }, value: [END, '1'] },
        )
      : answerOf(
          { metric: { job: 'j', app: 'a' }, value: [END, '7200'] },
          { metric: { job: 'j', app: 'b' }, value: [END, '60'] },
        ),
  );
  const said = texts(svg);
  expect(said.slice(said.indexOf('App'), -1)).toEqual([
    'App',
    'State',
    'Uptime',
    'a',
    'connected',
    '2 hours',
    'b',
    'waiting',
    '1 min',
  ]);
});

test('firing alerts and restarts are marked on the time axis of every plot', () => {
  const [overview] = DASHBOARDS;
  if (overview === undefined) throw new Error('there is no board');
  const svg = renderPreview(overview, {
    range: RANGE,
    answer: ({ expr, isInstant }) => {
      if (isInstant) return answerOf();
      if (expr.includes('ALERTS')) return answerOf(samples({ alertname: 'FeishuAppDeaf' }, 1, 1, 1));
      return expr.startsWith('process_start') ? answerOf(samples({}, (END - 3600) * 1000)) : answerOf();
    },
  });
  const plots = 3; // of lines; the timeline has no row to draw
  expect([...svg.matchAll(/<line[^>]*stroke="#f2495c" stroke-dasharray="3 3"/g)]).toHaveLength(plots);
  expect([...svg.matchAll(/<line[^>]*stroke="#5794f2" stroke-dasharray="3 3"/g)]).toHaveLength(plots);
});

test('a kind of panel that it cannot draw is an error, not a hole', () => {
  const panel = { type: 'gauge', title: 'G', gridPos: { x: 0, y: 0, w: 4, h: 4 } } as Panel;
  const board = { schemaVersion: 42, templating: {}, annotations: {}, panels: [panel] } as Dashboard;
  expect(() => renderPreview(board, { range: RANGE, answer: () => answerOf() })).toThrow('cannot draw a gauge');
});

test('a question becomes a path of the HTTP API of Prometheus, from a whole step on', () => {
  const range = { start: 1_000_007, end: 1_003_600, stepSeconds: 30 };
  expect(pathOf({ expr: 'a{b="c"}', isInstant: false, stepSeconds: 30 }, range)).toBe(
    '/api/v1/query_range?query=a%7Bb%3D%22c%22%7D&start=999990&end=1003600&step=30',
  );
  expect(pathOf({ expr: 'up', isInstant: true, stepSeconds: 30 }, range)).toBe('/api/v1/query?query=up&time=1003600');
});

test.each([
  [0, 's', undefined, '0 s'],
  [0.0421, 's', undefined, '42.1 ms'],
  [60, 's', undefined, '1 min'],
  [5400, 's', undefined, '1.5 hours'],
  [172_800, 's', undefined, '2 days'],
  [-30, 's', undefined, '-30 s'],
  [0.99912, 'percentunit', 3, '99.912%'],
  [0.05, 'percentunit', undefined, '5%'],
  [1_536, 'bytes', undefined, '1.5 KiB'],
  [0, 'bytes', undefined, '0 B'],
  [12_345, 'short', undefined, '12.3 K'],
  [0.25, 'eps', undefined, '0.25 eps'],
  [3, 'none', 1, '3.0'],
])('%d in %s is written as Grafana would', (value, unit, decimals, written) => {
  expect(format(value, unit, decimals)).toBe(written);
});
