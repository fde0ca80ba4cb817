import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, test } from 'vitest';
import { shelf } from '../../dashboards/src/board.js';
import { stats } from '../../dashboards/src/kinds.js';
import { DASHBOARDS as UIDS } from '../../src/alerts/index.js';
import { lintBoard } from './lint-board.js';
import { DASHBOARDS, isRow, PANELS } from './placed.js';

test('there is one board for each question, under the uid that the alerts link to', () => {
  expect(DASHBOARDS.map(({ uid }) => uid)).toEqual(UIDS);
});

test.each(DASHBOARDS.map((board) => [board.uid, board] as const))('%s keeps every rule', (_, board) => {
  expect(lintBoard(board)).toEqual([]);
});

test('the first row of the overview tells whether every app is served, and what fires', () => {
  const [overview] = DASHBOARDS;
  const first = (overview?.panels ?? []).filter(({ gridPos }) => gridPos?.y === 1).map(({ title }) => title);
  expect(overview?.panels?.[0]?.title).toBe('Is every app being served?');
  expect(first).toEqual(['Apps now', 'Apps over time', 'Firing alerts']);
});

test('no panel is narrower than 5 columns but the single numbers: 300 px on a screen of 1440', () => {
  for (const { where, panel } of PANELS) {
    const least = panel.type === 'stat' ? 4 : 5;
    expect({ where, isWideEnough: (panel.gridPos?.w ?? 0) >= least }).toEqual({ where, isWideEnough: true });
  }
});

test('every kind of panel that the linter knows is in use', () => {
  expect([...new Set(PANELS.map(({ panel }) => panel.type))].sort()).toEqual([
    'heatmap',
    'stat',
    'state-timeline',
    'table',
    'timeseries',
  ]);
});

describe('the linter refuses', () => {
  /** A copy of the first board that has a panel of that kind, and that panel. */
  function copy(kind: string): { board: Dashboard; panel: Panel } {
    for (const original of DASHBOARDS) {
      const board = structuredClone(original);
      const panel = board.panels?.find((each): each is Panel => !isRow(each) && each.type === kind);
      if (panel !== undefined) return { board, panel };
    }
    throw new Error(`no board has a ${kind}`);
  }

  const KINDS = ['stat', 'table', 'timeseries', 'state-timeline', 'heatmap'];

  test.each(
    [
      ['no title', (panel: Panel) => delete panel.title, /has no title/],
      ['no advice', (panel: Panel) => (panel.description = '**Normal:** all is well.'), /does not say/],
      ['no unit', (panel: Panel) => delete panel.fieldConfig?.defaults.unit, /has no unit/],
      ['no thresholds', (panel: Panel) => delete panel.fieldConfig?.defaults.thresholds, /has no base colour/],
      [
        'a threshold of its own',
        (panel: Panel) => panel.fieldConfig?.defaults.thresholds?.steps.push({ value: 7, color: 'red' }),
        /has the threshold 7/,
      ],
      ['a named data source', (panel: Panel) => (panel.datasource = { uid: 'abc' }), /another data source/],
      ['no query', (panel: Panel) => (panel.targets = []), /asks nothing/],
      ['no id', (panel: Panel) => delete panel.id, /has no id/],
      [
        'a runbook that is none',
        (panel: Panel) => (panel.links = [{ url: `\${runbooks}/No.md` }] as never),
        /runbook of no alert: No/,
      ],
      [
        'the wrong kind of query',
        (panel: Panel) => {
          for (const target of (panel.targets ?? []) as unknown as { instant: boolean; range: boolean }[]) {
            [target.instant, target.range] = [target.range, target.instant];
          }
        },
        /may show an old value|asks for no range/,
      ],
    ].flatMap(([name, spoil, fault]) => KINDS.map((kind) => [name, kind, spoil, fault] as const)) as readonly [
      string,
      string,
      (panel: Panel) => unknown,
      RegExp,
    ][],
  )('%s on a %s', (_, kind, spoil, fault) => {
    const { board, panel } = copy(kind);
    spoil(panel);
    expect(lintBoard(board).join('; ')).toMatch(fault);
  });

  test.each<[string, string, (panel: Panel) => unknown, RegExp]>([
    ['lines over gaps', 'timeseries', ({ fieldConfig }) => (custom(fieldConfig).spanNulls = true), /draws over gaps/],
    ['states over gaps', 'state-timeline', ({ fieldConfig }) => (custom(fieldConfig).spanNulls = 6e4), /over gaps/],
    ['states without names', 'state-timeline', ({ fieldConfig }) => delete fieldConfig?.defaults.mappings, /names/],
    [
      'a number that hides "no data"',
      'stat',
      ({ fieldConfig }) => delete fieldConfig?.defaults.noValue,
      /does not say so/,
    ],
    ['numbers in no order', 'stat', spoilOrder, /the worst first/],
    ['buckets without a unit', 'heatmap', ({ options }) => delete options.yAxis.unit, /no unit for its buckets/],
    ['cells without a unit', 'heatmap', ({ options }) => delete options.cellValues.unit, /no unit for its cells/],
    ['guessed buckets', 'heatmap', ({ options }) => (options.calculate = true), /guesses buckets/],
    ['an unknown kind', 'stat', (panel) => (panel.type = 'gauge'), /unknown kind gauge/],
  ])('%s', (_, kind, spoil, fault) => {
    const { board, panel } = copy(kind);
    spoil(panel);
    expect(lintBoard(board).join('; ')).toMatch(fault);
  });

  test.each<[string, (board: Dashboard) => unknown, RegExp]>([
    ['an editable board', (board) => (board.editable = true), /editable/],
    ['a uid by chance', (board) => (board.uid = 'aZ09'), /uid/],
    ['other tags', (board) => board.tags?.pop(), /tags/],
    ['another time', (board) => (board.time = { from: 'now-1h', to: 'now' }), /6 hours/],
    ['another refresh', (board) => (board.refresh = '5s'), /30 s/],
    ['no shared crosshair', (board) => (board.graphTooltip = 0), /crosshair/],
    ['a missing variable', (board) => board.templating.list?.splice(2, 1), /variables are others/],
    ['an All that lists values', (board) => delete board.templating.list?.[1]?.allValue, /another All/],
    [
      'a variable that is asked once',
      (board) => Object.assign(board.templating.list?.[3] ?? {}, { refresh: 1 }),
      /again/,
    ],
    ['a missing annotation', (board) => board.annotations.list?.pop(), /annotations are others/],
    [
      'an annotation that is off',
      (board) => Object.assign(board.annotations.list?.[0] ?? {}, { enable: false }),
      /off/,
    ],
    ['links that lose the time', (board) => Object.assign(board.links?.[0] ?? {}, { keepTime: false }), /loses time/],
    ['no runbooks', (board) => board.links?.pop(), /runbooks are not linked/],
    ['two panels of one id', (board) => Object.assign(board.panels?.[1] ?? {}, { id: 2 }), /id 2 is there twice/],
    ['two panels of one title', (board) => Object.assign(board.panels?.[1] ?? {}, { title: 'Firing alerts' }), /twice/],
    ['panels over each other', (board) => Object.assign(board.panels?.[2]?.gridPos ?? {}, { x: 4 }), /overlap/],
    ['a panel that leaves the grid', (board) => Object.assign(board.panels?.[1]?.gridPos ?? {}, { w: 25 }), /outside/],
    ['a hole', (board) => board.panels?.splice(2, 1), /columns wide/],
    ['a collapsed row', (board) => Object.assign(board.panels?.[0] ?? {}, { collapsed: true }), /collapsed/],
  ])('%s', (_, spoil, fault) => {
    const { board } = copy('table');
    spoil(board);
    expect(lintBoard(board).join('; ')).toMatch(fault);
  });
});

test('a shelf that does not fill the width is refused when it is written', () => {
  const panel = stats({ id: 1, title: 'One', normal: 'one.', act: 'look.', unit: 'none', queries: [] });
  expect(() => shelf(4, [12, panel], [8, panel])).toThrow('a shelf is 24 columns wide, this one 20');
});

/** Takes the `sort` off the queries of a panel. */
function spoilOrder({ targets = [] }: Panel): void {
  for (const target of targets as unknown as { expr: string }[]) target.expr = target.expr.replace(/^sort/, '');
}

function custom(config: Panel['fieldConfig']): { spanNulls?: unknown } {
  return config?.defaults.custom as { spanNulls?: unknown };
}
