import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Asked, pointsOf, unbroken } from './asked.js';
import { fieldOf, nameOf, shown } from './field.js';
import { legend, legendLines, nothing, plotBox, type Scene, timeAxis, xOf } from './plot.js';
import { type Box, inkOn, rect, THEME, text, widthOf } from './svg.js';

/** One bar per series, in the colours of its states; nothing where there is no sample. */
export function drawTimeline(panel: Panel, asked: readonly Asked[], box: Box, scene: Scene): string {
  const { range } = scene;
  const rows = asked.flatMap(({ target, series, stepSeconds }) => {
    const field = fieldOf(panel, { refId: target.refId });
    return series.map((each) => ({ name: nameOf(each, target).trim(), field, stepSeconds, points: pointsOf(each) }));
  });
  if (rows.length === 0) return nothing(box, panel.fieldConfig?.defaults.noValue ?? 'No data');
  const seen = new Map<string, string>();
  for (const { points, field } of rows) {
    for (const { value } of points) seen.set(shown(value, field).text, shown(value, field).color);
  }
  const entries = [...seen].map(([name, color]) => ({ name, color }));
  const left = Math.min(Math.max(...rows.map(({ name }) => widthOf(name, 12))) + 12, box.w * 0.4);
  const plot = plotBox(box, left, legendLines(entries, box.w));
  const height = plot.h / rows.length;
  const bars = rows.map(({ name, field, points, stepSeconds }, i) => {
    const y = plot.y + i * height;
    const h = Math.min(height * 0.8, 40);
    const segments = unbroken(points, stepSeconds).flatMap((run) => merge(run, stepSeconds));
    return [
      text(plot.x - 8, y + height / 2 + 4, name, { anchor: 'end', maxWidth: left - 10 }),
      ...segments.map(({ from, to, value }) => {
        const { text: words, color } = shown(value, field);
        const [x1, x2] = [xOf(from, range, plot), Math.min(xOf(to, range, plot), plot.x + plot.w)];
        const fits = x2 - x1 > widthOf(words, 11) + 10 && h > 13;
        return [
          rect({ x: x1, y: y + (height - h) / 2, w: x2 - x1, h }, color, { 'fill-opacity': 0.85 }),
          fits ? text(x1 + 6, y + height / 2 + 4, words, { size: 11, color: inkOn(color) }) : '',
        ].join('');
      }),
    ].join('');
  });
  return [
    rect(plot, THEME.canvas, { 'fill-opacity': 0.4 }),
    timeAxis(plot, scene),
    ...bars,
    legend(entries, { ...box, y: plot.y + plot.h + 22 }),
  ].join('');
}

/** Neighbours of one value become one segment, which lasts until the next sample. */
function merge(run: readonly { readonly at: number; readonly value: number }[], stepSeconds: number) {
  const segments: { from: number; to: number; value: number }[] = [];
  for (const { at, value } of run) {
    const last = segments.at(-1);
    if (last?.value === value) last.to = at + stepSeconds;
    else segments.push({ from: at, to: at + stepSeconds, value });
  }
  return segments;
}
