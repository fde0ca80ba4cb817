import type { TimeRange } from './answer.js';
import { clockTime } from './format.js';
import { type Box, colorOf, line, rect, THEME, text, widthOf } from './svg.js';

/** A stretch of time that an annotation marks; a moment if both are the same. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly color: string;
}

/** What all panels of a board are drawn with. */
export interface Scene {
  readonly range: TimeRange;
  readonly marks: readonly Mark[];
}

const AXIS_HEIGHT = 20;
const LEGEND_LINE = 18;

/** Where a moment is on the x axis of a plot. */
export function xOf(seconds: number, { start, end }: TimeRange, { x, w }: Box): number {
  return x + ((seconds - start) / (end - start)) * w;
}

/** The box of a plot inside its panel: room for the axes, and for a legend of so many lines. */
export function plotBox({ x, y, w, h }: Box, left: number, legendLines: number): Box {
  return { x: x + left, y: y + 4, w: w - left - 6, h: h - AXIS_HEIGHT - 4 - legendLines * LEGEND_LINE };
}

/** The time axis below a plot, its grid, and the marks of annotations. */
export function timeAxis(plot: Box, { range, marks }: Scene): string {
  const ticks = timeTicks(range, Math.max(2, Math.floor(plot.w / 56)));
  const bottom = plot.y + plot.h;
  return [
    ...ticks.flatMap((seconds) => {
      const x = xOf(seconds, range, plot);
      return [
        line(x, plot.y, x, bottom, THEME.grid),
        text(x, bottom + 15, clockTime(seconds), { size: 11, color: THEME.faint, anchor: 'middle' }),
      ];
    }),
    ...regions(marks).map(({ from, to, color }) => {
      const [x1, x2] = clamped(from, to, range, plot);
      const band = { x: x1 - 1, y: bottom, w: Math.max(x2 - x1, 2), h: 3 };
      return [
        rect({ x: x1, y: plot.y, w: x2 - x1, h: plot.h }, colorOf(color), { 'fill-opacity': 0.08 }),
        rect(band, colorOf(color)),
      ].join('');
    }),
    ...marks.map(({ from, to, color }) => {
      const [x] = clamped(from, to, range, plot);
      return line(x, plot.y, x, bottom, colorOf(color), { 'stroke-dasharray': '3 3', 'stroke-opacity': 0.7 });
    }),
  ].join('');
}

function clamped(from: number, to: number, range: TimeRange, plot: Box): readonly [x1: number, x2: number] {
  const inside = (at: number) => Math.min(Math.max(xOf(at, range, plot), plot.x), plot.x + plot.w);
  return [inside(from), inside(to)];
}

/** Marks of one colour that overlap, as one: ten alerts at once must not hide the curve. */
function regions(marks: readonly Mark[]): Mark[] {
  const merged: { from: number; to: number; color: string }[] = [];
  for (const { from, to, color } of [...marks].sort((a, b) => a.from - b.from)) {
    const open = merged.find((each) => each.color === color && from <= each.to);
    if (open === undefined) merged.push({ from, to, color });
    else open.to = Math.max(open.to, to);
  }
  return merged;
}

const MINUTE = 60;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * MINUTE);

function timeTicks({ start, end }: TimeRange, most: number): number[] {
  const step = STEPS.find((each) => (end - start) / each <= most) ?? 86_400;
  const first = Math.ceil(start / step) * step;
  const ticks: number[] = [];
  // Half a label stays free at both ends.
  const margin = (end - start) * 0.03;
  for (let at = first; at <= end; at += step) if (at - start >= margin && end - at >= margin) ticks.push(at);
  return ticks;
}

/** Round numbers from `low` to `high`, about so many, and the next one above; round in minutes and hours for durations. */
export function niceTicks(low: number, high: number, about: number, unit: string): number[] {
  const rough = (high - low || 1) / Math.max(about, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const decimal = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10);
  const step = roundStep(rough, unit) ?? decimal;
  const ticks: number[] = [];
  for (let i = Math.floor(low / step); i <= Math.ceil(high / step); i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

function roundStep(rough: number, unit: string): number | undefined {
  if (unit === 'bytes') return 2 ** Math.ceil(Math.log2(rough));
  return unit === 's' && rough > 5 ? DURATIONS.find((each) => each >= rough) : undefined;
}

/** Seconds that people count in. */
const DURATIONS = [10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

export interface LegendEntry {
  readonly name: string;
  readonly color: string;
  readonly isDashed?: boolean;
}

/** How many lines the legend needs in a width, two at most. */
export function legendLines(entries: readonly LegendEntry[], width: number): number {
  return Math.min(2, (layLegend(entries, width).at(-1)?.row ?? -1) + 1);
}

/** Names with their colours below a plot; what does not fit into two lines is counted. */
export function legend(entries: readonly LegendEntry[], { x, y, w }: Box): string {
  const placed = layLegend(entries, w).filter(({ row }) => row < 2);
  const left = entries.length - placed.length;
  const drawn = placed.map(({ entry, at, row, width }) => {
    const middle = y + row * LEGEND_LINE + 8;
    const dashes = entry.isDashed === true ? '4 3' : undefined;
    return [
      line(x + at, middle, x + at + 14, middle, entry.color, { 'stroke-width': 3, 'stroke-dasharray': dashes }),
      text(x + at + 20, middle + 4, entry.name, { size: 11.5, maxWidth: width }),
    ].join('');
  });
  if (left > 0)
    drawn.push(text(x + w, y + LEGEND_LINE + 12, `+ ${left}`, { size: 11, color: THEME.faint, anchor: 'end' }));
  return drawn.join('');
}

function layLegend(entries: readonly LegendEntry[], width: number) {
  let at = 0;
  let row = 0;
  return entries.map((entry) => {
    const own = Math.min(widthOf(entry.name, 11.5) + 2, 220);
    if (at > 0 && at + own + 40 > width) {
      at = 0;
      row += 1;
    }
    const place = { entry, at, row, width: Math.min(own + 8, width - 24) };
    at += own + 36;
    return place;
  });
}

/** What stands in a panel that has nothing to draw. */
export function nothing({ x, y, w, h }: Box, words: string): string {
  const width = widthOf(words, 13) + 16;
  return [
    rect({ x: x + (w - width) / 2, y: y + h / 2 - 12, w: width, h: 22 }, THEME.panel),
    text(x + w / 2, y + h / 2 + 4, words, { color: THEME.faint, anchor: 'middle', size: 13 }),
  ].join('');
}
