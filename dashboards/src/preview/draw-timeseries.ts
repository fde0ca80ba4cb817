import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Asked, pointsOf, unbroken } from './asked.js';
import { colorsOf, fieldOf, nameOf } from './field.js';
import { format } from './format.js';
import { legend, legendLines, niceTicks, nothing, plotBox, type Scene, timeAxis, xOf } from './plot.js';
import { type Box, colorOf, element, line, rect, THEME, text, widthOf } from './svg.js';

/** Lines, or bars on top of each other, with the thresholds as dashed lines. */
export function drawTimeseries(panel: Panel, asked: readonly Asked[], box: Box, scene: Scene): string {
  const all = asked.flatMap(({ target, series, stepSeconds }) => {
    const field = fieldOf(panel, { refId: target.refId });
    return series.map((each) => ({ name: nameOf(each, target), field, stepSeconds, points: pointsOf(each) }));
  });
  const drawn = all.filter(({ points }) => points.length > 0);
  const palette = colorsOf(drawn.filter(({ field }) => field.fixedColor === null).map(({ name }) => name));
  const curves = drawn.map((curve) => ({
    ...curve,
    color: colorOf(curve.field.fixedColor ?? palette.get(curve.name) ?? THEME.text),
  }));
  const custom = panel.fieldConfig?.defaults.custom ?? {};
  const { unit, decimals, steps } = fieldOf(panel, {});
  const isStacked = custom.drawStyle === 'bars';
  const limits = custom.thresholdsStyle?.mode === 'dashed' ? steps.filter(({ value }) => value !== null) : [];

  const highest = Math.max(
    ...(isStacked ? heights(curves) : curves.flatMap(({ points }) => points.map((p) => p.value))),
  );
  const lowest = Math.min(0, ...curves.flatMap(({ points }) => points.map((p) => p.value)));
  const softMax: number = custom.axisSoftMax ?? Number.NEGATIVE_INFINITY;
  const reached = Math.max(softMax, curves.length === 0 ? 1 : highest);
  const top = reached > lowest ? reached : lowest + 1;
  const low = panel.fieldConfig?.defaults.min === 0 ? 0 : lowest;
  const isLogarithmic = custom.scaleDistribution?.type === 'symlog';
  const ticks = isLogarithmic ? powersTo(top) : niceTicks(low, top, Math.max(2, Math.floor(box.h / 45)), unit);
  const scale = isLogarithmic ? symlog : (value: number) => value;
  const [from = 0, to = 1] = [ticks[0], ticks.at(-1)];
  const labels = ticks.map((tick) => format(tick, unit, decimals));
  const left = Math.max(28, ...labels.map((label) => widthOf(label, 11) + 10));
  const plot = plotBox(box, left, legendLines(curves.map(entry), box.w));
  const y = (value: number) => plot.y + plot.h - ((scale(value) - scale(from)) / (scale(to) - scale(from))) * plot.h;

  const axis = ticks.map((tick, i) =>
    [
      line(plot.x, y(tick), plot.x + plot.w, y(tick), THEME.grid),
      text(plot.x - 6, y(tick) + 4, labels[i] ?? '', { size: 11, color: THEME.faint, anchor: 'end' }),
    ].join(''),
  );
  const thresholds = limits
    .filter(({ value }) => value !== null && value >= from && value <= to)
    .map(({ value, color }) =>
      line(plot.x, y(value ?? 0), plot.x + plot.w, y(value ?? 0), colorOf(color), {
        'stroke-dasharray': '8 6',
        'stroke-opacity': 0.8,
      }),
    );
  const ink = isStacked ? bars(curves, plot, scene, y) : curves.map((curve) => path(curve, plot, scene, y, custom));
  return [
    ...axis,
    timeAxis(plot, scene),
    ...thresholds,
    ...ink,
    curves.length === 0 ? nothing(plot, panel.fieldConfig?.defaults.noValue ?? 'No data') : '',
    legend(curves.map(entry), { ...box, y: plot.y + plot.h + 22 }),
  ].join('');
}

interface Curve {
  readonly name: string;
  readonly color: string;
  readonly field: { readonly isDashed: boolean; readonly fillOpacity: number };
  readonly stepSeconds: number;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

function entry({ name, color, field }: Curve) {
  return { name, color, isDashed: field.isDashed };
}

function path(
  curve: Curve,
  plot: Box,
  { range }: Scene,
  y: (v: number) => number,
  custom: { lineInterpolation?: string },
) {
  const runs = unbroken(curve.points, curve.stepSeconds).map((run) => {
    const corners = run.map(({ at, value }) => [xOf(at, range, plot), clamp(y(value), plot)] as const);
    const [first, last] = [corners[0], corners.at(-1)];
    if (first === undefined || last === undefined) return '';
    if (corners.length === 1) return element('circle', { cx: first[0], cy: first[1], r: 2.5, fill: curve.color });
    const isStepped = custom.lineInterpolation === 'stepAfter';
    const way = corners
      .map(([px, py], i) =>
        i === 0
          ? `M${px.toFixed(1)} ${py.toFixed(1)}`
          : isStepped
            ? `H${px.toFixed(1)}V${py.toFixed(1)}`
            : `L${px.toFixed(1)} ${py.toFixed(1)}`,
      )
      .join('');
    const floor = plot.y + plot.h;
    const area = `${way}L${last[0].toFixed(1)} ${floor}L${first[0].toFixed(1)} ${floor}Z`;
    return [
      curve.field.fillOpacity > 0
        ? element('path', { d: area, fill: curve.color, 'fill-opacity': curve.field.fillOpacity / 100 })
        : '',
      element('path', {
        d: way,
        fill: 'none',
        stroke: curve.color,
        'stroke-width': 1.5,
        'stroke-linejoin': 'round',
        'stroke-dasharray': curve.field.isDashed ? '8 6' : undefined,
      }),
    ].join('');
  });
  return runs.join('');
}

function bars(curves: readonly Curve[], plot: Box, { range }: Scene, y: (v: number) => number): string[] {
  const base = new Map<number, number>();
  return curves.map(({ color, points, stepSeconds }) => {
    const width = Math.max(1, (plot.w * stepSeconds) / (range.end - range.start) - 0.5);
    return points
      .map(({ at, value }) => {
        const below = base.get(at) ?? 0;
        base.set(at, below + value);
        const top = clamp(y(below + value), plot);
        const x = Math.min(Math.max(xOf(at, range, plot) - width / 2, plot.x), plot.x + plot.w - width);
        return rect({ x, y: top, w: width, h: clamp(y(below), plot) - top }, color, { 'fill-opacity': 0.85 });
      })
      .join('');
  });
}

/** Linear up to 1, logarithmic beyond: zero has a place. */
function symlog(value: number): number {
  return Math.abs(value) <= 1 ? value : Math.sign(value) * (1 + Math.log10(Math.abs(value)));
}

function powersTo(top: number): number[] {
  const powers = Math.max(1, Math.ceil(Math.log10(Math.max(top, 1))));
  return [0, ...Array.from({ length: powers + 1 }, (_, i) => 10 ** i)];
}

function heights(curves: readonly Curve[]): number[] {
  const sums = new Map<number, number>();
  for (const { points } of curves) for (const { at, value } of points) sums.set(at, (sums.get(at) ?? 0) + value);
  return [...sums.values()];
}

function clamp(y: number, plot: Box): number {
  return Math.min(Math.max(y, plot.y), plot.y + plot.h);
}
