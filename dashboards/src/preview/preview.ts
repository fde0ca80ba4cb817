import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableValues } from '../interpolate.js';
import { type Answer, annotationsOf, isRow, type Question, questionOf, type TimeRange, targetsOf } from './answer.js';
import { type Asked, pointsOf, unbroken } from './asked.js';
import { drawHeatmap } from './draw-heatmap.js';
import { drawStat } from './draw-stat.js';
import { drawTable } from './draw-table.js';
import { drawTimeline } from './draw-timeline.js';
import { drawTimeseries } from './draw-timeseries.js';
import { clockTime } from './format.js';
import type { Mark, Scene } from './plot.js';
import { type Box, element, inset, rect, THEME, text, widthOf } from './svg.js';

export interface PreviewOptions {
  readonly range: TimeRange;
  /** Prometheus' answer to a question; see `questionsOf` for all that will be asked. */
  readonly answer: (question: Question) => Answer;
  readonly variables?: VariableValues;
  /** Draw only what begins above this line of Grafana's grid. Default: the whole board. */
  readonly untilLine?: number;
}

type Draw = (panel: Panel, asked: readonly Asked[], box: Box, scene: Scene) => string;

/** How each kind of panel is drawn. */
const KINDS: Readonly<Record<string, Draw>> = {
  stat: drawStat,
  timeseries: drawTimeseries,
  'state-timeline': drawTimeline,
  heatmap: drawHeatmap,
  table: drawTable,
};

const WIDTH = 1400;
const MARGIN = 16;
const GUTTER = 8;
const COLUMNS = 24;
const LINE_HEIGHT = 30;
const HEAD_HEIGHT = 62;
const FOOT_HEIGHT = 34;
const TITLE_HEIGHT = 32;

/**
 * A picture of a board with the answers of a Prometheus: layout, queries, units, colours, mappings and thresholds are
 * the board's; the pixels are ours and not Grafana's, and the picture says so. SVG, 1400 pixels wide.
 * @throws Error if the board has a kind of panel that it cannot draw.
 */
export function renderPreview(dashboard: Dashboard, options: PreviewOptions): string {
  const { range, untilLine = Number.POSITIVE_INFINITY } = options;
  const panels = (dashboard.panels ?? []).filter(({ gridPos }) => (gridPos?.y ?? 0) < untilLine);
  const scene: Scene = { range, marks: marksOf(dashboard, options) };
  const bottom = Math.max(HEAD_HEIGHT, ...panels.map((panel) => boxOf(panel).y + boxOf(panel).h));
  const height = bottom + FOOT_HEIGHT;
  const parts = panels.map((panel) => (isRow(panel) ? drawRow(panel) : drawPanel(panel, options, scene)));
  const content = [
    rect({ x: 0, y: 0, w: WIDTH, h: height }, THEME.canvas),
    head(dashboard, range),
    ...parts,
    foot(dashboard, height),
  ];
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      'font-family': THEME.font,
      role: 'img',
      'aria-label': `${dashboard.title}: ${dashboard.description}`,
    },
    ...content,
  )}\n`;
}

function boxOf({ gridPos }: Panel | RowPanel): Box {
  const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: COLUMNS, h: 1 };
  const column = (WIDTH - 2 * MARGIN + GUTTER) / COLUMNS;
  const unit = LINE_HEIGHT + GUTTER;
  return { x: MARGIN + x * column, y: HEAD_HEIGHT + y * unit, w: w * column - GUTTER, h: h * unit - GUTTER };
}

function drawRow(row: RowPanel): string {
  const { x, y, h } = boxOf(row);
  return [
    element('path', {
      d: `M${x + 4} ${y + h / 2 - 3}l5 5l5 -5`,
      fill: 'none',
      stroke: THEME.faint,
      'stroke-width': 1.5,
    }),
    text(x + 22, y + h / 2 + 5, row.title ?? '', { size: 15, weight: 500 }),
  ].join('');
}

function drawPanel(panel: Panel, { range, answer, variables = {} }: PreviewOptions, scene: Scene): string {
  const draw = KINDS[panel.type];
  if (draw === undefined) throw new Error(`a preview cannot draw a ${panel.type}`);
  const box = boxOf(panel);
  const asked = targetsOf(panel).map((target) => {
    const question = questionOf(panel, target, range, variables);
    return { target, series: answer(question).result, stepSeconds: question.stepSeconds };
  });
  const inside = inset({ ...box, y: box.y + TITLE_HEIGHT - 8, h: box.h - TITLE_HEIGHT + 8 }, 8);
  return element(
    'g',
    {},
    rect(box, THEME.panel, { stroke: THEME.border, rx: 3 }),
    text(box.x + 10, box.y + 21, panel.title ?? '', { size: 13.5, weight: 500, maxWidth: box.w - 20 }),
    draw(panel, asked, inside, scene),
  );
}

/** Regions of the annotations; where the values are the moments, each is a mark of its own. */
function marksOf(dashboard: Dashboard, { range, answer, variables = {} }: PreviewOptions): Mark[] {
  const { start, end } = range;
  return annotationsOf(dashboard, range, variables).flatMap(({ question, color, marksValues }) =>
    answer(question).result.flatMap((series) => {
      const points = pointsOf(series);
      if (marksValues) {
        const moments = new Set(points.map(({ value }) => value / 1000));
        return [...moments].filter((at) => at >= start && at <= end).map((at) => ({ from: at, to: at, color }));
      }
      const active = points.filter(({ value }) => value > 0);
      return unbroken(active, question.stepSeconds).map((run) => ({
        from: run[0]?.at ?? start,
        to: run.at(-1)?.at ?? end,
        color,
      }));
    }),
  );
}

function head({ title = '', description = '' }: Dashboard, { start, end }: TimeRange): string {
  const size = 20;
  return [
    text(MARGIN, 38, title, { size, weight: 500 }),
    text(MARGIN + widthOf(title, size) + 18, 38, description, { size: 14, color: THEME.faint }),
    text(
      WIDTH - MARGIN,
      38,
      `${new Date(start * 1000).toISOString().slice(0, 10)}  ${clockTime(start)} – ${clockTime(end)} UTC`,
      {
        size: 13,
        color: THEME.faint,
        anchor: 'end',
      },
    ),
  ].join('');
}

function foot({ uid = '' }: Dashboard, height: number): string {
  return text(
    MARGIN,
    height - 13,
    `Drawn from dashboards/${uid}.json and Prometheus' answers, not rendered by Grafana.`,
    {
      size: 11.5,
      color: THEME.faint,
    },
  );
}
